package guard

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

func TestReader_everyMethodReadsAllowedProjectsAndCallsNothingForOthers(t *testing.T) {
	for _, method := range methods() {
		t.Run(method.Name, func(t *testing.T) {
			for name, tt := range map[string]struct {
				caller *authz.Caller
				policy *authz.PolicyFile
				group  string
				reads  bool
				hides  bool // a forbidden project looks like one that does not exist
			}{
				"mine": {
					caller: tokenCaller("t"), policy: policyFile(t, "hide", "jobs:read"), group: mine, reads: true,
				},
				"theirs": {
					caller: tokenCaller("t"), policy: policyFile(t, "hide", "jobs:read"), group: theirs, hides: true,
				},
				"theirs, and shown": {
					caller: tokenCaller("t"), policy: policyFile(t, "show", "jobs:read"), group: theirs,
				},
				"a stranger": {
					caller: tokenCaller("s"), policy: policyFile(t, "hide", "jobs:read"), group: mine, hides: true,
				},
				"no caller": {
					caller: nil, policy: authz.StaticPolicy(authz.AllowAll()), group: mine,
				},
				"an open policy": {
					caller: authz.Anonymous(), policy: authz.StaticPolicy(authz.AllowAll()), group: theirs, reads: true,
				},
			} {
				s, ctx := &spy{}, t.Context()
				if tt.caller != nil {
					ctx = authz.WithCaller(ctx, tt.caller)
				}
				value, err := call(ctx, New(s, tt.policy, nil, slog.New(slog.DiscardHandler)), method, tt.group)
				switch {
				case method.Name == "Projects" || method.Name == "Organizations":
					// They name no project: see TestProjects_listsThoseThatTheCallerMayRead and
					// TestOrganizations_areThoseOfTheProjectsThatTheCallerMayRead.
					if (len(s.called) == 0) != (name == "a stranger" || name == "no caller") || (err != nil) != (name == "no caller") {
						t.Errorf("%s: called %v, %v", name, s.called, err)
					}
				case tt.reads:
					if err != nil || !reflect.DeepEqual(s.called, []string{method.Name}) ||
						!strings.Contains(text(t, value), tt.group) {
						t.Errorf("%s: called %v and got %s, %v", name, s.called, text(t, value), err)
					}
				default:
					if len(s.called) > 0 || strings.Contains(text(t, value), tt.group) && method.Name != "ProjectJobs" {
						t.Errorf("%s: called %v and got %s", name, s.called, text(t, value))
					}
					wantDenied(t, name, method.Name, value, err, tt.group, tt.hides)
				}
			}
		})
	}
}

// wantDenied wants the error of a project that does not exist, or one that says that it is
// forbidden.
func wantDenied(t *testing.T, name, method string, value any, err error, group string, hides bool) {
	t.Helper()
	var refused *authz.Error
	switch {
	case !hides:
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v", name, err)
		}
	case method == "ClustersNamed":
		// A link to a missing project is null.
		if found, ok := value.(map[string]*restore.Cluster); err != nil || !ok || len(found) > 0 {
			t.Errorf("%s: got %v, %v", name, value, err)
		}
	case method == "ProjectJobs":
		// Each named cluster of a missing project is unread.
		jobs, ok := value.(*restore.ProjectJobs)
		if err != nil || !ok || len(jobs.Jobs.Jobs) > 0 || len(jobs.Unread) != 1 {
			t.Fatalf("%s: got %v, %v", name, value, err)
		}
		wantMissing(t, name, jobs.Unread[0], group)
	default:
		wantMissing(t, name, err, group)
	}
}

func wantMissing(t *testing.T, name string, err error, group string) {
	t.Helper()
	var e *atlas.Error
	if !errors.As(err, &e) || !reflect.DeepEqual(e, atlas.ProjectNotFound(group)) {
		t.Errorf("%s: got %v", name, err)
	}
}

func TestProjects_listsThoseThatTheCallerMayRead(t *testing.T) {
	s := &spy{}
	r := New(s, policyFile(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler))
	got, err := r.Projects(tester(t))
	if err != nil || len(got.Projects) != 1 || got.Projects[0].ID != mine || len(got.Failures) > 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	// The projects that could not be listed may be the caller's.
	everything, err := New(&spy{}, authz.StaticPolicy(authz.AllowAll()), nil, slog.New(slog.DiscardHandler)).Projects(
		tester(t))
	if err != nil || len(everything.Projects) != 2 || len(everything.Failures) != 1 {
		t.Errorf("a caller that may see all gets %+v, %v", everything, err)
	}
	gone, err := New(&spy{without: mine}, policyFile(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler)).Projects(
		tester(t))
	if err != nil || len(gone.Projects) > 0 || len(gone.Failures) != 1 {
		t.Errorf("a caller whose project is not listed gets %+v, %v", gone, err)
	}
	got, err = r.Projects(authz.WithCaller(t.Context(), authz.Anonymous()))
	if err != nil || len(got.Projects) > 0 || len(s.called) != 1 {
		t.Errorf("a stranger gets %+v, %v", got, err)
	}
}

