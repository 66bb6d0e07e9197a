package actions

import (
	"context"
	"encoding/base64"
	"errors"
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
	"atlas-restore-gateway/internal/restore"
)

func TestStartRestore_startsWhatWasPlanned(t *testing.T) {
	reporting := restore.ClusterKey{GroupID: otherGroup, Name: "reporting"}
	tests := map[string]struct {
		source, target restore.ClusterKey
		pointInTime    bool
	}{
		"Dedicated, in place":             {source: shipping, target: shipping},
		"Dedicated, into another project": {source: shipping, target: loyalty},
		"Flex, in place":                  {source: stock, target: stock},
		"Flex, into Dedicated":            {source: stock, target: shipping},
		"a point in time":                 {source: reporting, target: loyalty, pointInTime: true},
		"a snapshot of a sharded cluster": {source: reporting, target: loyalty},
		"a former serverless instance":    {source: loyalty, target: shipping},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t)
				s, ctx := e.service(), as(t.Context(), "ann")
				in := RestoreInput{Source: tt.source, Target: tt.target}
				if tt.pointInTime {
					in.PointInTime = time.Now().Add(-time.Hour).Truncate(time.Second)
				} else {
					in.SnapshotID = e.snapshotOf(tt.source)
				}
				job, err := s.StartRestore(ctx, e.confirmed(ctx, s, in))
				if err != nil {
					t.Fatal(err)
				}
				if job.Cluster() != tt.source || !(order{Target: tt.target}).goesInto(job) || e.attempts() != 1 {
					t.Errorf("got %+v by %d requests", job, e.attempts())
				}
				if got := e.jobsInto(tt.source, tt.target); !slices.Equal(got, []string{job.JobID}) {
					t.Errorf("the jobs are %q, want %s", got, job.JobID)
				}
				e.wantSteps("planned", "starting", "outcome STARTED")
			})
		})
	}
}

func TestStartDownload_startsWhatWasPlanned(t *testing.T) {
	for _, cluster := range []restore.ClusterKey{shipping, stock} {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			s, ctx := e.service(), as(t.Context(), "ann")
			key := restore.SnapshotKey{GroupID: cluster.GroupID, ClusterName: cluster.Name, SnapshotID: e.snapshotOf(cluster)}
			p, err := s.PlanDownload(ctx, key)
			if err != nil || p.Confirmation == "" {
				t.Fatalf("refusals %v, error %v", p.refusalCodes(), err)
			}
			in := Start{Confirmation: p.Confirmation, ClusterName: cluster.Name, IdempotencyKey: "key"}
			job, err := s.StartDownload(ctx, in)
			if err != nil || *job.DeliveryType != restore.Download || *job.SnapshotID != key.SnapshotID || e.attempts() != 1 {
				t.Errorf("%v: got %+v, error %v", cluster, job, err)
			}
			if _, err := s.StartRestore(ctx, in); refusalOf(err) != ConfirmationInvalid {
				t.Errorf("%v: started as a restore: %v", cluster, err)
			}
		})
	}
}

// A start that is repeated, at once or later, at this gateway or at another one, is the same start.

func TestStartRestore_makesOneJobForAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		one, two, ctx := e.service(), e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, one, e.restoreOf(shipping, shipping))
		const clicks = 10
		ids := make([]string, clicks, clicks+3)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				job, err := []*Service{one, two}[i%2].StartRestore(ctx, in)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = job.JobID
			})
		}
		wg.Wait()
		for _, after := range []time.Duration{0, ConfirmationTTL, OutcomeTTL - ConfirmationTTL - 2*time.Minute} {
			pass(after)
			job, err := two.StartRestore(ctx, in)
			if err != nil {
				t.Fatalf("after %s: %v", after, err)
			}
			ids = append(ids, job.JobID)
		}
		if len(slices.Compact(ids)) != 1 || e.attempts() != 1 {
			t.Errorf("the jobs are %q, by %d requests", ids, e.attempts())
		}
		pass(2 * time.Minute)
		if _, err := one.StartRestore(ctx, in); refusalOf(err) != ConfirmationExpired {
			t.Errorf("after a day: %v", err)
		}
	})
}

func TestStartRestore_usesAConfirmationOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		one, two, ctx := e.service(), e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, one, e.restoreOf(shipping, shipping))
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				in := in
				in.IdempotencyKey = string(rune('a' + i))
				_, errs[i] = []*Service{one, two}[i%2].StartRestore(ctx, in)
			})
		}
		wg.Wait()
		started := 0
		for _, err := range errs {
			switch {
			case err == nil:
				started++
			case refusalOf(err) == "":
				t.Errorf("got %v", err)
			}
		}
		if started != 1 || e.attempts() != 1 || len(e.jobsInto(shipping, shipping)) != 1 {
			t.Errorf("%d were started by %d requests", started, e.attempts())
		}
	})
}

