package resolvers

import (
	"context"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// snapshot maps a snapshot. It returns nil for nil, and for a snapshot of a list that could not be
// decoded (see addNodeErrors).
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

func snapshotKey(groupID model.ObjectID, clusterName model.ClusterName, id model.ObjectID) restore.SnapshotKey {
	return restore.SnapshotKey{GroupID: string(groupID), ClusterName: string(clusterName), SnapshotID: string(id)}
}

func snapshotMember(m atlas.SnapshotMember) *model.AtlasSnapshotMember {
	return &model.AtlasSnapshotMember{
		ID: (*model.ObjectID)(m.ID), CloudProvider: m.CloudProvider, ReplicaSetName: m.ReplicaSetName,
	}
}

// linkedSnapshot reads the snapshot of a job, or returns nil where the job has none.
func linkedSnapshot(ctx context.Context,
	groupID model.ObjectID, clusterName model.ClusterName, id *model.ObjectID) (*model.AtlasSnapshot, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // the field is null
	}
	s, err := loader.From(ctx).LinkedSnapshot(ctx, snapshotKey(groupID, clusterName, *id))
	return snapshot(s), err
}

// snapshotsOf reads a page of the snapshots of a cluster.
func snapshotsOf(ctx context.Context,
	c *model.AtlasCluster, first *int, after *string) (*model.AtlasSnapshotConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	var cursor model.Cursor
	if after != nil {
		if cursor, err = model.ParseCursor(snapshotList, *after); err != nil {
			return nil, err
		}
	}
	counts := selectedCounts(ctx)
	read, err := loader.From(ctx).ClusterSnapshots(ctx, restore.SnapshotQuery{
		Cluster: clusterKey(c.GroupID, c.Name), First: n, After: cursor.ID, Count: len(counts) > 0,
	})
	if err != nil {
		return nil, err
	}
	addCountErrors(ctx, counts, read.CountErr)
	addErrors(ctx, read.Unidentified)
	addNodeErrors(ctx, read.Snapshots, func(s *restore.Snapshot) error { return s.Err })
	cursors := cursorsOf(snapshotList, read.Snapshots, func(s *restore.Snapshot) string { return s.SnapshotID },
		read.Start)
	info := &model.PageInfo{HasNextPage: read.More, HasPreviousPage: read.Start > 0}
	setCursors(info, cursors)
	nodes := nodesOf(read.Snapshots, snapshot)
	return &model.AtlasSnapshotConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: read.EstimatedTotal,
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasSnapshot) *model.AtlasSnapshotEdge {
			return &model.AtlasSnapshotEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}
