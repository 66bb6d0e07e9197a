package restore

import (
	"cmp"
	"time"
)

// CacheSettings say how much of Atlas's answers is cached, and for how long.
type CacheSettings struct {
	// Bytes bounds the size of the cache, about; 0 caches nothing.
	Bytes int64
	// Final is the TTL of jobs that cannot change any more, and of snapshots that are complete.
	Final time.Duration
	// Running is the TTL of everything that can change: a change may stay unseen for as long.
	Running time.Duration
	// Clusters is the TTL of the lists of a project's clusters: a new cluster may stay unseen for as long. 0 means
	// Running, and below 0 they are not cached.
	Clusters time.Duration
	// Missing is the TTL of the answer that something does not exist.
	Missing time.Duration
	// Polled is the TTL of pages that are polled, and Unpolled that of jobs which do not stand on them and can change; 0
	// means Running (see Live).
	Polled, Unpolled time.Duration
	// ShareDownloads says that jobs with download URLs are in a store that processes share, too.
	ShareDownloads bool
}

// DefaultCacheSettings are the settings where none are given.
var DefaultCacheSettings = CacheSettings{
	Bytes: 16 << 20, Final: 5 * time.Minute, Running: 2 * time.Second, Clusters: time.Minute, Missing: time.Second,
}

// isFinal reports whether the job cannot change any more. A download that is ready can: it will expire.
func (j *Job) isFinal() bool {
	switch j.State {
	case Succeeded, PartiallySucceeded, Failed, Cancelled, Expired:
		return true
	default:
		return false
	}
}

// jobTTL returns how long a job may be used after it was read. It is never used after its download URLs have expired.
func (s CacheSettings) jobTTL(j *Job) time.Duration {
	if j.isFinal() && (j.ExpiresAt != nil || !j.HasDownload()) {
		return j.untilURLsExpire(s.Final)
	}
	// Also where no end of its URL is known: it can be over at any time.
	return j.untilURLsExpire(cmp.Or(s.Unpolled, s.Running))
}

// untilURLsExpire bounds a TTL by the time that the job's download URLs have left, whatever state the job is in.
func (j *Job) untilURLsExpire(ttl time.Duration) time.Duration {
	if j.ExpiresAt == nil || !j.HasDownload() {
		return ttl
	}
	return max(0, min(ttl, time.Until(*j.ExpiresAt)))
}

// jobPageTTL is jobTTL for a page: the shortest one of its jobs, and at most Running, because other jobs come. A page
// without the count that was asked for is not cached.
func (s CacheSettings) jobPageTTL(p *page[*Job]) time.Duration {
	if p.countErr != nil {
		return 0
	}
	ttl := s.Running
	if p.polled {
		ttl = s.Polled
	}
	for _, j := range p.items {
		ttl = j.untilURLsExpire(ttl)
	}
	return ttl
}

func (s CacheSettings) snapshotTTL(snapshot *Snapshot) time.Duration {
	if status := snapshot.Status; status != nil && (*status == SnapshotCompleted || *status == SnapshotFailed) {
		return s.Final
	}
	return s.Running
}

func (s CacheSettings) snapshotPageTTL(p *page[*Snapshot]) time.Duration {
	if p.countErr != nil {
		return 0
	}
	return s.Running
}

// runningTTL returns the TTL of what can always change.
func runningTTL[V any](s CacheSettings) func(V) time.Duration {
	return func(V) time.Duration { return s.Running }
}