// What is refused sends nothing.

func TestStartRestore_refuses(t *testing.T) {
	tests := map[string]struct {
		change func(e *env, in *Start) (ctx func(context.Context) context.Context)
		want   Refusal
	}{
		"another name": {want: NameMismatch, change: func(_ *env, in *Start) func(context.Context) context.Context {
			in.ClusterName = "shipping-2"
			return nil
		}},
		"another caller": {want: ConfirmationForeign, change: func(*env, *Start) func(context.Context) context.Context {
			return func(ctx context.Context) context.Context { return as(ctx, "bob") }
		}},
		"no key": {want: InvalidInput, change: func(_ *env, in *Start) func(context.Context) context.Context {
			in.IdempotencyKey = ""
			return nil
		}},
		"a long key": {want: InvalidInput, change: func(_ *env, in *Start) func(context.Context) context.Context {
			in.IdempotencyKey = strings.Repeat("k", MaxKeyBytes+1)
			return nil
		}},
		"no confirmation": {want: ConfirmationInvalid, change: func(_ *env, in *Start) func(context.Context) context.Context {
			in.Confirmation = ""
			return nil
		}},
		"another target in the confirmation": {want: ConfirmationInvalid,
			change: func(_ *env, in *Start) func(context.Context) context.Context {
				payload, signature, _ := strings.Cut(in.Confirmation, ".")
				text, _ := base64.RawURLEncoding.DecodeString(payload)
				changed := strings.ReplaceAll(string(text), `"Name":"shipping"`, `"Name":"stock"`)
				in.Confirmation = base64.RawURLEncoding.EncodeToString([]byte(changed)) + "." + signature
				in.ClusterName = "stock"
				return nil
			}},
		"a late start": {want: ConfirmationExpired, change: func(*env, *Start) func(context.Context) context.Context {
			pass(ConfirmationTTL)
			return nil
		}},
		"a clock that jumps ahead": {want: ConfirmationExpired,
			change: func(e *env, _ *Start) func(context.Context) context.Context {
				e.now = func() time.Time { return time.Now().Add(time.Hour) }
				return nil
			}},
		"a late start by a clock that jumps back": {want: ConfirmationExpired,
			change: func(e *env, _ *Start) func(context.Context) context.Context {
				pass(ConfirmationTTL)
				e.now = func() time.Time { return time.Now().Add(-time.Hour) }
				return nil
			}},
		"a target that was replaced": {want: PlanChanged, change: func(e *env, _ *Start) func(context.Context) context.Context {
			e.sim.ReplaceCluster(shipping.GroupID, shipping.Name)
			return nil
		}},
		"another restore into the target": {want: PlanChanged,
			change: func(e *env, _ *Start) func(context.Context) context.Context {
				e.sim.AddJob(shipping.GroupID, shipping.Name, time.Hour)
				return nil
			}},
		"stopped": {want: Stopped, change: func(e *env, _ *Start) func(context.Context) context.Context {
			if err := e.stop.Stop(e.t.Context()); err != nil {
				e.t.Error(err)
			}
			return nil
		}},
		"no audit log": {want: Unrecorded, change: func(e *env, _ *Start) func(context.Context) context.Context {
			e.auditErr = errors.New("the disk is full")
			return nil
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t)
				s, ctx := e.service(), as(t.Context(), "ann")
				in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
				if changed := tt.change(e, &in); changed != nil {
					ctx = changed(ctx)
				}
				_, err := s.StartRestore(ctx, in)
				if refusalOf(err) != tt.want || e.attempts() != 0 {
					t.Errorf("%d requests were sent, error %v, want %s", e.attempts(), err, tt.want)
				}
			})
		})
	}
}

// A confirmation outlives neither the process that remembers it nor what it was stored in.

func TestStartRestore_refusesAConfirmationOfBeforeARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		ctx := as(t.Context(), "ann")
		in := e.confirmed(ctx, e.service(), e.restoreOf(shipping, shipping))
		e.ledger = &MemoryLedger{}
		_, err := e.service().StartRestore(ctx, in)
		if refusalOf(err) != ConfirmationExpired || !strings.Contains(err.Error(), "restarted") || e.attempts() != 0 {
			t.Errorf("%d requests were sent, error %v", e.attempts(), err)
		}
	})
}

