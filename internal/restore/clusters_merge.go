package restore

import (
	"cmp"
	"slices"

	"golang.org/x/sync/errgroup"
)

// merge makes one list of what the APIs have. A cluster that two of them list, as an
// instance that was migrated can be, counts for the one that outlives the other. That
// an API is not offered, or the serverless one is gone or knows nothing of the project, is
// no failure.
func (s *Service) merge(apis []Tier, lists [][]*Cluster, failures []error) ([]*Cluster, []error) {
	byName := make(map[string]*Cluster)
	var failed []error
	for i, api := range apis {
		if err := failures[i]; err != nil {
			switch verdict := judge(api, err); {
			case verdict == disowns, api == Serverless && (verdict == gone || verdict == unclear):
			default:
				failed = append(failed, err)
			}
			continue
		}
		for _, c := range lists[i] {
			if first, listed := byName[c.Name]; listed {
				// Two APIs have it: which of them to ask is for a search to find out.
				s.tiers.removeTier(first.ClusterKey)
				continue
			}
			byName[c.Name] = c
			s.tiers.setTier(c.ClusterKey, api)
		}
	}
	all := make([]*Cluster, 0, len(byName))
	for _, c := range byName {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Cluster) int { return cmp.Compare(a.Name, b.Name) })
	return all, failed
}

// concurrently calls f for 0 to n-1, at most limit at once, and waits for all of them.
func concurrently(n, limit int, f func(int)) {
	var calls errgroup.Group
	calls.SetLimit(limit)
	for i := range n {
		calls.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = calls.Wait()
}
