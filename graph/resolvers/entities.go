package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// entities answers the references to entities of one type that a router sends (the
// _entities field of the Apollo Federation subgraph specification). They are loaded
// together, and each that cannot be read is an error at its own place. The keys are
// complete: the gateway has taken out what is malformed.
func entities[Rep, Key, Value, Node any](ctx context.Context, reps []Rep, key func(Rep) Key, load func(context.Context, []Key) ([]Value, []error), node func(Value) Node) ([]Node, error) {
	values, errs := load(ctx, mapAll(reps, key))
	return mapAll(values, node), graphql.BatchErrorList(errs)
}

// jobEntities is entities for jobs, of a tier as for loader.Loaders.Job.
func jobEntities[Rep, Node any](ctx context.Context, tier restore.Tier, reps []Rep, key func(Rep) restore.Key, node func(*restore.Job) Node) ([]Node, error) {
	return entities(ctx, reps, key, func(ctx context.Context, keys []restore.Key) ([]*restore.Job, []error) {
		return loader.From(ctx).JobsByKey(ctx, tier, keys)
	}, node)
}

// The keys that references of each type hold.

func serverlessJobRef(r *model.ServerlessRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func flexJobRef(r *model.FlexRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func dedicatedJobRef(r *model.DedicatedRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func jobRef(r *model.RestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func clusterRef(r *model.AtlasClusterRepresentation) restore.ClusterKey {
	return restore.ClusterKey{GroupID: string(*r.GroupID), Name: string(*r.Name)}
}

func snapshotRef(r *model.AtlasSnapshotRepresentation) restore.SnapshotKey {
	return restore.SnapshotKey{GroupID: string(*r.GroupID), ClusterName: string(*r.ClusterName), SnapshotID: *r.ID}
}

func projectRef(r *model.AtlasProjectRepresentation) string { return *r.ID }
