package loader

import (
	"context"
	"slices"

	"atlas-restore-gateway/internal/restore"
)

// Prefetch are jobs of one cluster that are all that an operation asks for at its top. They
// are read before its fields are executed: twenty fields that wait for one call cost
// more than the call.
type Prefetch struct {
	Tier    restore.Tier // as for Reader.BatchedJobs
	Cluster restore.ClusterKey
	Keys    []restore.Key // different ones
}

// Prefetch reads what is planned to be read ahead, and returns when that is over. It must
// be called before anything else, and does nothing where nothing is planned.
func (l *Loaders) Prefetch() {
	a := l.plan.Prefetch
	if a == nil {
		return
	}
	var found map[restore.Key]result[*restore.Job]
	err := inSlot(l.ctx, l.slots, func(ctx context.Context) (err error) {
		found, err = l.readTogether(ctx, a.Tier, a.Cluster, a.Keys)
		return err
	})
	if err != nil {
		found = make(map[restore.Key]result[*restore.Job], len(a.Keys))
		for _, key := range a.Keys {
			found[key] = result[*restore.Job]{err: err}
		}
	}
	l.jobLoader(a.Tier).ahead = found
}

// readTogether reads jobs of one cluster, and notes that what they link to will be asked for
// together, too.
func (l *Loaders) readTogether(ctx context.Context, tier restore.Tier, cluster restore.ClusterKey, keys []restore.Key) (map[restore.Key]result[*restore.Job], error) {
	ids := mapped(keys, func(k restore.Key) string { return k.JobID })
	slices.Sort(ids)
	jobs, err := l.reader.BatchedJobs(ctx, tier, cluster, ids)
	found := make(map[restore.Key]result[*restore.Job], len(jobs))
	read := make([]*restore.Job, 0, len(jobs))
	for id, job := range jobs {
		found[restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id}] = result[*restore.Job]{job.Job, job.Err}
		if job.Job != nil {
			read = append(read, job.Job)
		}
	}
	l.expectLinks(read)
	return found, err
}
