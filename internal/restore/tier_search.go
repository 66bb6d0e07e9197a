package restore

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// verdict is what an answer says about whether an API has a cluster.
type verdict int

const (
	// owns: the API has the cluster; the answer, or the error, is the answer.
	owns verdict = iota
	// disowns: the API says that it has no such cluster, or not of its kind.
	disowns
	// gone: the API itself was retired.
	gone
	// unclear: not found, and the answer does not say what.
	unclear
	// failed: the answer does not tell whether the API has the cluster: it is not Atlas's
	// own, or refuses. Others may have it.
	failed
	// stop: the failure has nothing to do with where the cluster is.
	stop
)

// judge reads a verdict from an answer. A failure never means that something is not
// there, and one that may pass ends the search: others would be asked in vain, and more
// calls are what an upstream in trouble needs least.
func judge(api Tier, err error) verdict {
	if err == nil {
		return owns
	}
	e := atlas.AnswerOf(err)
	switch {
	case e == nil && isPage(err):
		return failed
	case e == nil || !saysWhat(e) || everywhere[e.ErrorCode]:
		return stop
	case isNotHere(api, e.ErrorCode):
		return disowns
	case goneJobs[e.ErrorCode], goneSnapshots[e.ErrorCode], noBackups[e.ErrorCode]:
		return owns
	case e.Status == http.StatusGone && api == Serverless:
		return gone
	case e.Status == http.StatusNotFound:
		return unclear
	default:
		return failed
	}
}

// isPage reports whether something before Atlas answered for good, as a proxy does that
// does not let a path pass. From 500 on it may be another answer the next time.
func isPage(err error) bool {
	var e *atlas.Error
	return atlas.IsForeign(err) && errors.As(err, &e) && e.Status < http.StatusInternalServerError
}

// find asks the APIs in turn until one has the cluster, and remembers which: the
// next question about the cluster is one call. Of several that ask about a cluster
// nobody knows yet, one goes ahead and the others follow where it led.
func find[T any](ctx context.Context, s *Service, cluster ClusterKey, ask func(context.Context, Tier) (T, error)) (value T, err error) {
	known := s.tiers.tier(cluster)
	if known != AnyTier {
		value, _, err = search(ctx, s, cluster, known, ask)
		return value, err
	}
	running, started := s.tiers.joinSearch(cluster)
	if started {
		var missing error
		// Also after a panic: otherwise the other callers would wait for ever.
		defer func() { s.tiers.endSearch(cluster, running, missing) }()
		value, isMissing, err := search(ctx, s, cluster, AnyTier, ask)
		if isMissing {
			missing = err
		}
		return value, err
	}
	if _, err := running.Wait(ctx); err != nil {
		return value, err
	}
	// When that search failed each caller makes its own: one behind the other would add up the timeouts of a slow
	// Atlas.
	value, _, err = search(ctx, s, cluster, s.tiers.tier(cluster), ask)
	return value, err
}

// search is the asking itself, the known API first. Missing is whether every API has
// said that it does not have the cluster. An API that failed may have what the others do
// not: then its failure is the answer, unless another one has it. And nothing is learned of
// what the others lack, so that the answer is the same the next time.
func search[T any](ctx context.Context, s *Service, cluster ClusterKey, known Tier, ask func(context.Context, Tier) (T, error)) (value T, missing bool, err error) {
	var none T
	var refusals []refusal
	var failures []error
	asked := make([]Tier, 0, 3)
	for _, api := range s.candidates(cluster.GroupID, known) {
		if slices.Contains(asked, api) {
			continue
		}
		asked = append(asked, api)
		value, err := ask(ctx, api)
		verdict := judge(api, err)
		failure := FirstFailure(failures...)
		switch verdict {
		case owns:
			if failure != nil {
				if err != nil {
					return none, false, failure
				}
				if results, ok := any(value).(partial); ok && results.replaceAbsences(failure) {
					return value, false, nil
				}
			}
			s.tiers.setTier(cluster, api)
			return value, false, err
		case stop:
			if failure != nil && isAbsence(err) {
				return none, false, failure
			}
			return none, false, err
		case gone:
			s.tiers.setServerlessRetired(cluster.GroupID)
		case failed:
			failures = append(failures, err)
		case disowns, unclear:
		}
		refusals = append(refusals, refusal{api, verdict, err})
	}
	if failure := FirstFailure(failures...); failure != nil {
		return none, false, failure
	}
	s.tiers.removeTier(cluster)
	missing, err = s.conclude(cluster, refusals)
	return none, missing, err
}

// partial is an answer of which some can be missing.
type partial interface {
	// replaceAbsences gives what this API does not have the failure of another one, which may
	// have it. It reports whether there is any.
	replaceAbsences(failure error) bool
}

// candidates are the APIs to ask, in the order to ask them.
func (s *Service) candidates(groupID string, known Tier) []Tier {
	all := make([]Tier, 0, 4)
	if known != AnyTier {
		all = append(all, known)
	}
	if s.mode != ServerlessOff && !s.tiers.isServerlessRetired(groupID) {
		all = append(all, Serverless)
	}
	return append(all, Flex, Dedicated)
}

// refusal is the answer of an API that does not have the cluster, as far as it says.
type refusal struct {
	api     Tier
	verdict verdict
	err     error
}

// conclude picks the one error of a search in which nobody had anything, and whether
// it says that there is no such cluster. Who did not disown the cluster has it: a
// missing job gets the code of that API, and not of the one that happened to be asked
// last.
func (s *Service) conclude(cluster ClusterKey, refusals []refusal) (missing bool, err error) {
	for _, r := range refusals {
		if atlas.CodeOf(r.err) != codeFlexInClusters {
			continue
		}
		for _, flex := range refusals {
			if flex.api == Flex {
				s.tiers.setTier(cluster, Flex)
				return false, flex.err
			}
		}
	}
	for _, r := range refusals {
		if r.verdict == unclear {
			return false, r.err
		}
	}
	// Everybody disowns it. What says not found is clearer than what says wrong API.
	for _, r := range slices.Backward(refusals) {
		if atlas.IsNotFound(r.err) {
			return true, r.err
		}
	}
	return true, refusals[len(refusals)-1].err
}
