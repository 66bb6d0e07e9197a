package resolvers

import (
	"context"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// snapshot maps a snapshot to the graph; nil stays nil, and one of a list that could not be
// decoded is nil (see addNodeErrors).
func snapshot(s *restore.Snapshot) *model.AtlasSnapshot {
	if s == nil || s.Err != nil {
		return nil
	}
	return &model.AtlasSnapshot{
		ID:               s.SnapshotID,
		GroupID:          model.ObjectID(s.GroupID),
		ClusterName:      model.ClusterName(s.ClusterName),
		ServedBy:         backupAPIs[s.ServedBy],
		Status:           snapshotStatus(s.Status),
		CreatedAt:        dateTime(s.CreatedAt),
		ExpiresAt:        dateTime(s.ExpiresAt),
		MongoDBVersion:   s.MongoDBVersion,
		Links:            links(s.Links),
		FrequencyType:    s.FrequencyType,
		SnapshotType:     s.SnapshotType,
		StorageSizeBytes: s.StorageSizeBytes,
		ScheduledTime:    dateTime(s.ScheduledTime),
		StartTime:        dateTime(s.StartTime),
		FinishTime:       dateTime(s.FinishTime),
		Description:      s.Description,
		Type:             s.Type,
		CloudProvider:    s.CloudProvider,
		CopyRegions:      s.CopyRegions,
		PolicyItems:      s.PolicyItems,
		ReplicaSetName:   s.ReplicaSet,
		MasterKeyUUID:    s.MasterKeyUUID,
		Members:          mapAll(s.Members, snapshotMember),
		Parts:            &model.SnapshotParts{Err: s.MembersErr},
		SnapshotIds:      mapAll(s.SnapshotIDs, func(id string) model.ObjectID { return model.ObjectID(id) }),
	}
}

func snapshotMember(m atlas.SnapshotMember) *model.AtlasSnapshotMember {
	return &model.AtlasSnapshotMember{ID: (*model.ObjectID)(m.ID), CloudProvider: m.CloudProvider, ReplicaSetName: m.ReplicaSetName}
}

// identified separates the snapshots that can be told apart from the errors of the others.
func identified(all []*restore.Snapshot) (snapshots []*restore.Snapshot, failures []error) {
	for _, s := range all {
		if s.SnapshotID == "" {
			failures = append(failures, s.Err)
		} else {
			snapshots = append(snapshots, s)
		}
	}
	return snapshots, failures
}

// snapshotsOf reads a page of the snapshots of a cluster.
func snapshotsOf(ctx context.Context, c *model.AtlasCluster, first *int, after *string) (*model.AtlasSnapshotConnection, error) {
	n, err := firstOf(first)
	if err != nil {
		return nil, err
	}
	all, err := loader.From(ctx).ClusterSnapshots(ctx, restore.ClusterKey{GroupID: string(c.GroupID), Name: string(c.Name)})
	if err != nil {
		return nil, err
	}
	all, failures := identified(all)
	page, cursors, info, err := cut(snapshotList, all, func(s *restore.Snapshot) string { return s.SnapshotID }, n, after)
	if err != nil {
		return nil, err
	}
	addErrors(ctx, failures)
	addNodeErrors(ctx, page, func(s *restore.Snapshot) error { return s.Err })
	nodes := nodesOf(page, snapshot)
	return &model.AtlasSnapshotConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: count(len(all)),
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasSnapshot) *model.AtlasSnapshotEdge {
			return &model.AtlasSnapshotEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}
