package actions

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

func TestCancelRestore_saysWhatCameOfIt(t *testing.T) {
	tests := map[string]struct {
		job  func(e *env) restore.Key
		fate func(e *env, w http.ResponseWriter, r *http.Request) // nil executes it
		want CancelOutcome
		sent int
	}{
		"running": {want: Cancelled, sent: 1, job: func(e *env) restore.Key { return e.running(shipping) }},
		"ended": {want: AlreadyEnded, sent: 0, job: func(e *env) restore.Key {
			key := e.running(shipping)
			pass(time.Hour)
			return key
		}},
		"of Flex": {want: CancelNotSupported, sent: 0, job: func(e *env) restore.Key { return e.running(stock) }},
		"accepted, and goes on": {
			want: CancelRequested, sent: 1, job: func(e *env) restore.Key { return e.running(shipping) },
			fate: func(_ *env, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		},
		"accepted, and succeeds": {
			want: AlreadyEnded, sent: 1, job: func(e *env) restore.Key {
				id := e.sim.AddJob(shipping.GroupID, shipping.Name, 10*time.Second)
				return restore.Key{GroupID: shipping.GroupID, ClusterName: shipping.Name, JobID: id}
			},
			fate: func(_ *env, w http.ResponseWriter, _ *http.Request) {
				pass(15 * time.Second)
				w.WriteHeader(http.StatusNoContent)
			},
		},
		"executed, and the answer is lost": {
			want: Cancelled, sent: 1, job: func(e *env) restore.Key { return e.running(shipping) },
			fate: func(e *env, _ http.ResponseWriter, r *http.Request) {
				e.execute(r)
				panic(http.ErrAbortHandler)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t)
				sent := 0
				e.requests = e.executed(func(w http.ResponseWriter, r *http.Request) {
					sent++
					if tt.fate != nil {
						tt.fate(e, w, r)
						return
					}
					e.sim.ServeHTTP(w, r)
				})
				key := tt.job(e)
				got, err := e.service().CancelRestore(as(t.Context(), "ann"), key)
				if err != nil || got.Outcome != tt.want || got.Job.JobID != key.JobID || got.Message == "" || sent != tt.sent {
					t.Errorf("%d requests: got %+v, error %v", sent, got, err)
				}
			})
		})
	}
}

// running returns a job that has just begun.
func (e *env) running(cluster restore.ClusterKey) restore.Key {
	id := e.sim.AddJob(cluster.GroupID, cluster.Name, 10*time.Minute)
	return restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id}
}

// A cancel whose answer is lost, and that shows no effect, is unknown.
func TestCancelRestore_reportsAnUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		e.requests = e.executed(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		_, err := e.service().CancelRestore(as(t.Context(), "ann"), e.running(shipping))
		if !errors.As(err, new(*OutcomeUnknownError)) {
			t.Errorf("got %v", err)
		}
		e.wantSteps("starting", "outcome UNKNOWN")
	})
}

func TestCancelRestore_reportsRejections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		missing := restore.Key{GroupID: group, ClusterName: "shipping", JobID: "0123456789abcdef01234567"}
		if _, err := s.CancelRestore(ctx, missing); atlas.CodeOf(err) != "RESTORE_JOB_NOT_FOUND" {
			t.Errorf("a missing job: %v", err)
		}
		e.sim.Inject(atlassim.Fault{PathContains: "/restoreJobs/", Status: 403})
		if _, err := s.CancelRestore(ctx, e.running(shipping)); err == nil {
			t.Error("a refused read was no error")
		}
		if e.attempts() != 0 {
			t.Errorf("%d requests were sent", e.attempts())
		}
	})
}

func TestCreateSnapshot_takesOneForAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		in := SnapshotInput{Cluster: shipping, Description: "before the release", RetentionDays: 3, IdempotencyKey: "key"}
		first, err := s.CreateSnapshot(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.CreateSnapshot(ctx, in)
		if err != nil || again.SnapshotID != first.SnapshotID || *again.Description != in.Description || e.attempts() != 1 {
			t.Errorf("got %+v, error %v", again, err)
		}
		in.Description = "another"
		if _, err := s.CreateSnapshot(ctx, in); refusalOf(err) != KeyReused {
			t.Errorf("got %v", err)
		}
		e.wantSteps("starting", "outcome STARTED")
	})
}

func TestCreateSnapshot_looksForALostAnswer(t *testing.T) {
	for name, executed := range map[string]bool{"executed": true, "not executed": false} {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			e.requests = e.executed(func(_ http.ResponseWriter, r *http.Request) {
				if executed {
					e.execute(r)
				}
				panic(http.ErrAbortHandler)
			})
			got, err := e.service().CreateSnapshot(as(t.Context(), "ann"),
				SnapshotInput{Cluster: shipping, Description: "x", RetentionDays: 1, IdempotencyKey: "key"})
			if executed && (err != nil || *got.Description != "x") || !executed && !errors.As(err, new(*OutcomeUnknownError)) {
				t.Errorf("%s: got %+v, error %v", name, got, err)
			}
		})
	}
}

func TestCreateSnapshot_refuses(t *testing.T) {
	tests := map[string]struct {
		in   SnapshotInput
		want Refusal
	}{
		"Flex":           {in: SnapshotInput{Cluster: stock, RetentionDays: 1, IdempotencyKey: "k"}, want: NotPossible},
		"no retention":   {in: SnapshotInput{Cluster: shipping, RetentionDays: 0, IdempotencyKey: "k"}, want: InvalidInput},
		"no key":         {in: SnapshotInput{Cluster: shipping, RetentionDays: 1}, want: InvalidInput},
		"much retention": {in: SnapshotInput{Cluster: shipping, RetentionDays: 1 << 20, IdempotencyKey: "k"}, want: InvalidInput},
	}
	for name, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			_, err := e.service().CreateSnapshot(as(t.Context(), "ann"), tt.in)
			if refusalOf(err) != tt.want || e.attempts() != 0 {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
}

// A project without a credential for actions is told of by the plan.
func TestActions_needACredentialOfTheProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		e.without = group
		p, err := s.PlanRestore(ctx, e.restoreOf(shipping, shipping))
		if err != nil || !slices.Equal(p.refusalCodes(), []string{CodeNoCredential}) || p.Confirmation != "" {
			t.Errorf("the plan has %q, error %v", p.refusalCodes(), err)
		}
		if _, err := s.StartRestore(ctx, in); refusalOf(err) != NotPossible {
			t.Errorf("the start: %v", err)
		}
		if _, err := s.CancelRestore(ctx, e.running(shipping)); refusalOf(err) != NotPossible {
			t.Errorf("the cancel: %v", err)
		}
		if e.attempts() != 0 {
			t.Errorf("%d requests were sent", e.attempts())
		}
	})
}
