package restore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/flight"
)

// far is a simulator without a network, a wait away.
type far struct {
	sim  *atlassim.Simulator
	wait time.Duration
}

func (f far) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(f.wait):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	w := httptest.NewRecorder()
	f.sim.ServeHTTP(w, r)
	return w.Result(), nil
}

// rtt is how far away the simulator of newFarEnv is.
const rtt = 20 * time.Millisecond

// newFarEnv is a service before the cluster of many jobs, whose API it knows. It is
// for use in a synctest bubble.
func newFarEnv(t *testing.T, keep CacheSettings) (*env, []string) {
	t.Helper()
	sim := atlassim.New(atlassim.WithoutSeed(), atlassim.WithJobs(1000),
		atlassim.WithServiceAccount("id", "secret", atlassim.ProjectOwner))
	client, err := atlas.New(atlas.ServiceAccount{ClientID: "id", ClientSecret: "secret"},
		atlas.WithTransport(far{sim: sim, wait: rtt}),
		atlas.WithRetries(0), atlas.WithBudget(false), atlas.WithBreaker(atlas.Breaker{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	e := &env{Service: newService(t, client, Options{Cache: keep}, slog.New(slog.DiscardHandler)), sim: sim}
	ids := e.newest(t, Dedicated, bulk, 0, 1000)
	e.tiers.setTier(bulk, Dedicated)
	mustList(t, e, bulk)
	e.calls()
	return e, ids
}

var bulk = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.BulkClusterName}

// asker asks for jobs concurrently and checks how long each takes.
type asker struct {
	e  *env
	wg sync.WaitGroup
}

func (a *asker) ask(ctx context.Context, t *testing.T, id string, wantErr error, want time.Duration) {
	t.Helper()
	a.wg.Go(func() {
		start := time.Now()
		job, err := a.e.Job(ctx, AnyTier, bulk.job(id))
		if !errors.Is(err, wantErr) || err == nil && job.JobID != id {
			t.Errorf("%s: got %v, %v", id, job, err)
		}
		if took := time.Since(start); took != want {
			t.Errorf("%s took %s, want %s", id, took, want)
		}
	})
}

func TestCoalescer_sendsTheFirstRequestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		for _, id := range ids[:3] {
			a.ask(t.Context(), t, id, nil, rtt)
			a.wg.Wait()
		}
		e.wantCalls(t, 3)
	})
}

func TestCoalescer_batchesLaterRequestsAfterAMillisecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		synctest.Wait()
		for _, id := range ids[1:30] {
			a.ask(t.Context(), t, id, nil, rtt+coalesceWait)
		}
		a.wg.Wait()
		e.wantCalls(t, 2)
	})
}

func TestCoalescer_sendsTheBatchWhenTheFirstRequestReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		<-time.After(rtt - coalesceWait/2)
		for _, id := range ids[1:3] {
			a.ask(t.Context(), t, id, nil, rtt+coalesceWait/2)
		}
		a.wg.Wait()
		e.wantCalls(t, 2)
	})
}

func TestCoalescer_readsJobsThatStandFarApartOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		synctest.Wait()
		for _, n := range []int{1, 300} {
			a.ask(t.Context(), t, ids[n], nil, rtt+coalesceWait)
		}
		a.wg.Wait()
		e.wantCalls(t, 3)
	})
}

func TestCoalescer_readsAPageAndJobsThatAreNotOnItAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		synctest.Wait()
		for _, n := range []int{1, 2, 3} {
			a.ask(t.Context(), t, ids[n], nil, rtt+coalesceWait)
		}
		a.ask(t.Context(), t, ids[600], nil, rtt+coalesceWait)
		a.wg.Wait()
		// The first job, a page, and the job that stands far from all others.
		e.wantCalls(t, 3)
	})
}

func TestCoalescer_doesNotBatchRequestsWithNoCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, DefaultCacheSettings)
		a := asker{e: e}
		for _, id := range ids[600:603] {
			a.ask(WithNoCache(t.Context()), t, id, nil, rtt)
			synctest.Wait()
		}
		a.wg.Wait()
		e.wantCalls(t, 3)
	})
}

func TestCoalescer_cancelsABatchWhenItsLastRequestIsAbandoned(t *testing.T) {
	tests := map[string]struct {
		leaves time.Duration // after they have come
		stay   int           // of two
		calls  int
	}{
		"one, before it starts":  {leaves: coalesceWait / 2, stay: 1, calls: 2},
		"one, on the way":        {leaves: rtt / 2, stay: 1, calls: 2},
		"both, before it starts": {leaves: coalesceWait / 2, stay: 0, calls: 2},
		"both, on the way":       {leaves: rtt / 2, stay: 0, calls: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, ids := newFarEnv(t, CacheSettings{})
				a := asker{e: e}
				a.ask(t.Context(), t, ids[0], nil, rtt)
				synctest.Wait()
				leaving, leave := context.WithCancel(t.Context())
				defer leave()
				for i, id := range ids[1:3] {
					if i < tt.stay {
						a.ask(t.Context(), t, id, nil, rtt+coalesceWait)
					} else {
						a.ask(leaving, t, id, context.Canceled, tt.leaves)
					}
				}
				<-time.After(tt.leaves)
				leave()
				synctest.Wait()
				if tt.stay == 0 && tt.leaves < coalesceWait {
					// A new request does not join what was abandoned.
					a.ask(t.Context(), t, ids[3], nil, rtt+coalesceWait)
				}
				a.wg.Wait()
				synctest.Wait()
				e.wantCalls(t, tt.calls)
				if n := len(e.coalescer.lists); n != 0 {
					t.Errorf("%d lists are left", n)
				}
			})
		})
	}
}

