package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
	"atlas-restore-gateway/internal/flight"
)

// cache holds the answers of Atlas, by kind. All of it belongs to one Service and so to one credential.
type cache struct {
	*callcache.Cache[callKey]
	hidden                              *hiddenJobs // nil where download URLs are shared
	jobs                                *callcache.Kind[callKey, *Job]
	jobPages, finalJobs                 *callcache.Kind[callKey, *page[*Job]]
	snapshots, shardedSnapshots         *callcache.Kind[callKey, *Snapshot]
	snapshotPages, shardedSnapshotPages *callcache.Kind[callKey, *page[*Snapshot]]
	clusters                            *callcache.Kind[callKey, *Cluster]
	clusterPages                        *callcache.Kind[callKey, *page[*Cluster]]
	backupSchedules                     *callcache.Kind[callKey, *atlas.BackupSchedule]
	exportPages                         *callcache.Kind[callKey, *page[*atlas.SnapshotExport]]
	bucketPages                         *callcache.Kind[callKey, *page[*atlas.ExportBucket]]
	compliancePolicies                  *callcache.Kind[callKey, *CompliancePolicy]
	eventPages                          *callcache.Kind[callKey, *page[*Event]]
	organizationPages                   *callcache.Kind[callKey, *page[*atlas.Organization]]
	restoredCollectionPages             *callcache.Kind[callKey, *page[*atlas.RestoredCollection]]
	projects                            *callcache.Kind[callKey, *atlas.Project]
	projectPages                        *callcache.Kind[callKey, *page[*atlas.Project]]
}

// callKey names a call of Atlas among those of its kind. Fields that the call does not have are zero.
type callKey struct {
	tier                     Tier
	groupID, clusterName, id string
	page                     atlas.ListOptions
}

func jobKey(tier Tier, key Key) callKey {
	return callKey{tier: tier, groupID: key.GroupID, clusterName: key.ClusterName, id: key.JobID}
}

func snapshotKey(tier Tier, key SnapshotKey) callKey {
	return callKey{tier: tier, groupID: key.GroupID, clusterName: key.ClusterName, id: key.SnapshotID}
}

func pageKey(tier Tier, cluster ClusterKey, o atlas.ListOptions) callKey {
	return callKey{tier: tier, groupID: cluster.GroupID, clusterName: cluster.Name, page: o}
}

// newCache returns an empty cache with a store behind it, which may be nil: in that are the jobs of a list only where
// they are not polled. What was forgotten is not used.
func newCache(ttl CacheSettings, shared callcache.Shared, polled bool, forgotten *forgotten) (*cache, error) {
	calls, err := callcache.New[callKey](callcache.Options{
		MaxBytes: ttl.Bytes, MissingTTL: ttl.Missing, IsMissing: atlas.IsNotFound, Allow: allowCall, Begin: beginCall,
		Shared: shared,
	})
	if err != nil {
		return nil, err
	}
	calls.ForgottenAt = forgotten.at
	var hidden *hiddenJobs
	if !ttl.ShareDownloads {
		hidden = newHiddenJobs()
	}
	job, jobPages, finalJobs := hidden.jobCodec("job"), hidden.jobPageCodec("job list"), hidden.jobPageCodec("final jobs")
	if polled {
		job, jobPages, finalJobs = nil, nil, nil
	}
	// In the order in which they are counted.
	return &cache{
		Cache: calls, hidden: hidden,
		jobs: callcache.NewKind(calls, callcache.KindOptions[callKey, *Job]{
			Name: "job", TTL: ttl.jobTTL, Size: jobSize, HoldsSecret: (*Job).HasDownload,
			ReadAt: func(j *Job) time.Time { return j.readAt }, Codec: job,
		}),
		jobPages: callcache.NewKind(calls, callcache.KindOptions[callKey, *page[*Job]]{
			Name: "job list", TTL: ttl.jobPageTTL, Size: sizeOfPage(jobSize), HoldsSecret: hasDownloads, Codec: jobPages,
		}),
		finalJobs: callcache.NewKind(calls, callcache.KindOptions[callKey, *page[*Job]]{
			Name: "job", TTL: func(*page[*Job]) time.Duration { return ttl.Final }, Size: sizeOfPage(jobSize),
			HoldsSecret: func(*page[*Job]) bool { return false }, Codec: finalJobs,
		}),
		snapshots:            newKind(calls, "snapshot", "snapshot", ttl.snapshotTTL, snapshotSize),
		shardedSnapshots:     newKind(calls, "snapshot", "sharded snapshot", ttl.snapshotTTL, snapshotSize),
		snapshotPages:        newPageKind(calls, "snapshot list", "snapshot list", ttl.snapshotPageTTL, snapshotSize),
		shardedSnapshotPages: newPageKind(calls, "snapshot list", "sharded snapshot list", ttl.snapshotPageTTL, snapshotSize),
		clusters:             newKind(calls, "cluster", "cluster", runningTTL[*Cluster](ttl), clusterSize),
		clusterPages: newPageKind(calls, "cluster list", "cluster list", func(*page[*Cluster]) time.Duration {
			return cmp.Or(ttl.Clusters, ttl.Running)
		}, clusterSize),
		backupSchedules: newKind(calls, "backup schedule", "backup schedule",
			runningTTL[*atlas.BackupSchedule](ttl), backupScheduleSize),
		exportPages: newListKind(calls, "export list", ttl, exportSize),
		bucketPages: newListKind(calls, "export bucket list", ttl, bucketSize),
		compliancePolicies: newKind(calls, "compliance policy", "compliance policy",
			runningTTL[*CompliancePolicy](ttl), policySize),
		eventPages:              newListKind(calls, "event list", ttl, eventSize),
		organizationPages:       newListKind(calls, "organization list", ttl, organizationSize),
		restoredCollectionPages: newListKind(calls, "restored collection list", ttl, restoredCollectionSize),
		projects:                newKind(calls, "project", "project", runningTTL[*atlas.Project](ttl), projectSize),
		projectPages:            newListKind(calls, "project list", ttl, projectSize),
	}, nil
}

