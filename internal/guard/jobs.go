package guard

import (
	"context"
	"slices"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Job reads one restore job, without its download URLs unless the caller may read them. Where the
// caller may not read the project, the error of this and of every method is that of a project that does
// not exist or, when the policy says so, an *authz.Error.
func (r *Reader) Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	grant, err := r.enter(ctx, key.GroupID)
	if err != nil {
		return nil, err
	}
	job, err := r.next.Job(ctx, tier, key)
	return withhold(grant, job), err
}

// BatchedJobs reads several jobs of one cluster, as Job does.
func (r *Reader) BatchedJobs(ctx context.Context, tier restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	grant, err := r.enter(ctx, cluster.GroupID)
	if err != nil {
		return nil, err
	}
	results, err := r.next.BatchedJobs(ctx, tier, cluster, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]restore.JobResult, len(results))
	for id, result := range results {
		out[id] = restore.JobResult{Job: withhold(grant, result.Job), Err: result.Err}
	}
	return out, nil
}

// Jobs reads a list of jobs of one cluster, as Job does.
func (r *Reader) Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	grant, err := r.enter(ctx, q.Cluster.GroupID)
	if err != nil {
		return nil, err
	}
	jobs, err := r.next.Jobs(ctx, q)
	return withholdAll(grant, jobs), err
}

// ProjectJobs reads a list of jobs of a whole project, as Job does. In a project that must look like one
// that does not exist each named cluster is unread.
func (r *Reader) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	grant, err := r.enter(ctx, q.GroupID)
	if looksMissing(err) && len(q.ClusterNames) > 0 {
		return noneRead(q), nil
	} else if err != nil {
		return nil, err
	}
	jobs, err := r.next.ProjectJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	return &restore.ProjectJobs{Jobs: *withholdAll(grant, &jobs.Jobs), Unread: jobs.Unread}, nil
}

// noneRead returns the answer for named clusters of a project that does not exist: each is unread.
func noneRead(q restore.ProjectQuery) *restore.ProjectJobs {
	out := &restore.ProjectJobs{Jobs: restore.Jobs{End: q.After}}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(q.ClusterNames))) {
		out.Unread = append(out.Unread, &restore.UnreadError{ClusterName: name, Err: atlas.ProjectNotFound(q.GroupID)})
	}
	return out
}
