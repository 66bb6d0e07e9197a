package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	mine   = "aaaaaaaaaaaaaaaaaaaaaaaa"
	theirs = "bbbbbbbbbbbbbbbbbbbbbbbb"
)

// spy is a reader that records which of its methods are called, and whose jobs have
// downloads.
type spy struct {
	loader.Reader
	called  []string
	err     error
	without string // a project that is not on the list
}

func (s *spy) record(name string) error { s.called = append(s.called, name); return s.err }

func (s *spy) job(group, id string) *restore.Job {
	return &restore.Job{
		Key: restore.Key{GroupID: group, ClusterName: "c", JobID: id}, State: restore.Ready,
		DeliveryURL: []string{"https://download/" + id},
	}
}

func (s *spy) jobs(group string) *restore.Jobs {
	return &restore.Jobs{
		Jobs: []*restore.Job{s.job(group, "1"), s.job(group, "2")}, HasNext: true,
		Cursors: []restore.Cursor{{JobID: "1"}, {JobID: "2"}},
	}
}

func (s *spy) Job(_ context.Context, _ restore.Tier, k restore.Key) (*restore.Job, error) {
	return s.job(k.GroupID, k.JobID), s.record("Job")
}

func (s *spy) BatchedJobs(_ context.Context,
	_ restore.Tier, c restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	out := map[string]restore.JobResult{"missing": {Err: errors.New("missing")}}
	for _, id := range ids {
		out[id] = restore.JobResult{Job: s.job(c.GroupID, id)}
	}
	return out, s.record("BatchedJobs")
}

func (s *spy) Jobs(_ context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return s.jobs(q.Cluster.GroupID), s.record("Jobs")
}

func (s *spy) ProjectJobs(_ context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	return &restore.ProjectJobs{Jobs: *s.jobs(q.GroupID), Unread: []*restore.UnreadError{{ClusterName: "x"}}}, s.record("ProjectJobs")
}

func (s *spy) Snapshot(_ context.Context, k restore.SnapshotKey) (*restore.Snapshot, error) {
	return &restore.Snapshot{SnapshotKey: k}, s.record("Snapshot")
}

func (s *spy) Snapshots(_ context.Context, c restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	return map[string]*restore.Snapshot{ids[0]: {SnapshotKey: restore.SnapshotKey{GroupID: c.GroupID}}}, s.record("Snapshots")
}

func (s *spy) ClusterSnapshots(_ context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	return &restore.Snapshots{
		Snapshots: []*restore.Snapshot{{SnapshotKey: restore.SnapshotKey{GroupID: q.Cluster.GroupID}}},
	}, s.record("ClusterSnapshots")
}

func (s *spy) Cluster(_ context.Context, k restore.ClusterKey) (*restore.Cluster, error) {
	return &restore.Cluster{ClusterKey: k}, s.record("Cluster")
}

func (s *spy) ClustersNamed(_ context.Context, group string, names []string) (map[string]*restore.Cluster, error) {
	return map[string]*restore.Cluster{names[0]: {ClusterKey: restore.ClusterKey{GroupID: group, Name: names[0]}}}, s.record("ClustersNamed")
}

func (s *spy) Clusters(_ context.Context, group string) (*restore.Clusters, error) {
	return &restore.Clusters{Clusters: []*restore.Cluster{{ClusterKey: restore.ClusterKey{GroupID: group}}}}, s.record("Clusters")
}

func (s *spy) BackupSchedule(_ context.Context, k restore.ClusterKey) (*atlas.BackupSchedule, error) {
	return &atlas.BackupSchedule{ClusterID: &k.GroupID}, s.record("BackupSchedule")
}

func (s *spy) RestoredCollections(_ context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.RestoredCollection], error) {
	items := []*atlas.RestoredCollection{{SourceNamespace: q.Cluster.GroupID}}
	return &restore.Slice[*atlas.RestoredCollection]{Items: items}, s.record("RestoredCollections")
}

