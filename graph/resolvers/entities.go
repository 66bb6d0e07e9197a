package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// entities resolves representations of one type (the _entities field of the Apollo Federation subgraph
// specification). They are loaded together, and the error of each is at its own index. Their keys are
// complete: malformed representations do not reach the resolvers.
func entities[Rep, Key, Value, Node any](ctx context.Context, reps []Rep, key func(Rep) Key,
	load func(context.Context, []Key) ([]Value, []error), node func(Value) Node) ([]Node, error) {
	values, errs := load(ctx, mapAll(reps, key))
	return mapAll(values, node), graphql.BatchErrorList(errs)
}

// jobEntities is entities for jobs, of a tier as for loader.Loaders.Job.
func jobEntities[Rep, Node any](ctx context.Context,
	tier restore.Tier, reps []Rep, key func(Rep) restore.Key, node func(*restore.Job) Node) ([]Node, error) {
	return entities(ctx, reps, key, func(ctx context.Context, keys []restore.Key) ([]*restore.Job, []error) {
		return loader.From(ctx).JobsByKey(ctx, tier, keys)
	}, node)
}

// The keys of representations.

func serverlessJobKeyOf(r *model.ServerlessRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func flexJobKeyOf(r *model.FlexRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func dedicatedJobKeyOf(r *model.DedicatedRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func collectionJobKeyOf(r *model.CollectionRestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func jobKeyOf(r *model.RestoreJobRepresentation) restore.Key {
	return jobKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func clusterKeyOf(r *model.AtlasClusterRepresentation) restore.ClusterKey {
	return clusterKey(*r.GroupID, *r.Name)
}

func snapshotKeyOf(r *model.AtlasSnapshotRepresentation) restore.SnapshotKey {
	return snapshotKey(*r.GroupID, *r.ClusterName, model.ObjectID(*r.ID))
}

func projectKeyOf(r *model.AtlasProjectRepresentation) string { return *r.ID }
