package restore

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"atlas-restore-gateway/internal/atlas"
)

// pollSeed is that of all fingerprints, so that they can be compared.
var pollSeed = maphash.MakeSeed()

// Polled is what a poll has read of a cluster.
type Polled struct {
	Query   PollQuery
	Missing bool // there is no such cluster
	Lists   []polledList
	Jobs    []PolledJob // of Query.IDs that stand on no list

	hidden *hiddenJobs
}

// polledList is the newest page of a list.
type polledList struct {
	Tier    Tier
	Options atlas.ListOptions
	page    *page[*Job]
}

// PolledJob is a job that was read by its id.
type PolledJob struct {
	Tier Tier
	Job  *Job
}

// Fingerprint returns a number for what was read: two polls with the same one have read the same. Numbers of two processes
// cannot be compared.
func (p *Polled) Fingerprint() uint64 {
	if p.Missing {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(pollSeed)
	for _, list := range p.Lists {
		hashJobs(&h, list.page.items)
	}
	for _, j := range p.Jobs {
		hashJobs(&h, []*Job{j.Job})
	}
	return h.Sum64()
}

// Covers reports whether the poll has read all that another one would.
func (p *Polled) Covers(q PollQuery) bool {
	of := p.Query
	return of.Cluster == q.Cluster && pageSize(of.First) >= pageSize(q.First) &&
		len(union(of.IDs, q.IDs)) == len(of.IDs) && len(union(of.Tiers, q.Tiers)) == len(of.Tiers)
}

// polledFormat is how Polled is stored.
type polledFormat struct {
	Query   PollQuery
	Missing bool
	Lists   []polledListFormat
	Tiers   []Tier // of jobs
	Jobs    jobsFormat
}

type polledListFormat struct {
	Tier    Tier
	Options atlas.ListOptions
	Page    pageFormat[*Job]
}

// PollName returns what names a poller for other processes: those whose polls have another format have other pollers.
func PollName(cluster ClusterKey) []string {
	return []string{formatVersion, cluster.GroupID, cluster.Name}
}

// Encode returns the query for other processes.
func (q PollQuery) Encode() []byte {
	data, _ := encode(q)
	return data
}

// Union returns the query for all that this one and others want to be polled of the cluster.
func (q PollQuery) Union(encoded [][]byte) PollQuery {
	for _, one := range encoded {
		var other PollQuery
		if json.Unmarshal(one, &other) != nil || other.Cluster != q.Cluster {
			continue
		}
		q.First = max(q.First, other.First)
		q.Tiers, q.IDs = union(q.Tiers, other.Tiers), union(q.IDs, other.IDs)
	}
	return q
}

// union returns all elements of two lists, each once.
func union[T comparable](one, other []T) []T {
	for _, element := range other {
		if !slices.Contains(one, element) {
			one = append(one, element)
		}
	}
	return one
}

// Encode returns what other processes can adopt; false where they have to poll by themselves, because something could not
// be decoded.
func (p *Polled) Encode() ([]byte, bool) {
	f := polledFormat{Query: p.Query, Missing: p.Missing}
	for _, list := range p.Lists {
		page, ok := p.hidden.formatPage(list.page)
		if !ok {
			return nil, false
		}
		f.Lists = append(f.Lists, polledListFormat{list.Tier, list.Options, page})
	}
	jobs := make([]*Job, len(p.Jobs))
	for i, j := range p.Jobs {
		jobs[i] = j.Job
		f.Tiers = append(f.Tiers, j.Tier)
	}
	var ok bool
	if f.Jobs, ok = p.hidden.format(jobs); !ok {
		return nil, false
	}
	return encode(f)
}

// decodePolled decodes what another process has polled at this time.
func (h *hiddenJobs) decodePolled(data []byte, readAt time.Time) (*Polled, error) {
	var f polledFormat
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	p := &Polled{Query: f.Query, Missing: f.Missing, hidden: h}
	for _, list := range f.Lists {
		page, err := h.restorePage(list.Page, readAt)
		if err != nil {
			return nil, err
		}
		p.Lists = append(p.Lists, polledList{list.Tier, list.Options, page})
	}
	jobs, err := h.restore(f.Jobs, readAt)
	if err != nil || len(jobs) != len(f.Tiers) {
		return nil, cmp.Or(err, errNoItem)
	}
	for i, j := range jobs {
		p.Jobs = append(p.Jobs, PolledJob{f.Tiers[i], j})
	}
	return p, nil
}

// ErrNotCovered is the error of a poll that another process has made and this one cannot adopt: it did not read all that
// is wanted, or read jobs with download URLs that this process has not read.
var ErrNotCovered = errors.New("restore: another process has not polled, or not shared, all that is wanted")

// Adopt gives the view what another process has polled at this time, as if it had polled it itself.
func (l *Live) Adopt(_ context.Context, q PollQuery, data []byte, readAt time.Time) (*Polled, error) {
	p, err := l.cache.hidden.decodePolled(data, readAt)
	if err != nil || !p.Covers(q) {
		return nil, cmp.Or(err, ErrNotCovered)
	}
	l.adopt(p)
	return p, nil
}

func (l *Live) adopt(p *Polled) {
	cluster := p.Query.Cluster
	if p.Missing {
		l.removePages(cluster)
		return
	}
	for _, list := range p.Lists {
		before := l.newestPage(list.Tier, cluster, list.Options)
		l.cachePage(list.Tier, cluster, list.Options, list.page)
		l.setPolled(list.Tier, cluster, list.Options, list.page, before)
		if list.Tier != Collection {
			l.tiers.setTier(cluster, list.Tier)
		}
	}
	for _, id := range p.Query.IDs {
		for _, list := range p.Lists {
			l.cache.jobs.Remove(jobKey(list.Tier, Key{cluster.GroupID, cluster.Name, id}))
		}
	}
	for _, j := range p.Jobs {
		l.cache.jobs.Put(jobKey(j.Tier, j.Job.Key), j.Job)
	}
}

// Encode returns what other processes can adopt; false where they have to read the clusters by themselves, because some
// could not be read.
func (c *Clusters) Encode() ([]byte, bool) {
	if len(c.Failures) > 0 || slices.ContainsFunc(c.Clusters, func(c *Cluster) bool { return c.Err != nil }) {
		return nil, false
	}
	return encode(c.Clusters)
}

// DecodeClusters decodes what another process has read.
func DecodeClusters(data []byte) (*Clusters, error) {
	var c Clusters
	if err := json.Unmarshal(data, &c.Clusters); err != nil {
		return nil, err
	}
	if slices.Contains(c.Clusters, nil) {
		return nil, errNoItem
	}
	return &c, nil
}

// hashJobs adds jobs to a fingerprint.
func hashJobs(h *maphash.Hash, jobs []*Job) {
	for _, j := range jobs {
		_, _ = h.WriteString(j.JobID)
		if j.Err != nil {
			continue
		}
		encoded, _ := encode(j)
		_, _ = h.Write(encoded)
	}
	_ = h.WriteByte(0)
}

// SharedPolls are the polls that several processes share which watch the same clusters with the same credential. One of
// them polls, and the others adopt what it has read.
type SharedPolls interface {
	// Lease says for a poller whether this process is to poll, for ttl from now on, and tells the others what it wants to
	// be polled. ok is false where the processes cannot share now.
	Lease(ctx context.Context, name []string, interest []byte, ttl time.Duration) (lease PollLease, ok bool)
	// Publish has the others know of a poll that began at a version and, where it was answered, what it has read: nil where
	// they have to read it themselves. A process that holds the lease keeps it for ttl.
	Publish(ctx context.Context, name []string, poll PublishedPoll, ttl time.Duration)
	// Latest returns the poll with the highest version that was published.
	Latest(ctx context.Context, name []string) (result []byte, version int64, ok bool)
	// Release gives the lease up.
	Release(ctx context.Context, name []string)
	// Listen has f called when another process may have published a poll, or given up its lease, until stop is called. f
	// must return at once.
	Listen(name []string, f func()) (stop func())
	// Version returns that of a poll which begins now, and Time is when one began by the local clock.
	Version() int64
	Time(version int64) time.Time
}

// PollLease is what the processes know of a poller.
type PollLease struct {
	// IsHolder says that this process is to poll, and Fence counts the processes that were.
	IsHolder bool
	Fence    int64
	// Left is the time until another process may poll.
	Left time.Duration
	// Interests are what the others want to be polled.
	Interests [][]byte
	// Polled is the version of the last poll, and Answered that of the last one that was answered; 0 where there was none.
	Polled, Answered int64
	// Private says that what was answered is not shared.
	Private bool
}

// PublishedPoll is a poll for SharedPolls.Publish.
type PublishedPoll struct {
	Version, Fence int64
	Answered       bool
	Result         []byte
}

// SharedPolls returns the polls that are shared with other processes; nil where there are none.
func (l *Live) SharedPolls(context.Context, string) SharedPolls { return l.polls }
