package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/access"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	mine   = "aaaaaaaaaaaaaaaaaaaaaaaa"
	theirs = "bbbbbbbbbbbbbbbbbbbbbbbb"
)

// spy is a reader that notes which of its methods are called, and whose jobs have
// downloads.
type spy struct {
	loader.Reader
	called  []string
	err     error
	without string // a project that is not on the list
}

func (s *spy) note(name string) error { s.called = append(s.called, name); return s.err }

func (s *spy) job(group, id string) *restore.Job {
	return &restore.Job{Key: restore.Key{GroupID: group, ClusterName: "c", JobID: id}, State: restore.Ready, DeliveryURL: []string{"https://download/" + id}}
}

func (s *spy) jobs(group string) *restore.Jobs {
	return &restore.Jobs{Jobs: []*restore.Job{s.job(group, "1"), s.job(group, "2")}, More: true, Places: []restore.Place{{JobID: "1"}, {JobID: "2"}}}
}

func (s *spy) ServerlessJob(_ context.Context, k restore.Key) (*restore.Job, error) {
	return s.job(k.GroupID, k.JobID), s.note("ServerlessJob")
}

func (s *spy) FlexJob(_ context.Context, k restore.Key) (*restore.Job, error) {
	return s.job(k.GroupID, k.JobID), s.note("FlexJob")
}

func (s *spy) DedicatedJob(_ context.Context, k restore.Key) (*restore.Job, error) {
	return s.job(k.GroupID, k.JobID), s.note("DedicatedJob")
}

func (s *spy) Job(_ context.Context, k restore.Key) (*restore.Job, error) {
	return s.job(k.GroupID, k.JobID), s.note("Job")
}

func (s *spy) BatchedJobs(_ context.Context, _ restore.API, c restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	out := map[string]restore.JobResult{"missing": {Err: errors.New("missing")}}
	for _, id := range ids {
		out[id] = restore.JobResult{Job: s.job(c.GroupID, id)}
	}
	return out, s.note("BatchedJobs")
}

func (s *spy) ServerlessJobs(_ context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return s.jobs(q.Cluster.GroupID), s.note("ServerlessJobs")
}

func (s *spy) ClusterJobs(_ context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return s.jobs(q.Cluster.GroupID), s.note("ClusterJobs")
}

func (s *spy) ProjectJobs(_ context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	return &restore.ProjectJobs{Jobs: *s.jobs(q.GroupID), Unread: []*restore.UnreadError{{ClusterName: "x"}}}, s.note("ProjectJobs")
}

func (s *spy) Snapshot(_ context.Context, k restore.SnapshotKey) (*restore.Snapshot, error) {
	return &restore.Snapshot{SnapshotKey: k}, s.note("Snapshot")
}

func (s *spy) Snapshots(_ context.Context, c restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	return map[string]*restore.Snapshot{ids[0]: {SnapshotKey: restore.SnapshotKey{GroupID: c.GroupID}}}, s.note("Snapshots")
}

func (s *spy) ClusterSnapshots(_ context.Context, c restore.ClusterKey) ([]*restore.Snapshot, error) {
	return []*restore.Snapshot{{SnapshotKey: restore.SnapshotKey{GroupID: c.GroupID}}}, s.note("ClusterSnapshots")
}

func (s *spy) Cluster(_ context.Context, k restore.ClusterKey) (*restore.Cluster, error) {
	return &restore.Cluster{ClusterKey: k}, s.note("Cluster")
}

func (s *spy) ClustersNamed(_ context.Context, group string, names []string) (map[string]*restore.Cluster, error) {
	return map[string]*restore.Cluster{names[0]: {ClusterKey: restore.ClusterKey{GroupID: group, Name: names[0]}}}, s.note("ClustersNamed")
}

func (s *spy) Clusters(_ context.Context, group string) (*restore.Clusters, error) {
	return &restore.Clusters{Clusters: []*restore.Cluster{{ClusterKey: restore.ClusterKey{GroupID: group}}}}, s.note("Clusters")
}

func (s *spy) Project(_ context.Context, group string) (*atlas.Project, error) {
	return &atlas.Project{ID: group}, s.note("Project")
}

func (s *spy) Projects(context.Context) (*restore.Projects, error) {
	projects := []*atlas.Project{{ID: theirs}, {ID: mine}}
	projects = slices.DeleteFunc(projects, func(p *atlas.Project) bool { return p.ID == s.without })
	return &restore.Projects{Projects: projects, Failures: []error{errors.New("one failed")}}, s.note("Projects")
}

