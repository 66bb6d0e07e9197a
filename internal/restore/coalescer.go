package restore

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/tracing"
)

// coalescer batches concurrent requests for jobs of one cluster, across operations, into one list call. The first
// request is sent at once; later ones wait until it returns, at most coalesceWait, and are sent as one batch.
//
//	request 1 ──► GET ────────────────────────────►
//	request 2 ──────┐ batch
//	request 3 ──────┴── at most 1 ms ──► LIST ─────►
//	request 4 ───────────────────────────┐ batch
//	request 5 ───────────────────────────┴── …
type coalescer struct {
	flights flight.Group[struct{}, batchResults]

	mu    sync.Mutex
	lists map[jobList]*listRequests // those with requests that are running or wait
}

// jobList names the list of jobs of one cluster in one API.
type jobList struct {
	tier    Tier
	cluster ClusterKey
}

// listRequests are the requests for jobs of one list.
type listRequests struct {
	running int // requests and batches
	next    *jobBatch
}

// jobBatch is requests that are sent together.
type jobBatch struct {
	call   *flight.Call[batchResults]
	meters map[string]*atlas.Meter // by job: that of the operation that wants it, or nil
	idle   chan struct{}           // closed when no other request of the list is running
	sent   bool
}

// coalesceWait is the longest wait for other requests.
const coalesceWait = time.Millisecond

// minCoalescedDensity bounds the pages that are read for several operations: at least one job in as many must be
// wanted. Within one operation a page pays for two jobs; between operations the first request would wait for a large
// page that mostly others want.
const minCoalescedDensity = 50

// coalescedJob reads one job, together with those of the same list that others want now. With no-cache it is read by
// itself.
func (s *Service) coalescedJob(ctx context.Context, tier Tier, key Key) (*Job, error) {
	list := jobList{tier, key.Cluster()}
	batch, err := s.joinBatch(ctx, list, key.JobID)
	if err != nil {
		return nil, err
	}
	if batch == nil {
		defer s.coalescer.returned(list)
		return s.readJob(ctx, tier, key)
	}
	results, err := batch.call.Wait(ctx)
	if err != nil {
		return nil, err
	}
	result := results[key.JobID]
	return result.Job, result.Err
}

// joinBatch adds a job to the batch of its list that waits. It returns nil when the request is to be sent by itself,
// at once; then the caller must call returned.
func (s *Service) joinBatch(ctx context.Context, list jobList, id string) (*jobBatch, error) {
	c := &s.coalescer
	c.mu.Lock()
	defer c.mu.Unlock()
	requests := c.lists[list]
	if requests == nil {
		requests = &listRequests{}
		c.lists[list] = requests
	}
	if requests.running == 0 || callcache.NoCache(ctx) {
		requests.running++
		return nil, nil //nolint:nilnil // documented
	}
	// Not a batch that all others have left.
	if requests.next == nil || !requests.next.call.Join(ctx) {
		batch := &jobBatch{meters: make(map[string]*atlas.Meter), idle: make(chan struct{})}
		call, err := c.flights.Start(ctx, func(ctx context.Context) (batchResults, error) {
			return s.sendBatch(ctx, list, batch)
		})
		if err != nil {
			return nil, err
		}
		batch.call, requests.next = call, batch
	}
	requests.next.meters[id] = atlas.MeterOf(ctx)
	return requests.next, nil
}

// sendBatch waits until the batch is to be sent, and reads its jobs.
func (s *Service) sendBatch(ctx context.Context, list jobList, batch *jobBatch) (batchResults, error) {
	wait := time.NewTimer(coalesceWait)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-batch.idle:
	case <-ctx.Done():
	}
	if !s.coalescer.send(list, batch) {
		return nil, context.Canceled
	}
	defer s.coalescer.returned(list)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx, span := tracing.Batch(ctx, "coalesced job", len(batch.meters))
	defer span.End()
	return s.readBatch(ctx, list, batch.meters)
}

// send closes the batch for further requests, and counts it as running. It reports false where another batch has
// taken its place, because all callers had left.
func (c *coalescer) send(list jobList, batch *jobBatch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if requests := c.lists[list]; requests != nil && requests.next == batch {
		requests.send()
	}
	return batch.sent
}

func (r *listRequests) send() {
	r.next.sent = true
	r.next = nil
	r.running++
}

// returned counts a request or batch that is not running any more. With the last one the wait of the next batch is
// over.
func (c *coalescer) returned(list jobList) {
	c.mu.Lock()
	defer c.mu.Unlock()
	requests := c.lists[list]
	if requests.running--; requests.running > 0 {
		return
	}
	if next := requests.next; next != nil {
		requests.send()
		close(next.idle)
		return
	}
	delete(c.lists, list)
}

// readBatch reads jobs of one list without the cache, which was looked into for each of them before. Jobs that share no
// page with others are read at once, beside the pages, so that they wait for one response and not for two.
func (s *Service) readBatch(ctx context.Context, list jobList, meters map[string]*atlas.Meter) (batchResults, error) {
	groups := s.groupByPage(ctx, list, slices.Sorted(maps.Keys(meters)))
	read := make([]batchResults, len(groups))
	concurrently(len(groups), len(groups), func(i int) {
		read[i] = s.readGroup(ctx, list, groups[i], i < len(groups)-1, meters)
	})
	results := make(batchResults, len(meters))
	for _, some := range read {
		maps.Copy(results, some)
	}
	return results, nil
}

// groupByPage returns the ids in groups: of each but the last it is worth reading pages.
func (s *Service) groupByPage(ctx context.Context, list jobList, ids []string) [][]string {
	if !s.indexes.coalescedPagesPay(list) {
		return [][]string{ids}
	}
	var groups [][]string
	for len(ids) > 1 {
		pick := s.indexes.pick(list, ids)
		if _, saves := s.pageOf(ctx, list, pick, true, minCoalescedDensity); !saves {
			break
		}
		groups = append(groups, pick.IDs)
		ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(pick.IDs, id) })
	}
	return append(groups, ids)
}

// readGroup reads pages of the list, if they are worth reading, and each job that is not there by itself. A job that is
// read by itself counts for the operation that wants it, and a page for the one that began the batch.
func (s *Service) readGroup(ctx context.Context,
	list jobList, ids []string, onPage bool, meters map[string]*atlas.Meter) batchResults {
	results := make(batchResults, len(ids))
	left, err := flight.Recovered(ctx, func(ctx context.Context) ([]string, error) {
		if !onPage {
			return ids, nil
		}
		left, err := s.readPages(ctx, list.tier, list.cluster, slices.Clone(ids), results, minCoalescedDensity)
		if err == nil {
			s.indexes.recordCoalescedPage(list, len(results))
		}
		return left, err
	})
	if err != nil {
		for _, id := range ids {
			results[id] = JobResult{Err: err}
		}
		return results
	}
	got := make([]JobResult, len(left))
	// All at once, as if each operation had asked by itself: the client bounds what is sent to Atlas.
	concurrently(len(left), len(left), func(i int) {
		ctx := atlas.WithMeter(ctx, meters[left[i]])
		got[i].Job, got[i].Err = flight.Recovered(ctx, func(ctx context.Context) (*Job, error) {
			return s.readJob(ctx, list.tier, Key{list.cluster.GroupID, list.cluster.Name, left[i]})
		})
	})
	for i, id := range left {
		results[id] = got[i]
	}
	return results
}