func TestStartRestore_refusesASnapshotThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		plan := e.restoreOf(shipping, shipping)
		in := e.confirmed(ctx, s, plan)
		e.sim.RemoveSnapshot(group, shipping.Name, plan.SnapshotID)
		_, err := s.StartRestore(ctx, in)
		if !atlas.IsNotFound(err) || e.attempts() != 0 {
			t.Errorf("%d requests were sent, error %v", e.attempts(), err)
		}
	})
}

func TestStartRestore_refusesAKeyOfAnotherAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		if _, err := s.StartRestore(ctx, e.confirmed(ctx, s, e.restoreOf(shipping, shipping))); err != nil {
			t.Fatal(err)
		}
		other := e.confirmed(ctx, s, e.restoreOf(stock, stock))
		if _, err := s.StartRestore(ctx, other); refusalOf(err) != KeyReused || e.attempts() != 1 {
			t.Errorf("%d requests were sent, error %v", e.attempts(), err)
		}
		// Another caller has other keys.
		bob := as(t.Context(), "bob")
		if _, err := s.StartRestore(bob, e.confirmed(bob, s, e.restoreOf(stock, stock))); err != nil {
			t.Error(err)
		}
	})
}

// executed passes a request on and then treats its answer as fate says.

func (e *env) executed(fate func(w http.ResponseWriter, r *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Header.Get("Authorization") == "" {
			e.sim.ServeHTTP(w, r)
			return
		}
		fate(w, r)
	})
}

func (e *env) execute(r *http.Request) { e.sim.ServeHTTP(httptest.NewRecorder(), r) }

// A lost answer is looked for. What is not found is unknown, and never "not started".

func TestStartRestore_looksForALostAnswer(t *testing.T) {
	abort := func() { panic(http.ErrAbortHandler) }
	tests := map[string]struct {
		fate    func(e *env, w http.ResponseWriter, r *http.Request)
		before  func(e *env)
		found   bool
		unknown bool
	}{
		"not executed, and an earlier one like it": {unknown: true,
			before: func(e *env) {
				e.sim.AddJob(shipping.GroupID, shipping.Name, time.Second)
				pass(2 * time.Second)
			},
			fate: func(*env, http.ResponseWriter, *http.Request) { abort() },
		},
		"executed, and the connection ends": {found: true, fate: func(e *env, _ http.ResponseWriter, r *http.Request) {
			e.execute(r)
			abort()
		}},
		"executed, and a proxy fails": {found: true, fate: func(e *env, w http.ResponseWriter, r *http.Request) {
			e.execute(r)
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<html>"))
		}},
		"executed, and the answer is no JSON": {found: true, fate: func(e *env, w http.ResponseWriter, r *http.Request) {
			e.execute(r)
			_, _ = w.Write([]byte("<html>"))
		}},
		"executed late": {found: true, fate: func(e *env, _ http.ResponseWriter, r *http.Request) {
			later := r.Clone(context.WithoutCancel(r.Context()))
			later.Body, _ = r.GetBody()
			time.AfterFunc(5*time.Second, func() { e.execute(later) })
			abort()
		}},
		"not executed": {unknown: true, fate: func(*env, http.ResponseWriter, *http.Request) { abort() }},
		"hangs":        {unknown: true, fate: func(_ *env, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); abort() }},
		"executed, and another one like it": {unknown: true, fate: func(e *env, _ http.ResponseWriter, r *http.Request) {
			e.execute(r)
			e.sim.AddJob(shipping.GroupID, shipping.Name, time.Hour)
			abort()
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t)
				e.requests = e.executed(func(w http.ResponseWriter, r *http.Request) { tt.fate(e, w, r) })
				if tt.before != nil {
					tt.before(e)
				}
				s, ctx := e.service(), as(t.Context(), "ann")
				in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
				job, err := s.StartRestore(ctx, in)
				var unknown *OutcomeUnknownError
				switch {
				case tt.found && (err != nil || !slices.Equal(e.jobsInto(shipping, shipping), []string{job.JobID})):
					t.Errorf("got %v, error %v", job, err)
				case tt.unknown && !errors.As(err, &unknown):
					t.Errorf("got %v, error %v", job, err)
				}
				// Again: the same answer, and nothing more is sent.
				before := e.sent()
				again, errAgain := s.StartRestore(ctx, in)
				if e.sent() != before || tt.found && (errAgain != nil || again.JobID != job.JobID) ||
					tt.unknown && !errors.As(errAgain, &unknown) {
					t.Errorf("again: got %v, error %v", again, errAgain)
				}
			})
		})
	}
}