// hasDownloads reports whether a job of the page has download URLs.
func hasDownloads(p *page[*Job]) bool { return slices.ContainsFunc(p.items, (*Job).HasDownload) }

// newListKind adds a kind of pages that can always change.
func newListKind[T any](
	c *callcache.Cache[callKey], name string, ttl CacheSettings, size func(T) int,
) *callcache.Kind[callKey, *page[T]] {
	return newPageKind(c, name, name, runningTTL[*page[T]](ttl), size)
}

// newPageKind adds a kind of pages: counted under a name, and shared under another one.
func newPageKind[T any](
	c *callcache.Cache[callKey], name, shared string, ttl func(*page[T]) time.Duration, size func(T) int,
) *callcache.Kind[callKey, *page[T]] {
	return callcache.NewKind(c, callcache.KindOptions[callKey, *page[T]]{
		Name: name, TTL: ttl, Size: sizeOfPage(size), HoldsSecret: func(*page[T]) bool { return false },
		Codec: pageCodec[T](shared),
	})
}

// newKind adds a kind of single values: counted under a name, and shared under another one.
func newKind[V any](
	c *callcache.Cache[callKey], name, shared string, ttl func(V) time.Duration, size func(V) int,
) *callcache.Kind[callKey, V] {
	return callcache.NewKind(c, callcache.KindOptions[callKey, V]{
		Name: name, TTL: ttl, Size: size, HoldsSecret: func(V) bool { return false }, Codec: codecOf[V](shared),
	})
}

// ErrCallsSpent is the error of a call that was not made, because the operation has made as many as it may
// (atlas.Meter).
var ErrCallsSpent = errors.New("restore: the operation has made as many calls as it may")

// allowCall returns an error when the operation, or its caller, may make no call any more. A call that others may
// wait for, too, is always allowed: its error would be theirs.
func allowCall(ctx context.Context) error {
	m := atlas.MeterOf(ctx)
	switch {
	case m == nil || flight.Shared(ctx):
		return nil
	case m.Spent():
		return ErrCallsSpent
	case m.Allow != nil:
		return m.Allow()
	default:
		return nil
	}
}

// beginCall counts a call for the operation that makes it. A call that is made for another one counts as that.
func beginCall(ctx context.Context) error {
	if m := atlas.MeterOf(ctx); m != nil && !flight.Shared(ctx) && !m.Begin() {
		return ErrCallsSpent
	}
	return nil
}

// WithNoCache returns a context with which Atlas is asked, whatever is cached.
func WithNoCache(ctx context.Context) context.Context { return callcache.WithNoCache(ctx) }

// Freshness records how long what was read with a context may be used, and whether a download URL was read.
type Freshness = callcache.Freshness

// WithFreshness returns a context whose answers are recorded in f.
func WithFreshness(ctx context.Context, f *Freshness) context.Context {
	return callcache.WithFreshness(ctx, f)
}

type (
	// Stats are the counters of a Service.
	Stats = callcache.Stats
	// KindStats are the counters of one kind of answer: a job, a list of jobs and so on.
	KindStats = callcache.KindStats
)

// KindNotFound is the name of the kind of the answers that say that something does not exist.
const KindNotFound = callcache.KindMissing

// Stats returns the counters. It is cheap enough to be called several times a second.
func (s *Service) Stats() Stats { return s.cache.Stats() }
