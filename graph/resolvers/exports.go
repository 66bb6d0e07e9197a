package resolvers

import (
	"context"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// exportsOf reads a page of the exports of a cluster; nil without a call where the tier has none.
func exportsOf(ctx context.Context,
	c *model.AtlasCluster, first *int, after *string) (*model.SnapshotExportConnection, error) {
	if c.Tier != model.AtlasClusterTierDedicated {
		return nil, nil //nolint:nilnil // the field is null
	}
	s, err := sliceOf(ctx, exportList, restore.SliceQuery{Cluster: clusterKey(c.GroupID, c.Name)}, first, after,
		loader.From(ctx).SnapshotExports, func(e *atlas.SnapshotExport) string { return e.ID }, snapshotExport)
	if err != nil {
		return nil, err
	}
	return &model.SnapshotExportConnection{
		Nodes: s.nodes, PageInfo: s.info, EstimatedTotalCount: s.total,
		Edges: edgesOf(s.nodes, s.cursors, func(cursor string, node *model.SnapshotExport) *model.SnapshotExportEdge {
			return &model.SnapshotExportEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

func snapshotExport(e *atlas.SnapshotExport) *model.SnapshotExport {
	out := &model.SnapshotExport{
		ID: e.ID, State: e.State, CreatedAt: dateTime(e.CreatedAt), FinishedAt: dateTime(e.FinishedAt),
		SnapshotID: (*model.ObjectID)(e.SnapshotID), ExportBucketID: (*model.ObjectID)(e.ExportBucketID), Prefix: e.Prefix,
		CustomData: tags(e.CustomData), Links: links(e.Links),
		Components: mapAll(e.Components, func(m atlas.SnapshotExportMember) *model.SnapshotExportComponent {
			return &model.SnapshotExportComponent{
				ExportID: (*model.ObjectID)(m.ExportID), ReplicaSetName: m.ReplicaSetName,
			}
		}),
	}
	if r := e.StateReason; r != nil {
		out.StateReason = &model.SnapshotExportReason{ErrorCode: r.ErrorCode, Message: r.Message}
	}
	if s := e.ExportStatus; s != nil {
		out.ExportStatus = &model.SnapshotExportStatus{
			ExportedCollections: s.ExportedCollections, TotalCollections: s.TotalCollections,
		}
	}
	return out
}

// bucketsOf reads a page of the export buckets of a project.
func bucketsOf(ctx context.Context,
	p *model.AtlasProject, first *int, after *string) (*model.ExportBucketConnection, error) {
	s, err := sliceOf(ctx, bucketList, restore.SliceQuery{Cluster: restore.ClusterKey{GroupID: p.ID}}, first, after,
		loader.From(ctx).ExportBuckets, func(b *atlas.ExportBucket) string { return b.ID }, exportBucket)
	if err != nil {
		return nil, err
	}
	return &model.ExportBucketConnection{
		Nodes: s.nodes, PageInfo: s.info, EstimatedTotalCount: s.total,
		Edges: edgesOf(s.nodes, s.cursors, func(cursor string, node *model.ExportBucket) *model.ExportBucketEdge {
			return &model.ExportBucketEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

func exportBucket(b *atlas.ExportBucket) *model.ExportBucket {
	return &model.ExportBucket{
		ID: b.ID, BucketName: b.BucketName, CloudProvider: b.CloudProvider, Region: b.Region,
		IamRoleID: (*model.ObjectID)(b.IAMRoleID), RoleID: (*model.ObjectID)(b.RoleID), ServiceURL: b.ServiceURL,
		TenantID: b.TenantID, RequirePrivateNetworking: b.RequirePrivateNetworking, Links: links(b.Links),
	}
}
