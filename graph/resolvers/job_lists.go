package resolvers

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// jobQuery checks the arguments of a list of one cluster's jobs.
func jobQuery(api restore.Tier, groupID model.ObjectID, clusterName model.ClusterName, first *int, after *string) (restore.JobQuery, error) {
	n, err := firstOf(first)
	if err != nil {
		return restore.JobQuery{}, err
	}
	place, err := placeOf(jobList, after)
	cluster := restore.ClusterKey{GroupID: string(groupID), Name: string(clusterName)}
	return restore.JobQuery{Cluster: cluster, Tier: api, First: n, After: place}, err
}

// clusterJobs reads a list of one cluster's jobs.
func clusterJobs(ctx context.Context, api restore.Tier, groupID model.ObjectID, clusterName model.ClusterName, first *int, after *string) (*restore.Jobs, error) {
	q, err := jobQuery(api, groupID, clusterName, first, after)
	if err != nil {
		return nil, err
	}
	// To count costs Atlas more than a page, so it does only where that is asked for.
	counts := selectedCounts(ctx)
	q.Count = len(counts) > 0
	jobs, err := loader.From(ctx).Jobs(ctx, q)
	if err == nil {
		addCountErrors(ctx, counts, jobs.CountErr)
	}
	return jobs, err
}

// addJobErrors makes an error of each job that is missing from the list.
func addJobErrors(ctx context.Context, jobs *restore.Jobs) {
	addErrors(ctx, jobs.Failures)
	addNodeErrors(ctx, jobs.Jobs, func(j *restore.Job) error { return j.Err })
}

func serverlessConnection(ctx context.Context, jobs *restore.Jobs, after *string, err error) (*model.ServerlessRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	addJobErrors(ctx, jobs)
	nodes := nodesOf(jobs.Jobs, serverlessRestoreJob)
	return &model.ServerlessRestoreJobConnection{
		Nodes: nodes, PageInfo: jobPage(jobList, jobs, after), EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(nodes, jobCursors(jobList, jobs), func(cursor string, node *model.ServerlessRestoreJob) *model.ServerlessRestoreJobEdge {
			return &model.ServerlessRestoreJobEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

func flexConnection(ctx context.Context, jobs *restore.Jobs, after *string, err error) (*model.FlexRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	addJobErrors(ctx, jobs)
	nodes := nodesOf(jobs.Jobs, flexRestoreJob)
	return &model.FlexRestoreJobConnection{
		Nodes: nodes, PageInfo: jobPage(jobList, jobs, after), EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(nodes, jobCursors(jobList, jobs), func(cursor string, node *model.FlexRestoreJob) *model.FlexRestoreJobEdge {
			return &model.FlexRestoreJobEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

func dedicatedConnection(ctx context.Context, jobs *restore.Jobs, after *string, err error) (*model.DedicatedRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	addJobErrors(ctx, jobs)
	nodes := nodesOf(jobs.Jobs, dedicatedRestoreJob)
	return &model.DedicatedRestoreJobConnection{
		Nodes: nodes, PageInfo: jobPage(jobList, jobs, after), EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(nodes, jobCursors(jobList, jobs), func(cursor string, node *model.DedicatedRestoreJob) *model.DedicatedRestoreJobEdge {
			return &model.DedicatedRestoreJobEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

func connection(ctx context.Context, list string, jobs *restore.Jobs, after *string, err error) (*model.RestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	addJobErrors(ctx, jobs)
	nodes := nodesOf(jobs.Jobs, restoreJob)
	return &model.RestoreJobConnection{
		Nodes: nodes, PageInfo: jobPage(list, jobs, after), EstimatedTotalCount: jobs.EstimatedTotal, Unread: []*model.UnreadCluster{},
		Edges: edgesOf(nodes, jobCursors(list, jobs), func(cursor string, node model.RestoreJob) *model.RestoreJobEdge {
			return &model.RestoreJobEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

// projectQuery checks the arguments of restoreJobs.
func projectQuery(groupID model.ObjectID, clusterNames []model.ClusterName, states []model.RestoreJobState, types []model.DeliveryType, startedAfter *model.DateTime, first *int, after *string) (restore.ProjectQuery, error) {
	n, err := firstOf(first)
	if err != nil {
		return restore.ProjectQuery{}, err
	}
	if len(clusterNames) > restore.MaxClusterNames {
		return restore.ProjectQuery{}, &model.InputError{
			Scalar: "The list", Want: "of at most " + strconv.Itoa(restore.MaxClusterNames) + " names", Got: "got " + strconv.Itoa(len(clusterNames)), Argument: "clusterNames",
		}
	}
	place, err := placeOf(projectJobList, after)
	q := restore.ProjectQuery{
		GroupID:      string(groupID),
		ClusterNames: mapAll(clusterNames, func(n model.ClusterName) string { return string(n) }),
		States:       mapAll(states, func(s model.RestoreJobState) restore.State { return restore.State(indexOf(jobStates[:], s)) }),
		DeliveryTypes: mapAll(types, func(t model.DeliveryType) restore.DeliveryType {
			return restore.DeliveryType(indexOf(deliveryTypes[:], t))
		}),
		First: n,
		After: place,
	}
	if startedAfter != nil {
		q.StartedAfter = startedAfter.Time
	}
	return q, err
}

// projectConnection makes the page, and an error for each part that is not in it.
func projectConnection(ctx context.Context, q restore.ProjectQuery, after *string) (*model.RestoreJobConnection, error) {
	jobs, err := loader.From(ctx).ProjectJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	out, err := connection(ctx, projectJobList, &jobs.Jobs, after, nil)
	for _, unread := range jobs.Unread {
		out.Unread = append(out.Unread, unreadCluster(unread))
		graphql.AddError(ctx, unread)
	}
	return out, err
}
