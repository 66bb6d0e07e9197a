package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// Clusters are the clusters of a project, by name, and the errors of lists that failed: the clusters of other APIs are
// there all the same. A failure is an *UnreadError where it is that of one cluster.
type Clusters struct {
	Clusters []*Cluster
	Failures []error
}

// Clusters reads all clusters of a project, by two or three calls and one more for each 500 clusters. It is an error
// when there are none and an API could not be read.
func (s *Service) Clusters(ctx context.Context, groupID string) (*Clusters, error) {
	tiers := []Tier{Flex, Dedicated}
	if s.mode != ServerlessOff && !s.tiers.isServerlessRetired(groupID) {
		tiers = append(tiers, Serverless)
	}
	lists, malformed := make([][]*Cluster, len(tiers)), make([][]error, len(tiers))
	failures := make([]error, len(tiers))
	concurrently(len(tiers), len(tiers), func(i int) {
		lists[i], malformed[i], failures[i] = s.allClusters(ctx, tiers[i], groupID)
	})
	all, failed := s.mergeClusters(tiers, lists, failures)
	failed = append(failed, slices.Concat(malformed...)...)
	if len(all) == 0 && len(failed) > 0 {
		return nil, FirstFailure(failed...)
	}
	return &Clusters{all, failed}, nil
}

// MayHide returns the failure because of which the cluster of this name may be missing, or nil. A list that does not
// exist hides no cluster, and a cluster that is known by name and could not be decoded hides itself alone.
func (c *Clusters) MayHide(name string) error {
	var failures []error
	for _, err := range c.Failures {
		if unread := AsUnreadError(err); unread.ClusterName == "" || unread.ClusterName == name {
			failures = append(failures, unread.Err)
		}
	}
	failure := FirstFailure(failures...)
	if failure != nil && isMissing(failure) {
		return nil
	}
	return failure
}

var errNoName = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("a cluster of the list has no name")}

// allClusters lists the clusters of one API to the end, and the errors of those that cannot be decoded: an *UnreadError
// where the name can be read.
func (s *Service) allClusters(ctx context.Context,
	tier Tier, groupID string) (all []*Cluster, malformed []error, err error) {
	err = eachPage(ctx, func(ctx context.Context, o atlas.ListOptions) (*page[*Cluster], error) {
		return s.listClusters(ctx, tier, groupID, o)
	}, func(c *Cluster) string { return cmp.Or(c.ID, c.Name) }, func(p *page[*Cluster]) bool {
		if p.unidentified != nil {
			malformed = append(malformed, p.unidentified)
		}
		for _, c := range p.items {
			switch {
			case c.Name == "":
				malformed = append(malformed, errNoName)
			case c.Err != nil:
				malformed = append(malformed, &UnreadError{ClusterName: c.Name, Err: c.Err})
			default:
				all = append(all, c)
			}
		}
		return true
	})
	return all, malformed, err
}

func (s *Service) listClusters(ctx context.Context,
	tier Tier, groupID string, o atlas.ListOptions) (*page[*Cluster], error) {
	key := ClusterKey{GroupID: groupID}
	return clusterAPIs[tier].cachedList(ctx, s, s.cache.clusterPages, pageKey(tier, key, o), groupID)
}

// ClustersNamed reads several clusters of one project: one or two by calls of their own, more of them by listing. A
// cluster that does not exist is missing from the result. Where that is not known, the cluster has an Err.
func (s *Service) ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*Cluster, error) {
	found := make(map[string]*Cluster, len(names))
	unread := func(name string, err error) {
		found[name] = &Cluster{ClusterKey: ClusterKey{groupID, name}, Err: err}
	}
	if len(names) <= 2 {
		for _, name := range names {
			c, err := s.Cluster(ctx, ClusterKey{groupID, name})
			switch {
			case err == nil:
				found[name] = c
			case !atlas.IsNotFound(err):
				unread(name, err)
			}
		}
		return found, nil
	}
	all, err := s.Clusters(ctx, groupID)
	if atlas.IsNotFound(err) {
		return found, nil // no project, and so no cluster
	} else if err != nil {
		return nil, err
	}
	for _, c := range all.Clusters {
		found[c.Name] = c
	}
	// A cluster on no list may be on the one that could not be read.
	for _, name := range names {
		if failure := all.MayHide(name); found[name] == nil && failure != nil {
			unread(name, failure)
		}
	}
	return found, nil
}

// mergeClusters makes one list of those of the APIs. A cluster that two of them list, as an instance that was migrated
// can be, counts for the API that outlives the other one. It is no failure that an API is not offered, or that the
// serverless one is retired or does not know the project.
func (s *Service) mergeClusters(tiers []Tier, lists [][]*Cluster, failures []error) ([]*Cluster, []error) {
	byName := make(map[string]*Cluster)
	var failed []error
	for i, tier := range tiers {
		if err := failures[i]; err != nil {
			switch outcome := classify(tier, err); {
			case outcome == outcomeNotHere, tier == Serverless && (outcome == outcomeRetired || outcome == outcomeUnclear):
			default:
				failed = append(failed, err)
			}
			continue
		}
		for _, c := range lists[i] {
			if first, listed := byName[c.Name]; listed {
				// Two APIs have it: a search has to find out which one to ask.
				s.tiers.removeTier(first.ClusterKey)
				continue
			}
			byName[c.Name] = c
			s.tiers.setTier(c.ClusterKey, tier)
			if c.Free {
				s.tiers.setNoCollections(c.ClusterKey)
			}
		}
	}
	all := make([]*Cluster, 0, len(byName))
	for _, c := range byName {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Cluster) int { return cmp.Compare(a.Name, b.Name) })
	return all, failed
}
