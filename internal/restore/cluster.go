package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Cluster is one cluster, or one serverless instance. A nil field is one that Atlas
// left out, or that the API does not have.
type Cluster struct {
	ClusterKey
	ID       string
	ServedBy Tier
	// Free is true of an M0 cluster. Atlas makes no backups of those.
	Free bool

	StateName      *string
	MongoDBVersion *string
	ClusterType    *string
	CreateDate     *time.Time
	Links          []atlas.Link

	// Err is why the cluster could not be read, or nil. ClustersNamed alone returns such a
	// cluster, of which only the ClusterKey is known.
	Err error
}

func clusterFromServerless(key ClusterKey, from *atlas.ServerlessInstance) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, orElse(from.Name, key.Name)}, ID: from.ID, ServedBy: Serverless,
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, CreateDate: from.CreateDate, Links: from.Links,
	}
}

func clusterFromFlex(key ClusterKey, from *atlas.FlexCluster) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, orElse(from.Name, key.Name)}, ID: from.ID, ServedBy: Flex,
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, ClusterType: from.ClusterType, CreateDate: from.CreateDate, Links: from.Links,
	}
}

func clusterFromDedicated(key ClusterKey, from *atlas.Cluster) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, orElse(from.Name, key.Name)}, ID: from.ID, ServedBy: Dedicated, Free: from.Free(),
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, ClusterType: from.ClusterType, CreateDate: from.CreateDate, Links: from.Links,
	}
}

// malformedCluster makes the clusters that stand on a list and cannot be decoded.
func malformedCluster(key ClusterKey, m *atlas.MalformedResult) *Cluster {
	if m.Name == "" {
		return nil
	}
	return &Cluster{ClusterKey: ClusterKey{key.GroupID, m.Name}, ID: m.ID, Err: m.Err}
}

func orElse(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

// Cluster reads one cluster, whatever its tier, by one call once it is known where the
// cluster is.
func (s *Service) Cluster(ctx context.Context, key ClusterKey) (*Cluster, error) {
	return find(ctx, s, key, func(ctx context.Context, api Tier) (*Cluster, error) {
		return s.cache.clusters.Get(ctx, pageKey(api, key, atlas.ListOptions{}), func(ctx context.Context) (*Cluster, error) {
			return s.readCluster(ctx, api, key)
		})
	})
}

func (s *Service) readCluster(ctx context.Context, api Tier, key ClusterKey) (*Cluster, error) {
	switch api {
	case Flex:
		v, err := s.atlas.GetFlexCluster(ctx, key.GroupID, key.Name)
		return mapped(clusterFromFlex, key, v, err)
	case Dedicated:
		v, err := s.atlas.GetCluster(ctx, key.GroupID, key.Name)
		return mapped(clusterFromDedicated, key, v, err)
	default:
		v, err := s.atlas.GetServerlessInstance(ctx, key.GroupID, key.Name)
		return mapped(clusterFromServerless, key, v, err)
	}
}

// Clusters are the clusters of a project, by name, and what failed while they were
// listed: the clusters of the APIs that could be read are there all the same. A failure is
// an *UnreadError where it is that of one cluster.
type Clusters struct {
	Clusters []*Cluster
	Failures []error
}

// MayHide returns the failure because of which the cluster of that name may be missing, or
// nil. A list that does not exist hides none, and a cluster that is known by name and could
// not be decoded only itself.
func (c *Clusters) MayHide(name string) error {
	var failures []error
	for _, err := range c.Failures {
		if unread := AsUnreadError(err); unread.ClusterName == "" || unread.ClusterName == name {
			failures = append(failures, unread.Err)
		}
	}
	failure := FirstFailure(failures...)
	if failure != nil && isAbsence(failure) {
		return nil
	}
	return failure
}

// Clusters reads all clusters of a project: two or three calls, and one more for each
// 500 clusters. When there are none, and an API could not be read, it is an error.
func (s *Service) Clusters(ctx context.Context, groupID string) (*Clusters, error) {
	apis := []Tier{Flex, Dedicated}
	if s.mode != ServerlessOff && !s.tiers.isServerlessRetired(groupID) {
		apis = append(apis, Serverless)
	}
	lists, malformed := make([][]*Cluster, len(apis)), make([][]error, len(apis))
	failures := make([]error, len(apis))
	concurrently(len(apis), len(apis), func(i int) {
		lists[i], malformed[i], failures[i] = s.allClusters(ctx, apis[i], groupID)
	})
	all, failed := s.merge(apis, lists, failures)
	failed = append(failed, slices.Concat(malformed...)...)
	if len(all) == 0 && len(failed) > 0 {
		return nil, FirstFailure(failed...)
	}
	return &Clusters{all, failed}, nil
}

var errNoName = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("a cluster of the list has no name")}

// allClusters lists the clusters of one API to the end, and the errors of those that cannot
// be decoded: an *UnreadError where the name can be read.
func (s *Service) allClusters(ctx context.Context, api Tier, groupID string) (all []*Cluster, malformed []error, err error) {
	err = eachPage(ctx, func(ctx context.Context, o atlas.ListOptions) (*page[*Cluster], error) {
		return s.listClusters(ctx, api, groupID, o)
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

func (s *Service) listClusters(ctx context.Context, api Tier, groupID string, o atlas.ListOptions) (*page[*Cluster], error) {
	return s.cache.clusterPages.Get(ctx, pageKey(api, ClusterKey{GroupID: groupID}, o), func(ctx context.Context) (*page[*Cluster], error) {
		return s.readClusters(ctx, api, groupID, o)
	})
}

func (s *Service) readClusters(ctx context.Context, api Tier, groupID string, o atlas.ListOptions) (*page[*Cluster], error) {
	key := ClusterKey{GroupID: groupID}
	switch api {
	case Flex:
		p, err := s.atlas.ListFlexClusters(ctx, groupID, o)
		return mappedPage(clusterFromFlex, malformedCluster, key, p, err)
	case Dedicated:
		p, err := s.atlas.ListClusters(ctx, groupID, o)
		return mappedPage(clusterFromDedicated, malformedCluster, key, p, err)
	default:
		p, err := s.atlas.ListServerlessInstances(ctx, groupID, o)
		return mappedPage(clusterFromServerless, malformedCluster, key, p, err)
	}
}
