package resolvers

import (
	"cmp"
	"context"
	"errors"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// linkedSnapshot is the snapshot of a job.
func linkedSnapshot(ctx context.Context, groupID model.ObjectID, clusterName model.ClusterName, id *model.ObjectID) (*model.AtlasSnapshot, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // the job names none
	}
	if err := CheckValue(id); err != nil {
		return nil, err
	}
	s, err := loader.From(ctx).LinkedSnapshot(ctx, restore.SnapshotKey{GroupID: string(groupID), ClusterName: string(clusterName), SnapshotID: string(*id)})
	return snapshot(s), err
}

// linkedCluster is the target of a job.
func linkedCluster(ctx context.Context, groupID *model.ObjectID, name *model.ClusterName) (*model.AtlasCluster, error) {
	if groupID == nil || name == nil {
		return nil, nil //nolint:nilnil // a download has none
	}
	if err := cmp.Or(CheckValue(groupID), CheckValue(name)); err != nil {
		return nil, err
	}
	c, err := loader.From(ctx).LinkedCluster(ctx, restore.ClusterKey{GroupID: string(*groupID), Name: string(*name)})
	return cluster(c), err
}

func unreadCluster(e *restore.UnreadError) *model.UnreadCluster {
	out := &model.UnreadCluster{}
	if e.ClusterName != "" {
		out.ClusterName = new(model.ClusterName(e.ClusterName))
	}
	var fromAtlas *atlas.Error
	if errors.As(e.Err, &fromAtlas) {
		if fromAtlas.ErrorCode != "" {
			out.ErrorCode = &fromAtlas.ErrorCode
		}
		if fromAtlas.Status != 0 {
			out.Status = &fromAtlas.Status
		}
	}
	return out
}