// live is the policy of the tests: caller, its rule in the project mine.
func live(t *testing.T, forbidden, permissions string) *access.Live {
	t.Helper()
	p, err := access.ParsePolicy("policy.yaml", fmt.Appendf(nil, "forbidden: %s\nrules:\n- subject: {token: t}\n  projects: [%s]\n  permissions: [%s]\n", forbidden, mine, permissions),
		access.Ways{Methods: []access.Method{access.Token}, Tokens: []string{"t"}})
	if err != nil {
		t.Fatal(err)
	}
	return access.Fixed(p)
}

func tokenCaller(name string) *access.Caller {
	return &access.Caller{Method: access.Token, Token: name}
}

func tester(t *testing.T) context.Context {
	t.Helper()
	return access.With(t.Context(), tokenCaller("t"))
}

// call calls a method of the interface with arguments that are all about one project.
func call(ctx context.Context, r loader.Reader, method reflect.Method, group string) (value any, err error) {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type.NumIn(); i++ {
		in = append(in, aboutProject(method.Type.In(i), group))
	}
	out := reflect.ValueOf(r).MethodByName(method.Name).Call(in)
	err, _ = out[1].Interface().(error)
	return out[0].Interface(), err
}

// aboutProject makes an argument: wherever a project is named it is this one, and every
// list has an element.
func aboutProject(t reflect.Type, group string) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		v.SetString(group)
	case reflect.Slice:
		v.Set(reflect.Append(v, aboutProject(t.Elem(), "x")))
	case reflect.Struct:
		for i := range t.NumField() {
			switch f := t.Field(i); {
			case f.Name == "GroupID":
				v.Field(i).SetString(group)
			case f.Name == "ClusterNames":
				v.Field(i).Set(aboutProject(f.Type, group))
			case f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == reflect.TypeFor[restore.Key]().PkgPath():
				v.Field(i).Set(aboutProject(f.Type, group))
			}
		}
	default: // names no project
	}
	return v
}

// methods are the methods of the interface, all of which give data of Atlas.
func methods() []reflect.Method {
	t := reflect.TypeFor[loader.Reader]()
	all := make([]reflect.Method, t.NumMethod())
	for i := range all {
		all[i] = t.Method(i)
	}
	return all
}

// text is a value as JSON, in which what must not be shown can be searched for.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryMethodReadsWhatMayBeReadAndCallsNobodyForTheRest(t *testing.T) {
	for _, method := range methods() {
		t.Run(method.Name, func(t *testing.T) {
			for name, tt := range map[string]struct {
				caller *access.Caller
				policy *access.Live
				group  string
				reads  bool
				hides  bool // what is forbidden looks as if it were not there
			}{
				"mine":              {tokenCaller("t"), live(t, "hide", "jobs:read"), mine, true, false},
				"theirs":            {tokenCaller("t"), live(t, "hide", "jobs:read"), theirs, false, true},
				"theirs, and shown": {tokenCaller("t"), live(t, "show", "jobs:read"), theirs, false, false},
				"a stranger":        {tokenCaller("s"), live(t, "hide", "jobs:read"), mine, false, true},
				"no caller":         {nil, access.Fixed(access.Open()), mine, false, false},
				"an open policy":    {access.Anonymous(), access.Fixed(access.Open()), theirs, true, false},
			} {
				s, ctx := &spy{}, t.Context()
				if tt.caller != nil {
					ctx = access.With(ctx, tt.caller)
				}
				value, err := call(ctx, New(s, tt.policy, nil, slog.New(slog.DiscardHandler)), method, tt.group)
				switch {
				case method.Name == "Projects":
					// It is about no project: see TestTheListOfProjectsHoldsWhatMayBeRead.
					if (len(s.called) == 0) != (name == "a stranger" || name == "no caller") || (err != nil) != (name == "no caller") {
						t.Errorf("%s: called %v, %v", name, s.called, err)
					}
				case tt.reads:
					if err != nil || !reflect.DeepEqual(s.called, []string{method.Name}) || !strings.Contains(text(t, value), tt.group) {
						t.Errorf("%s: called %v and got %s, %v", name, s.called, text(t, value), err)
					}
				default:
					if len(s.called) > 0 || strings.Contains(text(t, value), tt.group) && method.Name != "ProjectJobs" {
						t.Errorf("%s: called %v and got %s", name, s.called, text(t, value))
					}
					wantRefusal(t, name, method.Name, value, err, tt.group, tt.hides)
				}
			}
		})
	}
}

