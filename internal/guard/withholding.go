package guard

import (
	"context"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// withoutDownloads removes the download URLs from all jobs that its Reader reads. It changes copies: other
// callers may be reading the same jobs.
type withoutDownloads struct{ loader.Reader }

// Job reads one restore job.
func (w withoutDownloads) Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	job, err := w.Reader.Job(ctx, tier, key)
	if err != nil {
		return nil, err
	}
	return job.WithoutDownloads(), nil
}

// BatchedJobs reads several jobs of one cluster.
func (w withoutDownloads) BatchedJobs(ctx context.Context,
	tier restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	results, err := w.Reader.BatchedJobs(ctx, tier, cluster, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]restore.JobResult, len(results))
	for id, result := range results {
		if result.Job != nil {
			result.Job = result.Job.WithoutDownloads()
		}
		out[id] = result
	}
	return out, nil
}

// Jobs reads a list of jobs of one cluster.
func (w withoutDownloads) Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := w.Reader.Jobs(ctx, q)
	if err != nil {
		return nil, err
	}
	out := jobsWithoutDownloads(*jobs)
	return &out, nil
}

// ProjectJobs reads a list of jobs of a whole project.
func (w withoutDownloads) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	jobs, err := w.Reader.ProjectJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	return &restore.ProjectJobs{Jobs: jobsWithoutDownloads(jobs.Jobs), Unread: jobs.Unread}, nil
}

func jobsWithoutDownloads(jobs restore.Jobs) restore.Jobs {
	all := make([]*restore.Job, len(jobs.Jobs))
	for i, job := range jobs.Jobs {
		all[i] = job.WithoutDownloads()
	}
	jobs.Jobs = all
	return jobs
}

// withoutPeople removes the names and addresses of people from all that its Reader reads, in copies.
type withoutPeople struct{ loader.Reader }

// RestoreEvents reads events of one project about restores.
func (w withoutPeople) RestoreEvents(ctx context.Context, q restore.EventQuery) (*restore.Events, error) {
	events, err := w.Reader.RestoreEvents(ctx, q)
	if err != nil {
		return nil, err
	}
	out := *events
	out.Events = make([]*restore.Event, len(events.Events))
	for i, e := range events.Events {
		out.Events[i] = e.WithoutPeople()
	}
	return &out, nil
}

// BackupCompliancePolicy reads the backup compliance policy of one project.
func (w withoutPeople) BackupCompliancePolicy(ctx context.Context, groupID string) (*restore.CompliancePolicy, error) {
	policy, err := w.Reader.BackupCompliancePolicy(ctx, groupID)
	return policy.WithoutPeople(), err
}
