package loader

import (
	"context"

	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/tracing"
)

// Prefetch names jobs of one cluster that are all that the root fields of an operation ask for.
// They are read before the fields are executed, because twenty fields that wait for one call cost more
// than the call.
type Prefetch struct {
	Tier    restore.Tier // as for Reader.BatchedJobs
	Cluster restore.ClusterKey
	Keys    []restore.Key // different ones
}

// Prefetch reads the jobs of Plan.Prefetch, if there are any, and returns when they are read. It
// must be called before any other method.
func (l *Loaders) Prefetch() {
	p := l.plan.Prefetch
	if p == nil {
		return
	}
	found, err := inSlot(l.ctx, l.slots, func(ctx context.Context) (map[restore.Key]result[*restore.Job], error) {
		ctx, span := tracing.Batch(ctx, jobName, len(p.Keys))
		defer span.End()
		return l.batchedJobs(ctx, p.Tier, p.Cluster, p.Keys)
	})
	if err != nil {
		found = make(map[restore.Key]result[*restore.Job], len(p.Keys))
		for _, key := range p.Keys {
			found[key] = result[*restore.Job]{err: err}
		}
	}
	l.prefetched = found
}

// prefetchedJob returns what Prefetch read of a job, if it did.
func (l *Loaders) prefetchedJob(tier restore.Tier, key restore.Key) (r result[*restore.Job], ok bool) {
	if l.plan.Prefetch == nil || l.plan.Prefetch.Tier != tier {
		return r, false
	}
	r, ok = l.prefetched[key]
	return r, ok
}
