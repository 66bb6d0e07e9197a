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

// snapshotsOf reads a page of the snapshots of a cluster.
func snapshotsOf(ctx context.Context, c *model.AtlasCluster, first *int, after *string) (*model.AtlasSnapshotConnection, error) {
	n, err := firstOf(first)
	if err != nil {
		return nil, err
	}
	q := restore.SnapshotQuery{Cluster: restore.ClusterKey{GroupID: string(c.GroupID), Name: string(c.Name)}, First: n}
	counts := selectedCounts(ctx)
	q.Count = len(counts) > 0
	if after != nil {
		place, err := model.ParseCursor(snapshotList, *after)
		if err != nil {
			return nil, err
		}
		q.After = place.ID
	}
	read, err := loader.From(ctx).ClusterSnapshots(ctx, q)
	if err != nil {
		return nil, err
	}
	addCountErrors(ctx, counts, read.CountErr)
	addErrors(ctx, read.Unidentified)
	addNodeErrors(ctx, read.Snapshots, func(s *restore.Snapshot) error { return s.Err })
	cursors := make([]string, len(read.Snapshots))
	for i, s := range read.Snapshots {
		cursors[i] = model.Cursor{List: snapshotList, ID: s.SnapshotID, Index: read.Start + i}.String()
	}
	info := &model.PageInfo{HasNextPage: read.More, HasPreviousPage: read.Start > 0}
	if n := len(cursors); n > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[n-1]
	}
	nodes := nodesOf(read.Snapshots, snapshot)
	return &model.AtlasSnapshotConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: read.EstimatedTotal,
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasSnapshot) *model.AtlasSnapshotEdge {
			return &model.AtlasSnapshotEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}
