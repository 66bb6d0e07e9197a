package resolvers

import (
	"cmp"
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

func collectionRestoreJob(j *restore.Job) *model.CollectionRestoreJob {
	if j == nil || j.Err != nil {
		return nil
	}
	c := j.Collections
	if c == nil {
		c = &restore.CollectionRestore{}
	}
	out := &model.CollectionRestoreJob{
		ID:                    j.JobID,
		GroupID:               model.ObjectID(j.GroupID),
		ClusterName:           model.ClusterName(j.ClusterName),
		State:                 jobStates[j.State],
		ServedBy:              backupAPIs[j.ServedBy],
		CreatedAt:             cmp.Or(dateTime(c.AtlasCreatedAt), createdAt(j)),
		FinishedAt:            dateTime(j.FinishedAt),
		RawLinks:              j.Links,
		OplogInc:              j.OplogInc,
		OplogTs:               j.OplogTs,
		PointInTimeUtcSeconds: j.PointInTimeUTCSeconds,
		SnapshotID:            (*model.ObjectID)(j.SnapshotID),
		TargetClusterName:     (*model.ClusterName)(j.TargetClusterName),
		TargetGroupID:         (*model.ObjectID)(j.TargetGroupID),
		Progress:              progress(c.RestoredDocuments, c.TotalDocuments),
		ErrorMessage:          c.ErrorMessage,
		IndexStrategy:         c.IndexStrategy,
		WriteStrategy:         c.WriteStrategy,
		CollectionSuffix:      c.CollectionSuffix,
		DatabaseSuffix:        c.DatabaseSuffix,
		RequestedCollections:  mapAll(c.Collections, namespace),
		RequestedDatabases:    mapAll(c.Databases, namespace),
	}
	if s := c.IndexStatus; s != nil {
		out.IndexStatus = &model.CollectionRestoreIndexStatus{State: s.State, FailedCollectionCount: s.FailedCollectionCount}
	}
	return out
}

func namespace(n atlas.RestoreNamespace) *model.RestoreNamespace {
	return &model.RestoreNamespace{SourceNamespace: n.SourceNamespace, TargetNamespace: n.TargetNamespace}
}

// progress returns how far a restore is; nil where Atlas says nothing.
func progress(restored, total *int64) *model.RestoreProgress {
	if restored == nil && total == nil {
		return nil
	}
	out := &model.RestoreProgress{Restored: restored, Total: total}
	if restored != nil && total != nil && *total > 0 {
		// The total is an estimate at first.
		out.Fraction = new(min(max(float64(*restored)/float64(*total), 0), 1))
	}
	return out
}

func collectionConnection(ctx context.Context,
	jobs *restore.Jobs, after *string, err error) (*model.CollectionRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	p := newJobPage(ctx, jobList, jobs, after, collectionRestoreJob)
	return &model.CollectionRestoreJobConnection{
		Nodes: p.nodes, PageInfo: p.info, EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(p.nodes, p.cursors,
			func(cursor string, node *model.CollectionRestoreJob) *model.CollectionRestoreJobEdge {
				return &model.CollectionRestoreJobEdge{Cursor: cursor, Node: node}
			}),
	}, nil
}

// collectionsOf reads a page of the collections of a job.
func collectionsOf(ctx context.Context,
	j *model.CollectionRestoreJob, first *int, after *string) (*model.RestoredCollectionConnection, error) {
	cluster := clusterKey(j.GroupID, j.ClusterName)
	s, err := sliceOf(ctx, collectionList, restore.SliceQuery{Cluster: cluster, JobID: j.ID}, first, after,
		loader.From(ctx).RestoredCollections,
		func(c *atlas.RestoredCollection) string { return c.SourceNamespace }, restoredCollection)
	if err != nil {
		return nil, err
	}
	return &model.RestoredCollectionConnection{
		Nodes: s.nodes, PageInfo: s.info,
		Edges: edgesOf(s.nodes, s.cursors,
			func(cursor string, node *model.RestoredCollection) *model.RestoredCollectionEdge {
				return &model.RestoredCollectionEdge{Cursor: cursor, Node: node}
			}),
	}, nil
}

func restoredCollection(c *atlas.RestoredCollection) *model.RestoredCollection {
	out := &model.RestoredCollection{
		SourceNamespace: c.SourceNamespace, TargetNamespace: c.TargetNamespace,
		EffectiveTargetNamespace: c.EffectiveTargetNamespace, State: c.State,
		Progress: progress(c.RestoredDocuments, c.TotalDocuments),
	}
	if s := c.IndexStatus; s != nil {
		out.IndexStatus = &model.RestoredCollectionIndexStatus{
			State: s.State, ErrorMessage: s.ErrorMessage,
			FailedIndexes: mapAll(s.FailedIndexes, func(v jsontext.Value) string { return string(v) }),
		}
	}
	return out
}
