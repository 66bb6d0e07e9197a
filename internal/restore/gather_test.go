package restore

import (
	"context"
	"errors"
	"log/slog"
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
	sim := atlassim.New(atlassim.WithoutSeed(), atlassim.WithJobs(1000), atlassim.WithServiceAccount("id", "secret", atlassim.ProjectOwner))
	client, err := atlas.New(atlas.ServiceAccount{ClientID: "id", ClientSecret: "secret"}, atlas.WithTransport(far{sim, rtt}),
		atlas.WithRetries(0), atlas.WithBudget(false), atlas.WithBreaker(atlas.Breaker{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	e := &env{newService(t, client, Options{Cache: keep}, slog.New(slog.DiscardHandler)), sim}
	ids := e.newest(t, Dedicated, bulk, 0, 1000)
	e.memory.learn(bulk, Dedicated)
	mustList(t, e, bulk)
	e.calls()
	return e, ids
}

var bulk = ClusterKey{atlassim.SeedGroupID, atlassim.BulkClusterName}

// asker asks for jobs side by side and keeps how long each took.
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

func TestWhoeverIsAloneWaitsForNobody(t *testing.T) {
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

func TestThoseWhoComeWhileACallIsUnderWayAreReadTogetherAfterAMillisecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		synctest.Wait()
		for _, id := range ids[1:30] {
			a.ask(t.Context(), t, id, nil, rtt+gatherWait)
		}
		a.wg.Wait()
		e.wantCalls(t, 2)
	})
}

func TestTheEndOfTheCallUnderWayEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		<-time.After(rtt - gatherWait/2)
		for _, id := range ids[1:3] {
			a.ask(t.Context(), t, id, nil, rtt+gatherWait/2)
		}
		a.wg.Wait()
		e.wantCalls(t, 2)
	})
}

func TestThoseWhoLieFarApartAreReadOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		a := asker{e: e}
		a.ask(t.Context(), t, ids[0], nil, rtt)
		synctest.Wait()
		for _, n := range []int{1, 300} {
			a.ask(t.Context(), t, ids[n], nil, rtt+gatherWait)
		}
		a.wg.Wait()
		e.wantCalls(t, 3)
	})
}

func TestWhoeverWantsAJobFreshGoesAlone(t *testing.T) {
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

func TestOneWhoLeavesAPartyFailsNobodyAndTheLastOneEndsIt(t *testing.T) {
	tests := map[string]struct {
		leaves time.Duration // after they have come
		stay   int           // of two
		calls  int
	}{
		"one, before it starts":  {gatherWait / 2, 1, 2},
		"one, on the way":        {rtt / 2, 1, 2},
		"both, before it starts": {gatherWait / 2, 0, 2},
		"both, on the way":       {rtt / 2, 0, 1},
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
						a.ask(t.Context(), t, id, nil, rtt+gatherWait)
					} else {
						a.ask(leaving, t, id, context.Canceled, tt.leaves)
					}
				}
				<-time.After(tt.leaves)
				leave()
				synctest.Wait()
				if tt.stay == 0 && tt.leaves < gatherWait {
					// Somebody new is not drawn into what was given up.
					a.ask(t.Context(), t, ids[3], nil, rtt+gatherWait)
				}
				a.wg.Wait()
				synctest.Wait()
				e.wantCalls(t, tt.calls)
				if n := len(e.gather.groups); n != 0 {
					t.Errorf("%d groups are left", n)
				}
			})
		})
	}
}

func TestAFailedListIsTheErrorOfAllWhoWaitForIt(t *testing.T) {
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

func TestManyWhoAskForJobsOfOneClusterCostFewCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, DefaultCacheSettings)
		e.memory.forget(bulk)
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

func TestWhatTheFirstOneMayNotIsNotRefusedToTheOthers(t *testing.T) {
	refused := errors.New("the first one may call no more")
	for name, meter := range map[string]*atlas.Meter{"the operation": {MaxRequests: 1}, "the caller": {Allow: func() error { return refused }}} {
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
				results, err := e.readTogether((&patience{}).with(ctx), lineKey{Dedicated, bulk}, slices.Clone(wanted), func(string) *atlas.Meter { return meter })
				for _, id := range wanted {
					if job := results[id].Job; err != nil || job == nil || job.JobID != id {
						t.Errorf("%s: %v, %v", id, results[id].Err, err)
					}
				}
			})
		})
	}
}

// TestGather_countsAJobForTheOperationThatWantsIt has several operations wait for one list and
// for jobs that are not on it: each of these counts for the operation that wants it.
func TestGather_countsAJobForTheOperationThatWantsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, ids := newFarEnv(t, CacheSettings{})
		meters := make(map[string]*atlas.Meter)
		wanted := []string{ids[10], "000000000000000000000001", "000000000000000000000002", "000000000000000000000003"}
		for _, id := range wanted {
			meters[id] = &atlas.Meter{}
		}
		ctx := (&patience{}).with(atlas.WithMeter(t.Context(), meters[wanted[0]]))
		if _, err := e.readTogether(ctx, lineKey{Dedicated, bulk}, slices.Clone(wanted), func(id string) *atlas.Meter { return meters[id] }); err != nil {
			t.Fatal(err)
		}
		for _, id := range wanted[1:] {
			if n := meters[id].Requests(); n != 1 {
				t.Errorf("%d requests count for the operation that wants %s", n, id)
			}
		}
	})
}
