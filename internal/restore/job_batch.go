package restore

import (
	"context"
	"errors"

	"atlas-restore-gateway/internal/atlas"
)

// batchConcurrency is how many jobs of a batch are fetched at once, where they are
// fetched one by one.
const batchConcurrency = 16

// JobResult is a job of a batch, or why it could not be read.
type JobResult struct {
	Job *Job
	Err error
}

// BatchedJobs reads several jobs of one cluster, of a tier as for Service.Job. The calls are
// those that are cheaper: pages of the list and one for each job that is not there, or one for
// each job. The result holds every id.
func (s *Service) BatchedJobs(ctx context.Context, tier Tier, cluster ClusterKey, ids []string) (map[string]JobResult, error) {
	if s.isOnly(tier) {
		return s.batchedJobs(ctx, tier, cluster, ids)
	}
	return askTiers(ctx, s, cluster, func(ctx context.Context, tier Tier) (batchResults, error) {
		return s.batchedJobs(ctx, tier, cluster, ids)
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

func (s *Service) batchedJobs(ctx context.Context, tier Tier, cluster ClusterKey, ids []string) (map[string]JobResult, error) {
	results := make(map[string]JobResult, len(ids))
	left := make([]string, 0, len(ids))
	for _, id := range ids {
		if job, ok := s.cache.jobs.Peek(ctx, jobKey(tier, Key{cluster.GroupID, cluster.Name, id})); ok {
			s.cache.jobs.CountHit()
			results[id] = JobResult{Job: job}
		} else {
			left = append(left, id)
		}
	}
	left, err := s.readPages(ctx, tier, cluster, left, results, atlas.MaxItemsPerPage)
	if err != nil {
		return nil, err
	}
	return results, s.readEach(ctx, tier, cluster, left, results)
}

// listThem reads pages of the list as long as that pays, puts the jobs that stand there
// into results, and gives the ids that are left to be read one by one.
//
// A list is one call, as is a job. So a page pays when two jobs or more stand on it, as
// far as the timeline tells. Where it has to guess, two calls for two jobs are a sure
// thing, and from three on the page is a good bet; where nobody knows anything of the
// cluster it is the one of the newest 500. A bet can be lost: after that there is one
// more, on what the lost one has taught. Thin is how thin the jobs may lie on a page that
// is worth it: one in so many.
func (s *Service) readPages(ctx context.Context, tier Tier, cluster ClusterKey, ids []string, results map[string]JobResult, minDensity int) ([]string, error) {
	list := jobList{tier, cluster}
	for misses := 0; len(ids) > 1 && misses < 2; {
		pick := s.indexes.pick(list, ids)
		o := listOptions(pick.Page)
		if misses == 0 && isAmongNewest(o) && s.isPageFree(ctx, tier, cluster, newestPage) {
			o = newestPage
		} else if n := pick.Expected; n < 2 || !pick.Certain && n < 3 || n*minDensity < o.ItemsPerPage {
			break
		}
		p, err := s.listJobs(ctx, tier, cluster, o)
		if isMalformed(err) {
			// A list that cannot be understood must not hide its jobs.
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

func isAmongNewest(o atlas.ListOptions) bool {
	return o.PageNum*o.ItemsPerPage <= atlas.MaxItemsPerPage
}

// takeFound takes what the page holds, and gives the ids that it does not.
func takeFound(results map[string]JobResult, p *page[*Job], ids []string) []string {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	for _, job := range p.items {
		// One that cannot be decoded is asked for by itself: its error is its own.
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

// getEach reads jobs one by one. When an answer says that the API does not have the
// cluster, that is the answer for all of them.
func (s *Service) readEach(ctx context.Context, tier Tier, cluster ClusterKey, ids []string, results map[string]JobResult) error {
	if len(ids) == 0 {
		return nil
	}
	got := make([]JobResult, len(ids))
	get := func(i int) {
		got[i].Job, got[i].Err = s.cachedJob(ctx, tier, Key{cluster.GroupID, cluster.Name, ids[i]}, s.readJob)
	}
	// Where it is not known whether the API has the cluster the first goes by itself:
	// an API without it is asked once, not once a job, and one that does not say so twice.
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
	verdicts := make(map[outcome]int)
	errs := make([]error, len(ids))
	for i, id := range ids {
		results[id], errs[i] = got[i], got[i].Err
		verdicts[classify(tier, got[i].Err)]++
	}
	if verdicts[outcomeFound]+verdicts[outcomeStop] == 0 && len(results) == len(ids) {
		// No answer says that the cluster is here: the search goes on.
		return FirstFailure(errs...)
	}
	return nil
}

// maxProbes is how many jobs an API is asked for one by one before it has said that it has
// their cluster.
const maxProbes = 2

func isMalformed(err error) bool {
	var e *atlas.Error
	return errors.As(err, &e) && e.Kind == atlas.KindMalformed
}
