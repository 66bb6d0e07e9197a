package restore

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Cluster is one cluster, or one serverless instance. A nil field is one that Atlas
// left out, or that the API does not have.
type Cluster struct {
	ClusterKey
	ID       string
	ServedBy Tier
	// Free is true of an M0 cluster. Atlas makes no backups of it.
	Free bool

	StateName      *string
	MongoDBVersion *string
	ClusterType    *string
	CreateDate     *time.Time
	Links          []atlas.Link

	// Err is the error because of which the cluster could not be read, or nil. ClustersNamed alone returns such a cluster,
	// of which only the ClusterKey is known.
	Err error
}

func (*Service) clusterFromServerless(key ClusterKey, from *atlas.ServerlessInstance) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, valueOr(from.Name, key.Name)}, ID: from.ID, ServedBy: Serverless,
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, CreateDate: from.CreateDate, Links: from.Links,
	}
}

func (*Service) clusterFromFlex(key ClusterKey, from *atlas.FlexCluster) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, valueOr(from.Name, key.Name)}, ID: from.ID, ServedBy: Flex,
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, ClusterType: from.ClusterType,
		CreateDate: from.CreateDate, Links: from.Links,
	}
}

func (*Service) clusterFromDedicated(key ClusterKey, from *atlas.Cluster) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, valueOr(from.Name, key.Name)}, ID: from.ID, ServedBy: Dedicated,
		Free:      from.Free(),
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, ClusterType: from.ClusterType,
		CreateDate: from.CreateDate, Links: from.Links,
	}
}

// malformedCluster makes a cluster that stands on a list and cannot be decoded.
func malformedCluster(key ClusterKey, m *atlas.MalformedResult) *Cluster {
	if m.Name == "" {
		return nil
	}
	return &Cluster{ClusterKey: ClusterKey{key.GroupID, m.Name}, ID: m.ID, Err: m.Err}
}

func valueOr(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

// Cluster reads one cluster of any tier, by one call once its tier is known.
func (s *Service) Cluster(ctx context.Context, key ClusterKey) (*Cluster, error) {
	return askTiers(ctx, s, key, func(ctx context.Context, tier Tier) (*Cluster, error) {
		return s.cache.clusters.Get(ctx, pageKey(tier, key, atlas.ListOptions{}),
			func(ctx context.Context) (*Cluster, error) {
				return clusterAPIs[tier].get(ctx, s, key, key.GroupID, key.Name)
			})
	})
}
