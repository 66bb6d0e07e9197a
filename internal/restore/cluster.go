package restore

import (
	"context"
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
	// Free is true of an M0 cluster. Atlas makes no backups of it.
	Free bool

	StateName      *string
	MongoDBVersion *string
	ClusterType    *string
	CreateDate     *time.Time
	Links          []atlas.Link

	Tags                         []atlas.Tag
	Labels                       []atlas.Tag // of Dedicated and Free clusters
	BackupEnabled                *bool
	PITEnabled                   *bool // of Dedicated and Free clusters
	Paused                       *bool // of Dedicated and Free clusters
	TerminationProtectionEnabled *bool
	InstanceSize                 *string // of Dedicated and Free clusters
	DiskSizeGB                   *float64
	Regions, CloudProviders      []string

	// Err is the error because of which the cluster could not be read, or nil. ClustersNamed alone returns such a cluster,
	// of which only the ClusterKey is known.
	Err error
}

func (*Service) clusterFromServerless(key ClusterKey, from *atlas.ServerlessInstance) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, valueOr(from.Name, key.Name)}, ID: from.ID, ServedBy: Serverless,
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, CreateDate: from.CreateDate, Links: from.Links,
		Tags: from.Tags, BackupEnabled: from.BackupEnabled, TerminationProtectionEnabled: from.TerminationProtectionEnabled,
		DiskSizeGB: from.DiskSizeGB, Regions: listOf(from.RegionName), CloudProviders: listOf(from.BackingProviderName),
	}
}

// listOf returns the list of a value; nil where there is none.
func listOf(value *string) []string {
	if value == nil {
		return nil
	}
	return []string{*value}
}

func (*Service) clusterFromFlex(key ClusterKey, from *atlas.FlexCluster) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, valueOr(from.Name, key.Name)}, ID: from.ID, ServedBy: Flex,
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, ClusterType: from.ClusterType,
		CreateDate: from.CreateDate, Links: from.Links,
		Tags: from.Tags, BackupEnabled: from.BackupEnabled, TerminationProtectionEnabled: from.TerminationProtectionEnabled,
		DiskSizeGB: from.DiskSizeGB, Regions: listOf(from.RegionName), CloudProviders: listOf(from.BackingProviderName),
	}
}

func (*Service) clusterFromDedicated(key ClusterKey, from *atlas.Cluster) *Cluster {
	return &Cluster{
		ClusterKey: ClusterKey{key.GroupID, valueOr(from.Name, key.Name)}, ID: from.ID, ServedBy: Dedicated,
		Free:      from.Free(),
		StateName: from.StateName, MongoDBVersion: from.MongoDBVersion, ClusterType: from.ClusterType,
		CreateDate: from.CreateDate, Links: from.Links,
		Tags: from.Tags, Labels: from.Labels, BackupEnabled: from.BackupEnabled, PITEnabled: from.PitEnabled,
		Paused: from.Paused, TerminationProtectionEnabled: from.TerminationProtectionEnabled,
		InstanceSize: from.InstanceSize(), DiskSizeGB: from.DiskSizeGB(), Regions: from.Regions(),
		CloudProviders: from.CloudProviders(),
	}
}

// TagFilter selects clusters that have a tag with this key and, unless it is nil, this value.
type TagFilter struct {
	Key   string
	Value *string
}

// HasTags reports whether the cluster has a tag for each of the filters.
func (c *Cluster) HasTags(filters []TagFilter) bool {
	return !slices.ContainsFunc(filters, func(f TagFilter) bool {
		return !slices.ContainsFunc(c.Tags, func(t atlas.Tag) bool {
			return t.Key != nil && *t.Key == f.Key && (f.Value == nil || t.Value != nil && *t.Value == *f.Value)
		})
	})
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
				c, err := clusterAPIs[tier].get(ctx, s, key, key.GroupID, key.Name)
				if err == nil && c.Free {
					s.tiers.setNoCollections(key)
				}
				return c, err
			})
	})
}
