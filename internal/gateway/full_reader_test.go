package gateway

import (
	"context"
	"errors"
	"sync"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/test/filler"
)

// The two projects of rich. Their ids are all that the data of one tells of the other.
const (
	projectA = "aaaaaaaaaaaaaaaaaaaaaaaa"
	projectB = "bbbbbbbbbbbbbbbbbbbbbbbb"
)

// fullReader is a reader that has everything in every project: no field is null, each text names its project, and each
// job leads to the other project.
type fullReader struct {
	mu   sync.Mutex
	read map[string]bool // the projects that were read
}

var _ loader.Reader = (*fullReader)(nil)

func dataOf(project string) string { return "data-of-" + project[:1] }
func idOf(project string) string   { return "1d1d1d1d" + project[:16] }
func urlOf(project string) string  { return "url-of-" + project[:1] }

func otherProject(project string) string {
	if project == projectA {
		return projectB
	}
	return projectA
}

func filled[T any](project string) *T {
	out := new(T)
	filler.Filler{
		Elements: 1,
		Text:     func() string { return dataOf(project) },
		ID:       func() string { return idOf(project) },
		Number:   func() int64 { return 1 },
	}.Fill(out)
	return out
}

func (r *fullReader) record(project string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read == nil {
		r.read = make(map[string]bool)
	}
	r.read[project] = true
}

// job is one of the API, or one of any.
func (r *fullReader) job(key restore.Key, api restore.Tier) *restore.Job {
	r.record(key.GroupID)
	j := filled[restore.Job](key.GroupID)
	j.Key, j.ServedBy, j.DownloadsWithheld = key, max(api, restore.Serverless), false
	other, cluster, url := otherProject(key.GroupID), "c", urlOf(key.GroupID)
	j.TargetGroupID, j.TargetClusterName = &other, &cluster
	private := []atlas.PrivateURL{{DeliveryURL: &url, EndpointID: j.SnapshotID}}
	j.DeliveryURL, j.PrivateDownloadDeliveryURLs = []string{url}, private
	j.Components = []atlas.Component{
		{ReplicaSetName: j.SnapshotID, DownloadURL: &url, PrivateDownloadDeliveryURLs: private},
	}
	return j
}

// jobs are one of the API, or one of each.
func (r *fullReader) jobs(cluster restore.ClusterKey, api restore.Tier) *restore.Jobs {
	out := &restore.Jobs{HasNext: true, EstimatedTotal: new(int64(3))}
	for i, of := range []restore.Tier{
		restore.Serverless, restore.Flex, restore.Dedicated, restore.Collection,
	} {
		if api == restore.AnyTier || api == of {
			id := "67ebae01a6713bc8f400000" + string(rune('0'+i))
			out.Jobs = append(out.Jobs, r.job(restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id}, of))
			out.Cursors = append(out.Cursors, restore.Cursor{JobID: id})
			out.End = restore.Cursor{JobID: id}
		}
	}
	return out
}

func (r *fullReader) Job(_ context.Context, tier restore.Tier, k restore.Key) (*restore.Job, error) {
	if tier == restore.AnyTier {
		tier = restore.Dedicated
	}
	return r.job(k, tier), nil
}

func (r *fullReader) BatchedJobs(_ context.Context,
	api restore.Tier, c restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	out := make(map[string]restore.JobResult, len(ids))
	for _, id := range ids {
		out[id] = restore.JobResult{Job: r.job(restore.Key{GroupID: c.GroupID, ClusterName: c.Name, JobID: id}, api)}
	}
	return out, nil
}

func (r *fullReader) Jobs(_ context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return r.jobs(q.Cluster, q.Tier), nil
}

func (r *fullReader) ProjectJobs(_ context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	unread := filled[atlas.Error](q.GroupID)
	unread.Kind, unread.Err, unread.Parameters = atlas.KindAnswered, errors.New("a cause"), nil
	return &restore.ProjectJobs{
		Jobs: *r.jobs(restore.ClusterKey{GroupID: q.GroupID, Name: "c"}, restore.AnyTier),
		Unread: []*restore.UnreadError{
			{GroupID: q.GroupID, ClusterName: "unread", API: restore.Collection, Err: unread},
		},
	}, nil
}

func (r *fullReader) Snapshot(_ context.Context, k restore.SnapshotKey) (*restore.Snapshot, error) {
	r.record(k.GroupID)
	s := filled[restore.Snapshot](k.GroupID)
	s.SnapshotKey = k
	return s, nil
}

