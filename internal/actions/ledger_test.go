package actions

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/restore"
)

func (l *failingLedger) Add(
	ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string,
) (bool, error) {
	if l.fails() {
		return false, errLedger
	}
	return l.Ledger.Add(ctx, value, ttl, kind, key...)
}

func (l *failingLedger) Get(ctx context.Context, kind string, key ...string) ([]byte, bool, error) {
	if l.fails() {
		return nil, false, errLedger
	}
	return l.Ledger.Get(ctx, kind, key...)
}

func (l *failingLedger) Take(ctx context.Context, kind string, key ...string) ([]byte, bool, error) {
	if l.fails() {
		return nil, false, errLedger
	}
	return l.Ledger.Take(ctx, kind, key...)
}

func (l *failingLedger) Set(ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string) error {
	if l.fails() {
		return errLedger
	}
	return l.Ledger.Set(ctx, value, ttl, kind, key...)
}

// Wherever the ledger fails, nothing is sent, or one job is started and its answer is true.
func TestStartRestore_isSafeWhereverTheLedgerFails(t *testing.T) {
	started := 0
	for failFrom := 1; failFrom < 20; failFrom++ {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			ctx := as(t.Context(), "ann")
			in := e.confirmed(ctx, e.service(), e.restoreOf(shipping, shipping))
			whole := e.ledger
			e.ledger = &failingLedger{Ledger: whole, failFrom: failFrom}
			e.stop.Ledger = e.ledger
			job, err := e.service().StartRestore(ctx, in)
			jobs := e.jobsInto(shipping, shipping)
			switch {
			case err == nil && len(jobs) == 1 && jobs[0] == job.JobID:
				started++
			case err == nil, e.attempts() != 0, refusalOf(err) != Unrecorded && refusalOf(err) != Stopped:
				t.Errorf("from use %d on: jobs %q, error %v", failFrom, jobs, err)
			}
			// When the ledger is back the same start makes no second one.
			e.ledger, e.stop.Ledger = whole, whole
			pass(2 * sendTimeout)
			_, _ = e.service().StartRestore(ctx, in)
			if n := len(e.jobsInto(shipping, shipping)); n > 1 {
				t.Errorf("from use %d on: %d jobs", failFrom, n)
			}
		})
	}
	if started == 0 {
		t.Error("no start was reached")
	}
}

func TestMemoryLedger_isBoundedAndForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, ctx := &MemoryLedger{}, t.Context()
		for i := range maxLedgerEntries {
			if added, err := l.Add(ctx, nil, time.Minute, "kind", strconv.Itoa(i)); !added || err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.Add(ctx, nil, time.Minute, "kind", "more"); err == nil {
			t.Error("it has no bound")
		}
		if added, err := l.Add(ctx, nil, time.Minute, "kind", "1"); added || err != nil {
			t.Errorf("an entry was evicted: %v", err)
		}
		pass(time.Minute)
		if added, err := l.Add(ctx, nil, time.Minute, "kind", "1"); !added || err != nil || len(l.entries) > maxLedgerEntries {
			t.Errorf("%d entries, error %v", len(l.entries), err)
		}
		if _, ok, _ := l.Get(ctx, "kind", "2"); ok {
			t.Error("an entry outlived its time")
		}
	})
}

// Whatever happens to requests and answers, and however many callers start at once: each plan starts one job at most,
// into the cluster that it named.
func TestStartRestore_neverStartsTwice(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			e := newEnv(t)
			var mu sync.Mutex
			chance := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return random.IntN(n)
			}
			e.requests = e.executed(func(w http.ResponseWriter, r *http.Request) {
				switch chance(5) {
				case 0:
					panic(http.ErrAbortHandler)
				case 1:
					e.execute(r)
					panic(http.ErrAbortHandler)
				case 2:
					pass(time.Duration(chance(40)) * time.Second)
					e.sim.ServeHTTP(w, r)
				default:
					e.sim.ServeHTTP(w, r)
				}
			})
			services := []*Service{e.service(), e.service()}
			targets := []restore.ClusterKey{shipping, loyalty}
			confirmed := make(map[restore.ClusterKey]Start)
			for _, target := range targets {
				confirmed[target] = e.confirmed(as(t.Context(), "ann"), services[0], e.restoreOf(shipping, target))
			}
			var wg sync.WaitGroup
			for range 12 {
				wg.Go(func() {
					target := targets[chance(2)]
					in := confirmed[target]
					in.IdempotencyKey = target.Name + string(rune('a'+chance(3)))
					pass(time.Duration(chance(60)) * time.Second)
					job, err := services[chance(2)].StartRestore(as(t.Context(), "ann"), in)
					if err == nil && !(order{Target: target}).goesInto(job) {
						t.Errorf("seed %d: %+v is not into %v", seed, job, target)
					}
				})
			}
			wg.Wait()
			for _, target := range targets {
				if jobs := e.jobsInto(shipping, target); len(jobs) > 1 {
					t.Errorf("seed %d: %q were started into %s", seed, jobs, target.Name)
				}
			}
		})
	}
}
