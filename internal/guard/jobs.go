package guard

import (
	"context"
	"slices"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// ServerlessJob is that of the reader, for callers who may read the project. So is every
// method here; in the others' place comes the error of a project that is not there, or,
// when the policy says so, an *access.Error.
func (r *Reader) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return r.readJob(ctx, key, r.next.ServerlessJob)
}

// FlexJob reads one restore job of one Flex cluster.
func (r *Reader) FlexJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return r.readJob(ctx, key, r.next.FlexJob)
}

// DedicatedJob reads one restore job of one Dedicated cluster.
func (r *Reader) DedicatedJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return r.readJob(ctx, key, r.next.DedicatedJob)
}

// Job reads one restore job, whatever the tier of its cluster.
func (r *Reader) Job(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return r.readJob(ctx, key, r.next.Job)
}

// BatchedJobs reads several jobs of one cluster.
func (r *Reader) BatchedJobs(ctx context.Context, api restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	grant, err := r.enter(ctx, cluster.GroupID)
	if err != nil {
		return nil, err
	}
	results, err := r.next.BatchedJobs(ctx, api, cluster, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]restore.JobResult, len(results))
	for id, result := range results {
		out[id] = restore.JobResult{Job: withhold(grant, result.Job), Err: result.Err}
	}
	return out, nil
}

// ServerlessJobs reads jobs of one serverless instance, or of the cluster that it became.
func (r *Reader) ServerlessJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return r.readJobs(ctx, q, r.next.ServerlessJobs)
}

// ClusterJobs reads jobs of one cluster.
func (r *Reader) ClusterJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return r.readJobs(ctx, q, r.next.ClusterJobs)
}

func (r *Reader) readJobs(ctx context.Context, q restore.JobQuery, next func(context.Context, restore.JobQuery) (*restore.Jobs, error)) (*restore.Jobs, error) {
	grant, err := r.enter(ctx, q.Cluster.GroupID)
	if err != nil {
		return nil, err
	}
	jobs, err := next(ctx, q)
	return withholdAll(grant, jobs), err
}

// ProjectJobs reads jobs of a whole project.
func (r *Reader) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	grant, err := r.enter(ctx, q.GroupID)
	if looksMissing(err) && len(q.ClusterNames) > 0 {
		return nothingOf(q), nil
	} else if err != nil {
		return nil, err
	}
	jobs, err := r.next.ProjectJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	return &restore.ProjectJobs{Jobs: *withholdAll(grant, &jobs.Jobs), Unread: jobs.Unread}, nil
}

// nothingOf is what is read of named clusters in a project that is not there: each of
// them is unread.
func nothingOf(q restore.ProjectQuery) *restore.ProjectJobs {
	out := &restore.ProjectJobs{Jobs: restore.Jobs{End: q.After}}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(q.ClusterNames))) {
		out.Unread = append(out.Unread, &restore.UnreadError{ClusterName: name, Err: atlas.ProjectNotFound(q.GroupID)})
	}
	return out
}