func (r *fullReader) Snapshots(ctx context.Context,
	c restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	out := make(map[string]*restore.Snapshot, len(ids))
	for _, id := range ids {
		out[id], _ = r.Snapshot(ctx, restore.SnapshotKey{GroupID: c.GroupID, ClusterName: c.Name, SnapshotID: id})
	}
	return out, nil
}

func (r *fullReader) ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	s, err := r.Snapshot(ctx, restore.SnapshotKey{
		GroupID: q.Cluster.GroupID, ClusterName: q.Cluster.Name, SnapshotID: "67ebae01a6713bc8f4000001",
	})
	return &restore.Snapshots{Snapshots: []*restore.Snapshot{s}, EstimatedTotal: new(int64(1))}, err
}

func (r *fullReader) Cluster(_ context.Context, k restore.ClusterKey) (*restore.Cluster, error) {
	r.record(k.GroupID)
	c := filled[restore.Cluster](k.GroupID)
	c.ClusterKey, c.ServedBy, c.Free, c.PITEnabled = k, restore.Dedicated, false, new(true)
	return c, nil
}

func (r *fullReader) ClustersNamed(ctx context.Context,
	group string, names []string) (map[string]*restore.Cluster, error) {
	out := make(map[string]*restore.Cluster, len(names))
	for _, name := range names {
		out[name], _ = r.Cluster(ctx, restore.ClusterKey{GroupID: group, Name: name})
	}
	return out, nil
}

func (r *fullReader) Clusters(ctx context.Context, group string) (*restore.Clusters, error) {
	c, err := r.Cluster(ctx, restore.ClusterKey{GroupID: group, Name: "c"})
	return &restore.Clusters{Clusters: []*restore.Cluster{c}}, err
}

func (r *fullReader) Project(_ context.Context, group string) (*atlas.Project, error) {
	r.record(group)
	p := filled[atlas.Project](group)
	p.ID = group
	return p, nil
}

// Projects does not count as reading them: what it gives is sorted out above.
func (r *fullReader) Projects(context.Context) (*restore.Projects, error) {
	out := &restore.Projects{}
	for _, id := range []string{projectA, projectB} {
		p := filled[atlas.Project](id)
		p.ID, p.OrgID = id, new(organizationOf(id))
		out.Projects = append(out.Projects, p)
	}
	return out, nil
}

func (r *fullReader) BackupSchedule(_ context.Context, key restore.ClusterKey) (*atlas.BackupSchedule, error) {
	r.record(key.GroupID)
	return filled[atlas.BackupSchedule](key.GroupID), nil
}

func (r *fullReader) RestoredCollections(_ context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.RestoredCollection], error) {
	r.record(q.Cluster.GroupID)
	c := filled[atlas.RestoredCollection](q.Cluster.GroupID)
	return &restore.Slice[*atlas.RestoredCollection]{Items: []*atlas.RestoredCollection{c}}, nil
}

func (r *fullReader) SnapshotExports(_ context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.SnapshotExport], error) {
	r.record(q.Cluster.GroupID)
	items := []*atlas.SnapshotExport{filled[atlas.SnapshotExport](q.Cluster.GroupID)}
	return &restore.Slice[*atlas.SnapshotExport]{Items: items, EstimatedTotal: new(int64(1))}, nil
}

func (r *fullReader) ExportBuckets(_ context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.ExportBucket], error) {
	r.record(q.Cluster.GroupID)
	items := []*atlas.ExportBucket{filled[atlas.ExportBucket](q.Cluster.GroupID)}
	return &restore.Slice[*atlas.ExportBucket]{Items: items, EstimatedTotal: new(int64(1))}, nil
}

func (r *fullReader) BackupCompliancePolicy(_ context.Context, group string) (*restore.CompliancePolicy, error) {
	r.record(group)
	p := filled[restore.CompliancePolicy](group)
	p.PeopleWithheld = false
	return p, nil
}

func (r *fullReader) RestoreEvents(_ context.Context, q restore.EventQuery) (*restore.Events, error) {
	r.record(q.GroupID)
	e := filled[restore.Event](q.GroupID)
	e.Actor, e.PeopleWithheld = restore.ActorUser, false
	return &restore.Events{Events: []*restore.Event{e}, Cursors: []restore.EventCursor{{ID: e.ID}}}, nil
}

// organizationOf is the organization of a project: each has one of its own.
func organizationOf(project string) string { return "0a9" + idOf(project)[:21] }

func (r *fullReader) Organizations(context.Context) (*restore.Organizations, error) {
	out := &restore.Organizations{}
	for _, id := range []string{projectA, projectB} {
		o := filled[atlas.Organization](id)
		o.ID = organizationOf(id)
		out.Organizations = append(out.Organizations, o)
	}
	return out, nil
}
