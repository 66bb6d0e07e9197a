package actions

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/guard"
	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	group      = atlassim.DemoGroupID
	otherGroup = atlassim.SeedGroupID
)

var (
	shipping = restore.ClusterKey{GroupID: group, Name: "shipping"} // Dedicated
	stock    = restore.ClusterKey{GroupID: group, Name: "stock"}    // Flex
	loyalty  = restore.ClusterKey{GroupID: otherGroup, Name: atlassim.SeedMigratedToDedicatedName}
)

// direct sends requests to a handler, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	received := r.Clone(r.Context())
	if received.Body == nil {
		received.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = io.ErrUnexpectedEOF // http.ErrAbortHandler: the connection ends
			}
		}()
		d.handler.ServeHTTP(answer, received)
		return nil
	}()
	if err != nil {
		return nil, err
	}
	res := answer.Result()
	res.Request = r
	return res, nil
}

// env is a simulator, what acts on it, and what is recorded.
type env struct {
	t        *testing.T
	sim      *atlassim.Simulator
	reads    *restore.Service
	reader   *guard.Reader
	policy   *authz.PolicyFile
	ledger   Ledger
	stop     *Switch
	requests http.Handler // what the requests of actions are sent to
	now      func() time.Time
	without  string // a project without a credential for actions

	mu       sync.Mutex
	lines    []audit.Action
	auditErr error
}

func newEnv(t *testing.T) *env {
	t.Helper()
	sim := atlassim.New(atlassim.WithAPIKey("read", "secret", atlassim.ProjectOwner), atlassim.WithRecentJobs(),
		atlassim.WithOperator("act", "secret",
			atlassim.BackupRecoveryOperator|atlassim.BackupExportOperator|atlassim.BackupCreator))
	sim.RetireServerless(true)
	e := &env{
		t: t, sim: sim, policy: authz.StaticPolicy(authz.AllowAll()), ledger: &MemoryLedger{}, requests: sim, now: time.Now,
	}
	e.stop = &Switch{Ledger: e.ledger}
	client := e.client("read", sim)
	var err error
	e.reads, err = restore.NewService(client, restore.Options{Cache: restore.DefaultCacheSettings}, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.reads.Close)
	return e
}

var discard = slog.New(slog.DiscardHandler)

func (e *env) client(key string, handler http.Handler, opts ...atlas.Option) *atlas.Client {
	e.t.Helper()
	c, err := atlas.New(atlas.APIKey{PublicKey: key, PrivateKey: "secret"},
		append([]atlas.Option{atlas.WithBaseURL("http://127.0.0.1"), atlas.WithTransport(direct{handler})}, opts...)...)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(c.Close)
	return c
}

// service returns a gateway's part, of which several can share the ledger.
func (e *env) service() *Service {
	e.t.Helper()
	client := e.client("act", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.requests.ServeHTTP(w, r)
	}), atlas.WithActions())
	e.reader = guard.New(e.reads, e.policy, nil, discard)
	s, err := New(Config{
		Reader: e.reader, Policy: e.policy, Ledger: e.ledger, Switch: e.stop, Audit: e.audit, Logger: discard,
		Choose: func(_ context.Context, groupID string) (*restore.Actions, func(), error) {
			if groupID == e.without {
				return nil, nil, atlas.ProjectNotFound(groupID)
			}
			return restore.NewActions(client, discard), func() {}, nil
		},
		Forget: func(_ context.Context, cluster restore.ClusterKey) { e.reads.Forget(cluster) },
		Now:    func() time.Time { return e.now() },
	})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(s.Close)
	return s
}

func (e *env) audit(_ context.Context, a audit.Action) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.auditErr != nil {
		return e.auditErr
	}
	e.lines = append(e.lines, a)
	return nil
}

// steps returns the steps in the audit log, each with its outcome.
func (e *env) steps() (all []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, line := range e.lines {
		all = append(all, strings.TrimSpace(line.Step+" "+line.Outcome))
	}
	return all
}

// sent returns how many requests that change something were answered with a success.
func (e *env) sent() int {
	return e.sim.CountCalls(func(c atlassim.Call) bool { return c.Method != http.MethodGet && c.Status/100 == 2 })
}

// attempts returns how many of them were executed or rejected, without challenges.
func (e *env) attempts() int {
	return e.sim.CountCalls(func(c atlassim.Call) bool { return c.Method != http.MethodGet && c.Status != 401 })
}

// as returns the context of a caller with a name.
func as(ctx context.Context, name string) context.Context {
	return authz.WithCaller(ctx, &authz.Caller{Method: authz.Token, Token: name})
}

// snapshotOf returns the id of the newest completed snapshot.
func (e *env) snapshotOf(cluster restore.ClusterKey) string {
	e.t.Helper()
	list, err := e.reads.ClusterSnapshots(e.t.Context(), restore.SnapshotQuery{Cluster: cluster, First: 20})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, s := range list.Snapshots {
		if s.Status != nil && *s.Status == restore.SnapshotCompleted {
			return s.SnapshotID
		}
	}
	e.t.Fatalf("%v has no snapshot", cluster)
	return ""
}

// restoreOf returns the input of a restore of the newest snapshot.
func (e *env) restoreOf(source, target restore.ClusterKey) RestoreInput {
	return RestoreInput{Source: source, SnapshotID: e.snapshotOf(source), Target: target}
}

// confirmed returns the start of a plan that can be started.
func (e *env) confirmed(ctx context.Context, s *Service, in RestoreInput) Start {
	e.t.Helper()
	p, err := s.PlanRestore(ctx, in)
	if err != nil || p.Confirmation == "" {
		e.t.Fatalf("the plan has refusals %v, error %v", p.refusalCodes(), err)
	}
	return Start{Confirmation: p.Confirmation, ClusterName: in.Target.Name, IdempotencyKey: "key"}
}

func (p *Plan) refusalCodes() (codes []string) {
	if p != nil {
		for _, r := range p.Refusals {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// jobsInto returns the ids of the jobs that a request has started and that restore into the target.
func (e *env) jobsInto(source, target restore.ClusterKey) (ids []string) {
	e.t.Helper()
	list, err := e.reads.Jobs(restore.WithNoCache(e.t.Context()), restore.JobQuery{Cluster: source, First: 100})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, j := range list.Jobs {
		if strings.Contains(j.JobID, "3a7cd1586e") && (order{Target: target}).goesInto(j) {
			ids = append(ids, j.JobID)
		}
	}
	return ids
}

// refusalOf returns why an action was not made; "" where it was, or has failed in another way.
func refusalOf(err error) Refusal {
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refused.Refusal
	}
	return ""
}

// wantSteps compares the audit log.
func (e *env) wantSteps(want ...string) {
	e.t.Helper()
	if got := e.steps(); !slices.Equal(got, want) {
		e.t.Errorf("the audit log has %q, want %q", got, want)
	}
}

// pass lets the time of the bubble pass.
func pass(d time.Duration) { <-time.After(d) }
