package restore

import (
	"context"
	"errors"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/jobindex"
)

// batchConcurrency bounds the concurrent calls for jobs of a batch that are read by themselves.
const batchConcurrency = 16

// JobResult is a job of a batch, or the error because of which it could not be read.
type JobResult struct {
	Job *Job
	Err error
}

// BatchedJobs reads several jobs of one cluster, of a tier as for Service.Job. It makes as few calls as it can: for
// pages of the list and for each job that is not on them, or for each job. The result holds every id.
func (s *Service) BatchedJobs(ctx context.Context,
	tier Tier, cluster ClusterKey, ids []string) (map[string]JobResult, error) {
	if s.isOnly(tier) {
		return s.batchedJobs(ctx, tier, cluster, ids)
	}
	return askTiers(ctx, s, cluster, func(ctx context.Context, of Tier) (batchResults, error) {
		results, err := s.batchedJobs(ctx, of, cluster, ids)
		if tier == AnyTier && of == Dedicated {
			return s.addCollections(ctx, cluster, ids, results, err)
		}
		return results, err
	})
}

// batchResults are the results of a batch, by id.
type batchResults map[string]JobResult

func (r batchResults) replaceMissing(failure error) (replaced bool) {
	for id, result := range r {
		if result.Err != nil && isMissing(result.Err) {
			r[id], replaced = JobResult{Err: failure}, true
		}
	}
	return replaced
}

func (s *Service) batchedJobs(ctx context.Context,
	tier Tier, cluster ClusterKey, ids []string) (map[string]JobResult, error) {
	results := make(map[string]JobResult, len(ids))
	find := func(ids []string) (left []string) {
		for _, id := range ids {
			if job, ok := s.findJob(ctx, tier, Key{cluster.GroupID, cluster.Name, id}); ok {
				results[id] = JobResult{Job: job}
			} else {
				left = append(left, id)
			}
		}
		return left
	}
	left := find(ids)
	if len(left) > 0 && s.fetchPages(ctx, jobList{tier, cluster}) {
		left = find(left)
	}
	left, err := s.readPages(ctx, tier, cluster, left, results, atlas.MaxItemsPerPage)
	if err != nil {
		return nil, err
	}
	return results, s.readEach(ctx, tier, cluster, left, results)
}

// readPages reads pages of the list as long as that saves calls, puts the jobs that stand on them into results, and
// returns the ids that are left to be read by themselves.
//
// A page is one call, as is a job. So a page saves calls if at least two jobs stand on it. Where the job index has to
// guess which page that is, it must expect at least three; where it knows nothing of the cluster, the page is that of
// the newest 500. After a page on which none of the jobs stand the index, which has learned it, gets one more try. At
// least one job in minDensity must be wanted of a page.
func (s *Service) readPages(
	ctx context.Context, tier Tier, cluster ClusterKey, ids []string, results map[string]JobResult, minDensity int,
) ([]string, error) {
	list := jobList{tier, cluster}
	for misses := 0; len(ids) > 1 && misses < 2; {
		pick := s.indexes.pick(list, ids)
		o, saves := s.pageOf(ctx, list, pick, misses == 0, minDensity)
		if !saves {
			break
		}
		p, err := s.listJobs(ctx, tier, cluster, o)
		if isMalformed(err) {
			// The jobs can still be read by themselves.
			break
		}
		if err != nil {
			return nil, err
		}
		if !pick.Certain {
			// The page may have been cached for longer than what the index learned of it.
			s.indexes.learn(list, o, p)
		}
		wanted := len(ids)
		if ids = takeFound(results, p, ids); len(ids) == wanted {
			misses++
		}
		s.indexes.miss(list, ids, o, p)
	}
	return ids, nil
}

// pageOf returns the page to read for a pick, and reports whether it is worth a call. The first page that is read for a
// batch may be the newest one, where that costs no call.
func (s *Service) pageOf(
	ctx context.Context, list jobList, pick jobindex.Pick, first bool, minDensity int,
) (o atlas.ListOptions, saves bool) {
	o = listOptions(pick.Page)
	for _, newest := range newestPages {
		if first && o.PageNum*o.ItemsPerPage <= newest.ItemsPerPage && s.isPageFree(ctx, list.tier, list.cluster, newest) {
			return newest, len(pick.IDs) > 0
		}
	}
	n := len(pick.IDs)
	return o, n > 1 && (pick.Certain || n > 2) && n*minDensity >= o.ItemsPerPage
}

// takeFound puts the jobs that stand on the page into results, and returns the other ids.
func takeFound(results map[string]JobResult, p *page[*Job], ids []string) []string {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	for _, job := range p.items {
		// A job that cannot be decoded is read by itself: its error is its own.
		if wanted[job.JobID] && job.Err == nil {
			results[job.JobID] = JobResult{Job: job}
			delete(wanted, job.JobID)
		}
	}
	left := ids[:0]
	for _, id := range ids {
		if wanted[id] {
			left = append(left, id)
		}
	}
	return left
}

// readEach reads each job by itself. An answer that says that the API does not have the cluster is the answer for all.
func (s *Service) readEach(ctx context.Context,
	tier Tier, cluster ClusterKey, ids []string, results map[string]JobResult) error {
	if len(ids) == 0 {
		return nil
	}
	got := make([]JobResult, len(ids))
	get := func(i int) {
		got[i].Job, got[i].Err = s.cachedJob(ctx, tier, Key{cluster.GroupID, cluster.Name, ids[i]}, s.readJob)
	}
	// Where it is not known whether the API has the cluster, one job is asked for first: an API without the cluster is
	// asked once and not once for each job, and one that does not tell twice.
	first := 0
	for unknown := len(results) == 0 && s.tiers.tier(cluster) != tier; unknown && first < min(maxProbes, len(ids)); {
		get(first)
		switch classify(tier, got[first].Err) {
		case outcomeNotHere, outcomeRetired:
			return got[first].Err
		case outcomeFailed:
		case outcomeFound, outcomeUnclear, outcomeStop:
			unknown = false
		}
		if first++; unknown && first == maxProbes {
			return FirstFailure(got[0].Err, got[1].Err)
		}
	}
	concurrently(len(ids)-first, batchConcurrency, func(i int) { get(first + i) })
	outcomes := make(map[outcome]int)
	errs := make([]error, len(ids))
	for i, id := range ids {
		results[id], errs[i] = got[i], got[i].Err
		outcomes[classify(tier, got[i].Err)]++
	}
	if outcomes[outcomeFound]+outcomes[outcomeStop] == 0 && len(results) == len(ids) {
		// No answer says that the API has the cluster: the search goes on.
		return FirstFailure(errs...)
	}
	return nil
}

// maxProbes is how many jobs an API is asked for, one after another, as long as it does not tell whether it has their
// cluster.
const maxProbes = 2

func isMalformed(err error) bool {
	var e *atlas.Error
	return errors.As(err, &e) && e.Kind == atlas.KindMalformed
}
