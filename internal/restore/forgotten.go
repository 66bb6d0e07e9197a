package restore

import (
	"sync/atomic"
	"time"
)

const (
	// maxForgotten bounds the clusters that are remembered as forgotten. One that is evicted may be stale for as long as
	// its results are cached.
	maxForgotten = 10_000
	// forgottenTTL is at least the TTL of every result.
	forgottenTTL = time.Hour
)

// forgotten holds when clusters were changed, so that what was read of them before is not used. It is safe for concurrent
// use.
type forgotten struct {
	some     atomic.Bool // a cluster was forgotten, once
	all      atomic.Pointer[time.Time]
	clusters *ttlMap[ClusterKey, time.Time]
}

func newForgotten() *forgotten {
	return &forgotten{clusters: newTTLMap[ClusterKey, time.Time](maxForgotten, forgottenTTL)}
}

// at returns when the cluster of a call was changed; zero where it was not. A call without a cluster is one for a project.
func (f *forgotten) at(key callKey) time.Time {
	if !f.some.Load() {
		return time.Time{}
	}
	at, _ := f.clusters.get(ClusterKey{key.groupID, key.clusterName})
	if all := f.all.Load(); all != nil && all.After(at) {
		return *all
	}
	return at
}

// ForgetAll has everything read again that was read until now.
func (s *Service) ForgetAll() {
	s.forgotten.all.Store(new(time.Now()))
	s.forgotten.some.Store(true)
}

// Forget has everything read again that was read of the cluster until now: the cluster, its jobs and snapshots, and the
// lists of its project. Reads that are running count as made before.
func (s *Service) Forget(cluster ClusterKey) {
	now := time.Now()
	s.forgotten.clusters.set(cluster, now)
	s.forgotten.clusters.set(ClusterKey{GroupID: cluster.GroupID}, now)
	s.forgotten.some.Store(true)
}