func TestCoalescer_returnsTheErrorOfAListToEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		defer e.sim.Inject(atlassim.Fault{PathContains: "/restoreJobs", Times: 2, Status: 500})()
		var wg sync.WaitGroup
		for i, id := range append([]string{ids[0]}, ids[1:5]...) {
			wg.Go(func() {
				_, err := e.Job(t.Context(), AnyTier, bulk.job(id))
				var failure *atlas.Error
				if !errors.As(err, &failure) || failure.Status != 500 {
					t.Errorf("got %v", err)
				}
			})
			if i == 0 {
				synctest.Wait()
			}
		}
		wg.Wait()
		e.wantCalls(t, 2)
	})
}

func TestCoalescer_makesFewCallsForManyRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, DefaultCacheSettings)
		e.tiers.removeTier(bulk)
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				<-time.After(time.Duration(i) * 100 * time.Microsecond)
				if job, err := e.Job(t.Context(), AnyTier, bulk.job(ids[500+i])); err != nil || job.JobID != ids[500+i] {
					t.Errorf("got %v, %v", job, err)
				}
			})
		}
		wg.Wait()
		calls := e.calls()
		if len(calls) > 40 {
			t.Errorf("%d calls:\n%s", len(calls), strings.Join(calls, "\n"))
		}
	})
}

func TestCoalescer_readsForOthersWhatTheFirstOperationMayNot(t *testing.T) {
	refused := errors.New("the first one may call no more")
	for name, meter := range map[string]*atlas.Meter{
		"the operation": {MaxRequests: 1}, "the caller": {Allow: func() error { return refused }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, ids := newFarEnv(t, CacheSettings{})
				ctx := atlas.WithMeter(t.Context(), meter)
				if _, err := e.readJob(ctx, Dedicated, bulk.job(ids[0])); err != nil {
					t.Fatal(err)
				}
				if _, err := e.Job(ctx, Dedicated, bulk.job(ids[1])); !errors.Is(err, ErrCallsSpent) && !errors.Is(err, refused) {
					t.Errorf("by itself it gets %v", err)
				}
				wanted := ids[10:20]
				meters := make(map[string]*atlas.Meter)
				for _, id := range wanted {
					meters[id] = meter
				}
				results, err := e.readShared(ctx, meters)
				for _, id := range wanted {
					if job := results[id].Job; err != nil || job == nil || job.JobID != id {
						t.Errorf("%s: %v, %v", id, results[id].Err, err)
					}
				}
			})
		})
	}
}

// readShared reads a batch of jobs in a call that several callers can wait for.
func (e *env) readShared(ctx context.Context, meters map[string]*atlas.Meter) (batchResults, error) {
	var flights flight.Group[struct{}, batchResults]
	defer flights.Close()
	return flights.Do(ctx, struct{}{}, func(ctx context.Context) (batchResults, error) {
		return e.readBatch(ctx, jobList{tier: Dedicated, cluster: bulk}, meters)
	})
}

// TestCoalescer_countsAJobForTheOperationThatWantsIt has several operations wait for one list and
// for jobs that are not on it: each of these counts for the operation that wants it.
func TestCoalescer_countsAJobForTheOperationThatWantsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		meters := make(map[string]*atlas.Meter)
		wanted := []string{ids[10], "000000000000000000000001", "000000000000000000000002", "000000000000000000000003"}
		for _, id := range wanted {
			meters[id] = &atlas.Meter{}
		}
		if _, err := e.readShared(atlas.WithMeter(t.Context(), meters[wanted[0]]), meters); err != nil {
			t.Fatal(err)
		}
		for _, id := range wanted[1:] {
			if n := meters[id].Requests(); n != 1 {
				t.Errorf("%d requests count for the operation that wants %s", n, id)
			}
		}
	})
}

// TestCoalescer_addsNoRoundTripForJobsThatStandFarApart has clients ask for single jobs at the same time, so that all
// but the first are batched each time.
func TestCoalescer_addsNoRoundTripForJobsThatStandFarApart(t *testing.T) {
	const clients, requests = 32, 20
	tests := map[string]struct {
		missing bool // the jobs do not exist
		known   bool // the job index knows all pages
	}{
		"jobs of a list":                       {},
		"jobs of a list that is known":         {known: true},
		"missing jobs":                         {missing: true},
		"missing jobs of a list that is known": {missing: true, known: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, ids := newFarEnv(t, CacheSettings{})
				if !tt.known {
					e.indexes = newJobIndexes()
				}
				var mu sync.Mutex
				var took []time.Duration
				var callers sync.WaitGroup
				for client := range clients {
					random := rand.New(rand.NewPCG(uint64(client), 1))
					callers.Go(func() {
						for range requests {
							id := ids[random.IntN(len(ids))]
							if tt.missing {
								id = fmt.Sprintf("%s%016x", id[:8], random.Uint64())
							}
							start := time.Now()
							if _, err := e.Job(t.Context(), Dedicated, bulk.job(id)); (err != nil) != tt.missing {
								t.Error(err)
							}
							mu.Lock()
							took = append(took, time.Since(start))
							mu.Unlock()
						}
					})
				}
				callers.Wait()
				slices.Sort(took)
				if median := took[len(took)/2]; median > rtt*12/10 {
					t.Errorf("the median is %s, with %s a round trip", median, rtt)
				}
				if n := len(e.calls()); n > clients*requests*105/100 {
					t.Errorf("%d calls for %d requests", n, clients*requests)
				}
			})
		})
	}
}
