package restore

import (
	"context"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// askTiers asks the APIs in turn until one has the cluster, and caches which: the next request for the cluster is one
// call. Of concurrent requests for a cluster whose tier is not known the first one searches, and the others wait and
// then ask the API that has it.
func askTiers[T any](ctx context.Context,
	s *Service, cluster ClusterKey, ask func(context.Context, Tier) (T, error)) (value T, err error) {
	known := s.tiers.tier(cluster)
	if known != AnyTier {
		value, _, err = searchTiers(ctx, s, cluster, known, ask)
		return value, err
	}
	running, started := s.tiers.joinSearch(cluster)
	if started {
		var missing error
		// Also after a panic: otherwise the other callers would wait for ever.
		defer func() {
			s.tiers.endSearch(cluster, running, missing)
			s.tiers.release(cluster)
		}()
		value, inNoTier, err := searchTiers(ctx, s, cluster, s.tiers.fetch(ctx, cluster), ask)
		if inNoTier {
			missing = err
		}
		return value, err
	}
	if _, err := running.Wait(ctx); err != nil {
		return value, err
	}
	// When that search failed each caller makes its own: one behind the other would add up the timeouts of a slow Atlas.
	value, _, err = searchTiers(ctx, s, cluster, s.tiers.tier(cluster), ask)
	return value, err
}

// searchTiers asks the APIs in turn, that of the known tier first, and reports whether every one has said that it does
// not have the cluster. An API that failed may have what the others do not: its failure is the answer, unless another
// API has the cluster. Then nothing is cached of what the others do not have, so that the answer is the same the next
// time.
func searchTiers[T any](
	ctx context.Context, s *Service, cluster ClusterKey, known Tier, ask func(context.Context, Tier) (T, error),
) (value T, inNoTier bool, err error) {
	var none T
	var answers []tierAnswer
	var failures []error
	asked := make([]Tier, 0, 3)
	for _, tier := range s.tiersToAsk(cluster.GroupID, known) {
		if slices.Contains(asked, tier) {
			continue
		}
		asked = append(asked, tier)
		value, err := ask(ctx, tier)
		outcome := classify(tier, err)
		failure := FirstFailure(failures...)
		switch outcome {
		case outcomeFound:
			if failure != nil {
				if err != nil {
					return none, false, failure
				}
				if results, ok := any(value).(partialResult); ok && results.replaceMissing(failure) {
					return value, false, nil
				}
			}
			s.tiers.setTier(cluster, tier)
			return value, false, err
		case outcomeStop:
			if failure != nil && isMissing(err) {
				return none, false, failure
			}
			return none, false, err
		case outcomeRetired:
			s.tiers.setServerlessRetired(cluster.GroupID)
		case outcomeFailed:
			failures = append(failures, err)
		case outcomeNotHere, outcomeUnclear:
		}
		answers = append(answers, tierAnswer{tier, outcome, err})
	}
	if failure := FirstFailure(failures...); failure != nil {
		return none, false, failure
	}
	s.tiers.removeTier(cluster)
	inNoTier, err = s.missingError(cluster, answers)
	return none, inNoTier, err
}

// partialResult is an answer of which parts can be missing.
type partialResult interface {
	// replaceMissing replaces the parts that this API does not have by the failure of another one, which may have them.
	// It reports whether there are any.
	replaceMissing(failure error) bool
}

// tiersToAsk returns the APIs that can have a cluster, in the order to ask them. It may return one twice.
func (s *Service) tiersToAsk(groupID string, known Tier) []Tier {
	all := make([]Tier, 0, 4)
	if known != AnyTier {
		all = append(all, known)
	}
	if s.mode != ServerlessOff && !s.tiers.isServerlessRetired(groupID) {
		all = append(all, Serverless)
	}
	return append(all, Flex, Dedicated)
}

// tierAnswer is the answer of an API that does not have the cluster, as far as it says.
type tierAnswer struct {
	tier    Tier
	outcome outcome
	err     error
}

// missingError returns the error of a search in which no API had anything, and reports whether the error says that
// there is no such cluster. An API that does not say that it does not have the cluster has it: a missing job gets the
// code of that API, and not that of the last one that was asked.
func (s *Service) missingError(cluster ClusterKey, answers []tierAnswer) (inNoTier bool, err error) {
	for _, answer := range answers {
		if atlas.CodeOf(answer.err) != codeFlexInClusters {
			continue
		}
		for _, flex := range answers {
			if flex.tier == Flex {
				s.tiers.setTier(cluster, Flex)
				return false, flex.err
			}
		}
	}
	for _, answer := range answers {
		if answer.outcome == outcomeUnclear {
			return false, answer.err
		}
	}
	// No API has it. An error that says not found is clearer than one that says wrong API.
	for _, answer := range slices.Backward(answers) {
		if atlas.IsNotFound(answer.err) {
			return true, answer.err
		}
	}
	return true, answers[len(answers)-1].err
}