func TestOrganizations_areThoseOfTheProjectsThatTheCallerMayRead(t *testing.T) {
	organizations := func(ctx context.Context, policy *authz.PolicyFile) []string {
		t.Helper()
		all, err := New(&spy{}, policy, nil, slog.New(slog.DiscardHandler)).Organizations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, o := range all.Organizations {
			ids = append(ids, o.ID)
		}
		return ids
	}
	for name, tt := range map[string]struct{ got, want []string }{
		"one project": {got: organizations(tester(t), policyFile(t, "hide", "jobs:read")), want: []string{"org of mine"}},
		"everything": {
			got: organizations(tester(t), authz.StaticPolicy(authz.AllowAll())), want: []string{"org of theirs", "org of mine"},
		},
		"nothing": {
			got: organizations(authz.WithCaller(t.Context(), authz.Anonymous()), policyFile(t, "hide", "jobs:read")),
		},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReader_withholdsPeopleUnlessTheCallerMayReadThem(t *testing.T) {
	seen := 0
	for _, method := range methods() {
		for _, permissions := range []string{"jobs:read, downloads:read", "jobs:read, people:read"} {
			value, err := call(tester(t), New(&spy{}, policyFile(t, "hide", permissions), nil, slog.New(slog.DiscardHandler)),
				method, mine)
			if err != nil {
				t.Fatal(method.Name, err)
			}
			shown, withheld := text(t, value), permissions != "jobs:read, people:read"
			if !strings.Contains(shown, `"PeopleWithheld"`) {
				continue // it has no people
			}
			seen++
			if strings.Contains(shown, "a person") == withheld ||
				strings.Contains(shown, `"PeopleWithheld":true`) != withheld {
				t.Errorf("%s with %s: %s", method.Name, permissions, shown)
			}
		}
	}
	if seen != 4 {
		t.Errorf("%d answers have people", seen)
	}
}

func TestReader_withholdsDownloadsUnlessTheCallerMayReadThem(t *testing.T) {
	for _, method := range methods() {
		for _, permissions := range []string{"jobs:read", "jobs:read, downloads:read"} {
			s := &spy{}
			value, err := call(tester(t), New(s, policyFile(t, "hide", permissions), nil, slog.New(slog.DiscardHandler)), method,
				mine)
			if err != nil {
				t.Fatal(method.Name, err)
			}
			withheld := permissions == "jobs:read"
			shown := text(t, value)
			if !strings.Contains(shown, `"DeliveryURL"`) {
				continue // no jobs
			}
			if strings.Contains(shown, "https://download/") == withheld ||
				strings.Contains(shown, `"DownloadsWithheld":true`) != withheld {
				t.Errorf("%s with %s: %s", method.Name, permissions, shown)
			}
		}
	}
}

// shared is a reader that returns the same job to every caller, as a cache does.
type shared struct {
	loader.Reader
	job  *restore.Job
	jobs *restore.Jobs
}

func (s *shared) Job(context.Context, restore.Tier, restore.Key) (*restore.Job, error) {
	return s.job, nil
}
func (s *shared) Jobs(context.Context, restore.JobQuery) (*restore.Jobs, error) {
	return s.jobs, nil
}

func TestReader_changesNoSharedJob(t *testing.T) {
	job := (&spy{}).job(mine, "1")
	s := &shared{job: job, jobs: &restore.Jobs{Jobs: []*restore.Job{job}}}
	r := New(s, policyFile(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler))
	if _, err := r.Job(tester(t), restore.AnyTier, job.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Jobs(tester(t), restore.JobQuery{Cluster: job.Cluster()}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff((&spy{}).job(mine, "1"), s.jobs.Jobs[0], cmpopts.IgnoreUnexported(restore.Job{})); diff != "" ||
		s.job != s.jobs.Jobs[0] {
		t.Error(diff)
	}
}

func TestReader_readsNothingWhenTheRateLimitIsSpent(t *testing.T) {
	limits := authz.NewRateLimiter(0, 1)
	for _, method := range methods() {
		s := &spy{}
		ctx := tester(t)
		limits.Spend(ctx)
		_, err := call(ctx, New(s, policyFile(t, "hide", "jobs:read"), limits, slog.New(slog.DiscardHandler)), method, mine)
		var e *authz.Error
		if len(s.called) > 0 || !errors.As(err, &e) || e.Kind != authz.RateLimited {
			t.Errorf("%s: called %v, %v", method.Name, s.called, err)
		}
	}
}

func TestReader_returnsTheErrorsOfTheNextReader(t *testing.T) {
	for _, method := range methods() {
		s := &spy{err: errors.New("atlas failed")}
		if _, err := call(tester(t), New(s, policyFile(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler)), method,
			mine); !errors.Is(err, s.err) {
			t.Errorf("%s: got %v", method.Name, err)
		}
	}
}

func TestReader_usesAReloadedPolicyForTheNextRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	say := func(permissions string) {
		t.Helper()
		content := "rules:\n- {subject: {token: t}, projects: [" + mine + "], permissions: [" + permissions + "]}\n"
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	say("jobs:read, downloads:read")
	policy, err := authz.LoadPolicy(path, func() authz.AuthMethods {
		return authz.AuthMethods{Methods: []authz.Method{authz.Token}, Tokens: []string{"t"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	// One reader and one context, as within an operation.
	r, ctx := New(&spy{}, policy, nil, slog.New(slog.DiscardHandler)), tester(t)
	read := func() bool {
		t.Helper()
		job, err := r.Job(ctx, restore.AnyTier, restore.Key{GroupID: mine, ClusterName: "c", JobID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		return job.HasDownload()
	}
	if !read() {
		t.Error("a download that may be read is withheld")
	}
	say("jobs:read")
	if _, err := policy.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	if read() {
		t.Error("a download that may no longer be read is not withheld")
	}
}