func (s *spy) SnapshotExports(_ context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.SnapshotExport], error) {
	items := []*atlas.SnapshotExport{{ID: q.Cluster.GroupID}}
	return &restore.Slice[*atlas.SnapshotExport]{Items: items}, s.record("SnapshotExports")
}

func (s *spy) ExportBuckets(_ context.Context, q restore.SliceQuery) (*restore.Slice[*atlas.ExportBucket], error) {
	items := []*atlas.ExportBucket{{ID: q.Cluster.GroupID}}
	return &restore.Slice[*atlas.ExportBucket]{Items: items}, s.record("ExportBuckets")
}

func (s *spy) BackupCompliancePolicy(_ context.Context, group string) (*restore.CompliancePolicy, error) {
	return &restore.CompliancePolicy{BackupCompliancePolicy: atlas.BackupCompliancePolicy{
		ProjectID: &group, AuthorizedEmail: new("a person"),
	}}, s.record("BackupCompliancePolicy")
}

func (s *spy) RestoreEvents(_ context.Context, q restore.EventQuery) (*restore.Events, error) {
	event := atlas.Event{ID: "e", GroupID: &q.GroupID, Username: new("a person"), UserID: new("id")}
	return &restore.Events{Events: []*restore.Event{{Event: event}}}, s.record("RestoreEvents")
}

func (s *spy) Organizations(context.Context) (*restore.Organizations, error) {
	organizations := []*atlas.Organization{{ID: "org of theirs"}, {ID: "org of mine"}}
	return &restore.Organizations{Organizations: organizations}, s.record("Organizations")
}

func (s *spy) Project(_ context.Context, group string) (*atlas.Project, error) {
	return &atlas.Project{ID: group}, s.record("Project")
}

func (s *spy) Projects(context.Context) (*restore.Projects, error) {
	projects := []*atlas.Project{
		{ID: theirs, OrgID: new("org of theirs")}, {ID: mine, OrgID: new("org of mine")},
	}
	projects = slices.DeleteFunc(projects, func(p *atlas.Project) bool { return p.ID == s.without })
	return &restore.Projects{Projects: projects, Failures: []error{errors.New("one failed")}}, s.record("Projects")
}

// policyFile is a policy with one rule: for the token t, in the project mine.
func policyFile(t *testing.T, forbidden, permissions string) *authz.PolicyFile {
	t.Helper()
	p, err := authz.ParsePolicy("policy.yaml",
		fmt.Appendf(nil, "forbidden: %s\nrules:\n- subject: {token: t}\n  projects: [%s]\n  permissions: [%s]\n", forbidden,
			mine, permissions),
		authz.AuthMethods{Methods: []authz.Method{authz.Token}, Tokens: []string{"t"}})
	if err != nil {
		t.Fatal(err)
	}
	return authz.StaticPolicy(p)
}

func tokenCaller(name string) *authz.Caller {
	return &authz.Caller{Method: authz.Token, Token: name}
}

func tester(t *testing.T) context.Context {
	t.Helper()
	return authz.WithCaller(t.Context(), tokenCaller("t"))
}

// call calls a method of the interface with arguments that name one project.
func call(ctx context.Context, r loader.Reader, method reflect.Method, group string) (value any, err error) {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type.NumIn(); i++ {
		in = append(in, aboutProject(method.Type.In(i), group))
	}
	out := reflect.ValueOf(r).MethodByName(method.Name).Call(in)
	err, _ = out[1].Interface().(error)
	return out[0].Interface(), err
}

// aboutProject makes an argument that names this project, and in which every list has an element.
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

// methods returns the methods of the interface, all of which return data of Atlas.
func methods() []reflect.Method {
	t := reflect.TypeFor[loader.Reader]()
	all := make([]reflect.Method, t.NumMethod())
	for i := range all {
		all[i] = t.Method(i)
	}
	return all
}

// text returns a value as JSON, to search it for what must not be shown.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