// An outcome that was unknown is known once the job is listed.

func TestStartRestore_findsALateJobWhenItIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		var lost *http.Request
		e.requests = e.executed(func(_ http.ResponseWriter, r *http.Request) {
			lost = r.Clone(context.Background())
			lost.Body, _ = r.GetBody()
			panic(http.ErrAbortHandler)
		})
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		if _, err := s.StartRestore(ctx, in); !errors.As(err, new(*OutcomeUnknownError)) {
			t.Fatal(err)
		}
		e.execute(lost)
		job, err := s.StartRestore(ctx, in)
		if err != nil || !slices.Equal(e.jobsInto(shipping, shipping), []string{job.JobID}) {
			t.Errorf("got %v, error %v", job, err)
		}
		e.wantSteps("planned", "starting", "outcome UNKNOWN", "outcome STARTED")
	})
}

// A process that ends between the request and its answer leaves a ledger from which another one goes on.

func TestStartRestore_goesOnAfterAProcessThatEnded(t *testing.T) {
	for name, executed := range map[string]bool{"executed": true, "not executed": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t)
				killed := make(chan struct{})
				e.requests = e.executed(func(_ http.ResponseWriter, r *http.Request) {
					if executed {
						e.execute(r)
					}
					<-killed
					panic(http.ErrAbortHandler)
				})
				first, second, ctx := e.service(), e.service(), as(t.Context(), "ann")
				in := e.confirmed(ctx, first, e.restoreOf(shipping, shipping))
				go func() { _, _ = first.StartRestore(ctx, in) }()
				synctest.Wait()
				pass(2 * sendTimeout)
				ledger := e.ledger
				job, err := second.StartRestore(ctx, in)
				if executed && (err != nil || !slices.Equal(e.jobsInto(shipping, shipping), []string{job.JobID})) ||
					!executed && !errors.As(err, new(*OutcomeUnknownError)) {
					t.Errorf("got %v, error %v", job, err)
				}
				other := in
				other.IdempotencyKey = "another"
				if _, err := second.StartRestore(ctx, other); refusalOf(err) != ConfirmationExpired {
					t.Errorf("with another key: %v", err)
				}
				close(killed)
				_ = ledger
			})
		})
	}
}

// What Atlas rejects was not executed: the same key gets the same rejection.

func TestStartRestore_remembersARejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		sent := 0
		e.requests = e.executed(func(w http.ResponseWriter, _ *http.Request) {
			sent++
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write([]byte(`{"error":409,"errorCode":"CLUSTER_RESTORE_IN_PROGRESS","detail":"x","reason":"Conflict"}`))
		})
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		for range 3 {
			_, err := s.StartRestore(ctx, in)
			if atlas.CodeOf(err) != "CLUSTER_RESTORE_IN_PROGRESS" || sent != 1 {
				t.Errorf("%d requests, error %v", sent, err)
			}
		}
		e.wantSteps("planned", "starting", "outcome REJECTED")
	})
}

// What was certainly not sent can be started with the same confirmation and key.

func TestStartRestore_canBeRepeatedWhereNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		limited := true
		e.requests = e.executed(func(w http.ResponseWriter, r *http.Request) {
			if !limited {
				e.sim.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"error":429,"errorCode":"RATE_LIMITED","detail":"x","reason":"Too Many Requests"}`))
		})
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		if _, err := s.StartRestore(ctx, in); atlas.CodeOf(err) != "RATE_LIMITED" {
			t.Fatal(err)
		}
		limited = false
		pass(2 * time.Second)
		if _, err := s.StartRestore(ctx, in); err != nil || len(e.jobsInto(shipping, shipping)) != 1 {
			t.Errorf("error %v", err)
		}
		e.wantSteps("planned", "starting", "outcome NOT_SENT", "starting", "outcome STARTED")
	})
}

// The caller leaves while the request is being sent: it is sent, and its outcome recorded.

func TestStartRestore_recordsTheOutcomeWhenTheCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		ctx, leave := context.WithCancel(as(t.Context(), "ann"))
		e.requests = e.executed(func(w http.ResponseWriter, r *http.Request) {
			leave()
			e.sim.ServeHTTP(w, r)
		})
		s := e.service()
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		if _, err := s.StartRestore(ctx, in); err != nil {
			t.Error(err)
		}
		e.wantSteps("planned", "starting", "outcome STARTED")
	})
}

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
