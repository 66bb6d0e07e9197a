package resolvers

import (
	"cmp"
	"context"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

func clusterKey(groupID model.ObjectID, name model.ClusterName) restore.ClusterKey {
	return restore.ClusterKey{GroupID: string(groupID), Name: string(name)}
}

// cluster maps a cluster. It returns nil for nil.
func cluster(c *restore.Cluster) *model.AtlasCluster {
	if c == nil {
		return nil
	}
	return &model.AtlasCluster{
		ID:             c.ID,
		GroupID:        model.ObjectID(c.GroupID),
		Name:           model.ClusterName(c.Name),
		Tier:           clusterTier(c),
		StateName:      c.StateName,
		MongoDBVersion: c.MongoDBVersion,
		ClusterType:    c.ClusterType,
		CreateDate:     dateTime(c.CreateDate),
		Links:          links(c.Links),
		Tags:           tags(c.Tags),
		Labels:         tags(c.Labels),
		BackupEnabled:  c.BackupEnabled,
		PitEnabled:     c.PITEnabled,
		Paused:         c.Paused,
		InstanceSize:   c.InstanceSize,
		DiskSizeGb:     c.DiskSizeGB,
		Regions:        c.Regions,
		CloudProviders: c.CloudProviders,

		TerminationProtectionEnabled: c.TerminationProtectionEnabled,
	}
}

func clusterTier(c *restore.Cluster) model.AtlasClusterTier {
	switch {
	case c.Free:
		return model.AtlasClusterTierFree
	case c.ServedBy == restore.Flex:
		return model.AtlasClusterTierFlex
	case c.ServedBy == restore.Dedicated:
		return model.AtlasClusterTierDedicated
	default:
		return model.AtlasClusterTierServerless
	}
}

// linkedCluster reads the target of a job, or returns nil where the job has none: a download.
func linkedCluster(ctx context.Context, groupID *model.ObjectID, name *model.ClusterName) (*model.AtlasCluster, error) {
	if groupID == nil || name == nil {
		return nil, nil //nolint:nilnil // the field is null
	}
	if err := cmp.Or(CheckValue(groupID), CheckValue(name)); err != nil {
		return nil, err
	}
	c, err := loader.From(ctx).LinkedCluster(ctx, clusterKey(*groupID, *name))
	return cluster(c), err
}

// clustersOf reads a page of the clusters of a project, and adds an error for each cluster, and for
// each tier, that could not be read.
func clustersOf(ctx context.Context,
	p *model.AtlasProject, first *int, after *string) (*model.AtlasClusterConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	all, err := loader.From(ctx).Clusters(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	page, cursors, info, err := pageOf(clusterList, all.Clusters, func(c *restore.Cluster) string { return c.Name }, n,
		after)
	if err != nil {
		return nil, err
	}
	addErrors(ctx, mapAll(all.Failures, func(err error) error { return restore.AsUnreadError(err) }))
	nodes := nodesOf(page, cluster)
	return &model.AtlasClusterConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: new(int64(len(all.Clusters))),
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasCluster) *model.AtlasClusterEdge {
			return &model.AtlasClusterEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}