// wantRefusal wants the error of a project that is not there, or one that says that it is
// forbidden.
func wantRefusal(t *testing.T, name, method string, value any, err error, group string, hides bool) {
	t.Helper()
	var refused *access.Error
	switch {
	case !hides:
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v", name, err)
		}
	case method == "ClustersNamed":
		// Where a link leads to a missing project it leads to nothing.
		if found, ok := value.(map[string]*restore.Cluster); err != nil || !ok || len(found) > 0 {
			t.Errorf("%s: got %v, %v", name, value, err)
		}
	case method == "ProjectJobs":
		// Named clusters of a missing project are unread, each.
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
	if !errors.As(err, &e) || !reflect.DeepEqual(e, atlas.NoSuchProject(group)) {
		t.Errorf("%s: got %v", name, err)
	}
}

func TestTheListOfProjectsHoldsWhatMayBeRead(t *testing.T) {
	s := &spy{}
	r := New(s, live(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler))
	got, err := r.Projects(tester(t))
	if err != nil || len(got.Projects) != 1 || got.Projects[0].ID != mine || len(got.Failures) > 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	// What could not be listed may be theirs.
	everything, err := New(&spy{}, access.Fixed(access.Open()), nil, slog.New(slog.DiscardHandler)).Projects(tester(t))
	if err != nil || len(everything.Projects) != 2 || len(everything.Failures) != 1 {
		t.Errorf("who may see all gets %+v, %v", everything, err)
	}
	gone, err := New(&spy{without: mine}, live(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler)).Projects(tester(t))
	if err != nil || len(gone.Projects) > 0 || len(gone.Failures) != 1 {
		t.Errorf("whose project is not listed gets %+v, %v", gone, err)
	}
	got, err = r.Projects(access.With(t.Context(), access.Anonymous()))
	if err != nil || len(got.Projects) > 0 || len(s.called) != 1 {
		t.Errorf("a stranger gets %+v, %v", got, err)
	}
}

func TestDownloadsAreWithheldFromWhoMayNotReadThem(t *testing.T) {
	for _, method := range methods() {
		for _, permissions := range []string{"jobs:read", "jobs:read, downloads:read"} {
			s := &spy{}
			value, err := call(tester(t), New(s, live(t, "hide", permissions), nil, slog.New(slog.DiscardHandler)), method, mine)
			if err != nil {
				t.Fatal(method.Name, err)
			}
			withheld := permissions == "jobs:read"
			shown := text(t, value)
			if !strings.Contains(shown, `"DeliveryURL"`) {
				continue // no jobs
			}
			if strings.Contains(shown, "https://download/") == withheld || strings.Contains(shown, `"DownloadsWithheld":true`) != withheld {
				t.Errorf("%s with %s: %s", method.Name, permissions, shown)
			}
		}
	}
}

// shared is a reader that gives everybody the same job, as one that keeps answers does.
type shared struct {
	loader.Reader
	job  *restore.Job
	jobs *restore.Jobs
}

func (s *shared) Job(context.Context, restore.Key) (*restore.Job, error) { return s.job, nil }
func (s *shared) ClusterJobs(context.Context, restore.JobQuery) (*restore.Jobs, error) {
	return s.jobs, nil
}

func TestWhatOthersReadTooIsNotChanged(t *testing.T) {
	job := (&spy{}).job(mine, "1")
	s := &shared{job: job, jobs: &restore.Jobs{Jobs: []*restore.Job{job}}}
	r := New(s, live(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler))
	if _, err := r.Job(tester(t), job.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ClusterJobs(tester(t), restore.JobQuery{Cluster: job.Cluster()}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff((&spy{}).job(mine, "1"), s.jobs.Jobs[0], cmpopts.IgnoreUnexported(restore.Job{})); diff != "" || s.job != s.jobs.Jobs[0] {
		t.Error(diff)
	}
}

func TestWhoHasSpentTheirCallsReadsNothing(t *testing.T) {
	limits := access.NewLimits(0, 1)
	for _, method := range methods() {
		s := &spy{}
		ctx := tester(t)
		limits.Spend(ctx)
		_, err := call(ctx, New(s, live(t, "hide", "jobs:read"), limits, slog.New(slog.DiscardHandler)), method, mine)
		var e *access.Error
		if len(s.called) > 0 || !errors.As(err, &e) || e.Kind != access.RateLimited {
			t.Errorf("%s: called %v, %v", method.Name, s.called, err)
		}
	}
}

func TestFailuresOfWhatIsReadPassThrough(t *testing.T) {
	for _, method := range methods() {
		s := &spy{err: errors.New("atlas failed")}
		if _, err := call(tester(t), New(s, live(t, "hide", "jobs:read"), nil, slog.New(slog.DiscardHandler)), method, mine); !errors.Is(err, s.err) {
			t.Errorf("%s: got %v", method.Name, err)
		}
	}
}
