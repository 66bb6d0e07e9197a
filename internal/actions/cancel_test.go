package actions

import (
	"errors"
	"net/http"
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

// A project without a credential for actions is told of by the plan.
