package restore

import (
	"strconv"
	"strings"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// About how many bytes things hold, without what differs much among them. A third of it is
// for what the allocator loses: a job of a list holds 1400 with its links, its key and its
// place in the cache, and counts for 1850.
const (
	jobBytes      = 1000
	snapshotBytes = 700
	clusterBytes  = 600
	projectBytes  = 600

	linkBytes       = 200
	usualLinks      = 3
	tagBytes        = 150
	usualTags       = 2
	privateURLBytes = 400
)

// keyOf names a call by its parts. Names and ids hold no slash.
func keyOf(what string, api Tier, parts ...string) string {
	return what + strconv.Itoa(int(api)) + "/" + strings.Join(parts, "/")
}

func pageKey(o atlas.ListOptions) string {
	key := strconv.Itoa(o.PageNum) + "x" + strconv.Itoa(o.ItemsPerPage)
	if o.Count {
		key += "+count"
	}
	return key
}

// isFinal is whether the job cannot change any more. A download that is ready can: it
// will expire.
func (j *Job) isFinal() bool {
	switch j.State {
	case Succeeded, Failed, Cancelled, Expired:
		return true
	default:
		return false
	}
}

func (k CacheSettings) job(j *Job) (time.Duration, int) {
	bytes := jobBytes + 400*len(j.Components) + textBytes(j.DeliveryURL) + len(j.Links) + privateURLBytes*len(j.PrivateDownloadDeliveryURLs)
	for _, c := range j.Components {
		bytes += privateURLBytes * len(c.PrivateDownloadDeliveryURLs)
	}
	if j.isFinal() && (j.ExpiresAt != nil || !j.HasDownload()) {
		return j.untilURLsExpire(k.Final), bytes
	}
	// Also a URL whose end nobody knows: it can be over at any time.
	ttl := k.Running
	if !j.readAt.IsZero() {
		// It may come from a list that was kept for a while.
		ttl = max(0, ttl-time.Since(j.readAt))
	}
	return j.untilURLsExpire(ttl), bytes
}

// untilURLsExpire cuts a time to what the job's download URLs have left: none is kept
// after its end, whatever state the job is in.
func (j *Job) untilURLsExpire(ttl time.Duration) time.Duration {
	if j.ExpiresAt == nil || !j.HasDownload() {
		return ttl
	}
	return max(0, min(ttl, time.Until(*j.ExpiresAt)))
}

func (k CacheSettings) jobs(p *page[*Job]) (time.Duration, int) {
	if p.countErr != nil {
		return 0, 0
	}
	ttl, bytes := k.Running, 0
	for _, j := range p.items {
		_, b := k.job(j)
		bytes += b
		ttl = j.untilURLsExpire(ttl)
	}
	return ttl, bytes
}

func (k CacheSettings) snapshot(s *Snapshot) (time.Duration, int) {
	bytes := snapshotBytes + 200*len(s.Members) + linkBytesOf(s.Links) + textBytes(s.CopyRegions) + textBytes(s.PolicyItems) + textBytes(s.SnapshotIDs)
	if s.Status != nil && (*s.Status == SnapshotCompleted || *s.Status == SnapshotFailed) {
		return k.Final, bytes
	}
	return k.Running, bytes
}

func (k CacheSettings) snapshots(p *page[*Snapshot]) (time.Duration, int) {
	if p.countErr != nil {
		return 0, 0
	}
	return k.Running, sum(p.items, func(s *Snapshot) int {
		_, bytes := k.snapshot(s)
		return bytes
	})
}

// linkBytesOf is about how many bytes links hold beyond the few that a thing has, which are counted
// with it.
func linkBytesOf(links []atlas.Link) int { return linkBytes * max(0, len(links)-usualLinks) }

// textBytes is about how many bytes a list of texts holds.
func textBytes(texts []string) int {
	return sum(texts, func(text string) int { return len(text) + 16 })
}

func sum[T any](all []T, of func(T) int) int {
	n := 0
	for _, one := range all {
		n += of(one)
	}
	return n
}

func (k CacheSettings) cluster(c *Cluster) (time.Duration, int) {
	return k.Running, clusterBytes + linkBytesOf(c.Links)
}

func (k CacheSettings) clusters(p *page[*Cluster]) (time.Duration, int) {
	return k.Running, sum(p.items, func(c *Cluster) int {
		_, bytes := k.cluster(c)
		return bytes
	})
}

func (k CacheSettings) project(p *atlas.Project) (time.Duration, int) {
	return k.Running, projectBytes + linkBytesOf(p.Links) + tagBytes*max(0, len(p.Tags)-usualTags)
}

func (k CacheSettings) projects(p *page[*atlas.Project]) (time.Duration, int) {
	return k.Running, sum(p.items, func(p *atlas.Project) int {
		_, bytes := k.project(p)
		return bytes
	})
}
