package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// cluster maps a cluster to the graph; nil stays nil.
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

// clustersOf reads a page of the clusters of a project, and makes an error for each
// API that could not be read.
func clustersOf(ctx context.Context, p *model.AtlasProject, first *int, after *string) (*model.AtlasClusterConnection, error) {
	n, err := firstOf(first)
	if err != nil {
		return nil, err
	}
	all, err := loader.From(ctx).Clusters(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	page, cursors, info, err := cut(clusterList, all.Clusters, func(c *restore.Cluster) string { return c.Name }, n, after)
	if err != nil {
		return nil, err
	}
	for _, failure := range all.Failures {
		graphql.AddError(ctx, restore.AsUnreadError(failure))
	}
	nodes := nodesOf(page, cluster)
	return &model.AtlasClusterConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: count(len(all.Clusters)),
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasCluster) *model.AtlasClusterEdge {
			return &model.AtlasClusterEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}
