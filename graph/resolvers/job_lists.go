package resolvers

import (
	"context"
	"strconv"
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// clusterJobs reads a list of jobs of one cluster, by the arguments of the field.
func clusterJobs(ctx context.Context, tier restore.Tier,
	groupID model.ObjectID, clusterName model.ClusterName, first *int, after *string) (*restore.Jobs, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	cursor, err := jobCursor(jobList, after)
	if err != nil {
		return nil, err
	}
	// To count costs Atlas more than a page, so it does only where a count is selected.
	counts := selectedCounts(ctx)
	jobs, err := loader.From(ctx).Jobs(ctx, restore.JobQuery{
		Cluster: clusterKey(groupID, clusterName), Tier: tier, First: n, After: cursor, Count: len(counts) > 0,
	})
	if err == nil {
		addCountErrors(ctx, counts, jobs.CountErr)
	}
	return jobs, err
}

// projectQuery makes a query of the arguments of restoreJobs.
func projectQuery(groupID model.ObjectID, clusterNames []model.ClusterName, clusterTags []*model.TagFilter,
	states []model.RestoreJobState, types []model.DeliveryType, startedAfter *model.DateTime, first *int, after *string,
) (restore.ProjectQuery, error) {
	n, err := pageSize(first)
	if err != nil {
		return restore.ProjectQuery{}, err
	}
	names, err := namesOf(clusterNames)
	if err != nil {
		return restore.ProjectQuery{}, err
	}
	if len(clusterTags) > maxTagFilters {
		return restore.ProjectQuery{}, tooMany(len(clusterTags), maxTagFilters, "tags", "clusterTags")
	}
	cursor, err := jobCursor(projectJobList, after)
	q := restore.ProjectQuery{
		GroupID:      string(groupID),
		ClusterNames: names,
		ClusterTags: mapAll(clusterTags, func(t *model.TagFilter) restore.TagFilter {
			return restore.TagFilter{Key: t.Key, Value: t.Value}
		}),
		States: statesOf(states),
		DeliveryTypes: mapAll(types, func(t model.DeliveryType) restore.DeliveryType {
			return restore.DeliveryType(indexOf(deliveryTypes[:], t))
		}),
		StartedAfter: timeOf(startedAfter),
		First:        n,
		After:        cursor,
	}
	return q, err
}

// namesOf returns the argument clusterNames.
func namesOf(clusterNames []model.ClusterName) ([]string, error) {
	if len(clusterNames) > restore.MaxClusterNames {
		return nil, tooMany(len(clusterNames), restore.MaxClusterNames, "names", "clusterNames")
	}
	return mapAll(clusterNames, func(n model.ClusterName) string { return string(n) }), nil
}

// statesOf returns the argument states.
func statesOf(states []model.RestoreJobState) []restore.State {
	return mapAll(states, func(s model.RestoreJobState) restore.State {
		return restore.State(indexOf(jobStates[:], s))
	})
}

// timeOf returns an argument that is a moment, or the zero time where it is missing.
func timeOf(t *model.DateTime) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

// maxTagFilters bounds the argument clusterTags.
const maxTagFilters = 10

// tooMany returns the error of a list argument that is too long.
func tooMany(n, most int, what, argument string) error {
	return &model.InputError{
		Scalar: "The list", Want: "of at most " + strconv.Itoa(most) + " " + what, Got: "got " + strconv.Itoa(n),
		Argument: argument,
	}
}

// projectConnection reads a list of jobs of a project, and adds an error for each cluster that is
// missing from it.
func projectConnection(ctx context.Context,
	q restore.ProjectQuery, after *string, err error) (*model.RestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	jobs, err := loader.From(ctx).ProjectJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	out, err := connection(ctx, projectJobList, &jobs.Jobs, after, nil)
	addUnread(ctx, out, jobs.Unread)
	return out, err
}

// jobCursor parses the argument after of a list of jobs.
func jobCursor(list string, after *string) (restore.Cursor, error) {
	if after == nil {
		return restore.Cursor{}, nil
	}
	c, err := model.ParseCursor(list, *after)
	return restore.Cursor{JobID: c.ID, Index: c.Index}, err
}

// jobCursorText returns a cursor as clients get it, or nil for the beginning of a list.
func jobCursorText(list string, c restore.Cursor) *string {
	if c.JobID == "" {
		return nil
	}
	return new(model.Cursor{List: list, ID: c.JobID, Index: c.Index}.String())
}

// jobPage is a page of a list of jobs, as every connection of jobs has it.
type jobPage[Node any] struct {
	nodes   []Node
	cursors []string
	info    *model.PageInfo
}

// newJobPage maps a page of jobs, and adds an error for each job that is missing from it.
func newJobPage[Node any](ctx context.Context,
	list string, jobs *restore.Jobs, after *string, node func(*restore.Job) Node) jobPage[Node] {
	cursors := mapAll(jobs.Cursors, func(c restore.Cursor) string { return *jobCursorText(list, c) })
	p := jobPageOf(ctx, jobs.Jobs, jobs.Failures, cursors, node)
	p.info.HasNextPage, p.info.HasPreviousPage = jobs.HasNext, after != nil
	p.info.EndCursor = jobCursorText(list, jobs.End)
	return p
}

// jobPageOf is newJobPage for a list with cursors of another kind. It does not say what is before and behind the page.
func jobPageOf[Node any](ctx context.Context,
	jobs []*restore.Job, failures []error, cursors []string, node func(*restore.Job) Node) jobPage[Node] {
	addErrors(ctx, failures)
	addNodeErrors(ctx, jobs, func(j *restore.Job) error { return j.Err })
	p := jobPage[Node]{nodes: nodesOf(jobs, node), cursors: cursors, info: &model.PageInfo{}}
	setCursors(p.info, cursors)
	return p
}

func serverlessConnection(ctx context.Context,
	jobs *restore.Jobs, after *string, err error) (*model.ServerlessRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	p := newJobPage(ctx, jobList, jobs, after, serverlessRestoreJob)
	return &model.ServerlessRestoreJobConnection{
		Nodes: p.nodes, PageInfo: p.info, EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(p.nodes, p.cursors,
			func(cursor string, node *model.ServerlessRestoreJob) *model.ServerlessRestoreJobEdge {
				return &model.ServerlessRestoreJobEdge{Cursor: cursor, Node: node}
			}),
	}, nil
}

func flexConnection(ctx context.Context,
	jobs *restore.Jobs, after *string, err error) (*model.FlexRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	p := newJobPage(ctx, jobList, jobs, after, flexRestoreJob)
	return &model.FlexRestoreJobConnection{
		Nodes: p.nodes, PageInfo: p.info, EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(p.nodes, p.cursors, func(cursor string, node *model.FlexRestoreJob) *model.FlexRestoreJobEdge {
			return &model.FlexRestoreJobEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

func dedicatedConnection(ctx context.Context,
	jobs *restore.Jobs, after *string, err error) (*model.DedicatedRestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	p := newJobPage(ctx, jobList, jobs, after, dedicatedRestoreJob)
	return &model.DedicatedRestoreJobConnection{
		Nodes: p.nodes, PageInfo: p.info, EstimatedTotalCount: jobs.EstimatedTotal,
		Edges: edgesOf(p.nodes, p.cursors,
			func(cursor string, node *model.DedicatedRestoreJob) *model.DedicatedRestoreJobEdge {
				return &model.DedicatedRestoreJobEdge{Cursor: cursor, Node: node}
			}),
	}, nil
}

// connection is a connection of jobs of any tier, of a cluster or of a project.
func connection(ctx context.Context,
	list string, jobs *restore.Jobs, after *string, err error) (*model.RestoreJobConnection, error) {
	if err != nil {
		return nil, err
	}
	out := connectionOf(newJobPage(ctx, list, jobs, after, restoreJob))
	out.EstimatedTotalCount = jobs.EstimatedTotal
	return out, nil
}

// connectionOf makes a connection of a page of jobs of any tier.
func connectionOf(p jobPage[model.RestoreJob]) *model.RestoreJobConnection {
	return &model.RestoreJobConnection{
		Nodes: p.nodes, PageInfo: p.info, Unread: []*model.UnreadCluster{},
		Edges: edgesOf(p.nodes, p.cursors, func(cursor string, node model.RestoreJob) *model.RestoreJobEdge {
			return &model.RestoreJobEdge{Cursor: cursor, Node: node}
		}),
	}
}
