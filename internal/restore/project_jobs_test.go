package restore

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

// projectJobs reads all pages of a question.
func (e *env) projectJobs(t *testing.T, q ProjectQuery) []*Job {
	t.Helper()
	var all []*Job
	for {
		p, err := e.ProjectJobs(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range p.Unread {
			t.Error(u)
		}
		if len(p.Jobs.Jobs) > q.First {
			t.Errorf("%d jobs instead of %d", len(p.Jobs.Jobs), q.First)
		}
		all = append(all, p.Jobs.Jobs...)
		if !p.HasNext {
			return all
		}
		if p.End == q.After {
			t.Fatal("the cursor does not go on")
		}
		q.After = p.End
	}
}

func jobIDs(jobs []*Job) []string {
	var out []string
	for _, j := range jobs {
		out = append(out, j.JobID)
	}
	return out
}

func TestProjectJobs_returnsTheJobsOfAllClustersNewestFirst(t *testing.T) {
	for name, retired := range map[string]bool{"before the sunset": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			e.sim.RetireServerless(retired)
			e.calls()
			// The newest job of the demo comes with time; a fixed beginning keeps the pages comparable.
			var want []string
			clusters := map[ClusterKey]Tier{
				orders: Serverless, catalog: Flex, reporting: Dedicated, billing: Dedicated, returns: Flex, loyalty: Dedicated,
			}
			if retired {
				clusters[orders] = Flex
			}
			for cluster, tier := range clusters {
				want = append(want, ids(read(t, &fakeList{ids: e.allIDs(t, tier, cluster)}, 500, Cursor{}, 100_000))...)
			}
			slices.Sort(want)
			slices.Reverse(want)
			for _, first := range []int{500, 150} {
				got := jobIDs(e.projectJobs(t, ProjectQuery{GroupID: atlassim.SeedGroupID, First: first}))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d at a time: %s", first, diff)
				}
			}
		})
	}
}

// allIDs are the ids of all jobs of a cluster.
func (e *env) allIDs(t *testing.T, tier Tier, cluster ClusterKey) []string {
	t.Helper()
	entries, err := readFrom(t.Context(), e.iterateJobs(tier, cluster, 500), Cursor{},
		func([]*listedJob) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	return ids(entries)
}

func TestProjectJobs_makesACallForEachClusterAndThreeForTheList(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	if _, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: atlassim.SeedGroupID, First: 20}); err != nil {
		t.Fatal(err)
	}
	// Six clusters with backups, three of them Dedicated with a second list; the Free one is not asked.
	e.wantCalls(t, 3+6+3)
	e.sim.RetireServerless(true)
	if _, err := e.ProjectJobs(t.Context(), ProjectQuery{
		GroupID: atlassim.SeedGroupID, ClusterNames: []string{"orders", "catalog", "orders"}, First: 20,
	}); err != nil {
		t.Fatal(err)
	}
	e.wantCalls(t, 3) // orders has moved, catalog is known
}

func TestProjectJobs_filtersByTheQuery(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	everything := e.projectJobs(t, ProjectQuery{GroupID: atlassim.SeedGroupID, First: MaxFirst})
	year := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		query ProjectQuery
		keeps func(*Job) bool
	}{
		"by state": {
			query: ProjectQuery{States: []State{Failed, Expired}},
			keeps: func(j *Job) bool { return j.State == Failed || j.State == Expired },
		},
		"by delivery type": {
			query: ProjectQuery{DeliveryTypes: []DeliveryType{Download}},
			keeps: func(j *Job) bool { return j.DeliveryType != nil && *j.DeliveryType == Download },
		},
		"by date": {
			query: ProjectQuery{StartedAfter: year}, keeps: func(j *Job) bool { return j.CreatedAt().After(year) },
		},
		"by cluster": {
			query: ProjectQuery{ClusterNames: []string{"returns", "billing"}},
			keeps: func(j *Job) bool { return j.ClusterName == "returns" || j.ClusterName == "billing" },
		},
		"by all of them": {
			query: ProjectQuery{
				States: []State{Succeeded}, DeliveryTypes: []DeliveryType{Automated}, StartedAfter: year,
				ClusterNames: []string{"orders", "catalog"},
			},
			keeps: func(j *Job) bool {
				return j.State == Succeeded && j.DeliveryType != nil && *j.DeliveryType == Automated && j.CreatedAt().After(year) &&
					(j.ClusterName == "orders" || j.ClusterName == "catalog")
			},
		},
		"by empty lists": {
			query: ProjectQuery{ClusterNames: []string{}, States: []State{}, DeliveryTypes: []DeliveryType{}},
			keeps: func(*Job) bool { return true },
		},
		"by what nothing is": {
			query: ProjectQuery{States: []State{StateUnknown}, DeliveryTypes: []DeliveryType{PointInTime}},
			keeps: func(*Job) bool { return false },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var want []*Job
			for _, j := range everything {
				if tt.keeps(j) {
					want = append(want, j)
				}
			}
			tt.query.GroupID, tt.query.First = atlassim.SeedGroupID, 130
			if diff := cmp.Diff(jobIDs(want), jobIDs(e.projectJobs(t, tt.query))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProjectJobs_returnsOtherClustersWhenOneFails(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	remove := e.sim.Inject(atlassim.Fault{PathContains: "/catalog/backup/", Status: 503})
	p, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: atlassim.SeedGroupID, First: 500})
	remove()
	if err != nil || len(p.Jobs.Jobs) == 0 || len(p.Unread) != 1 || p.Unread[0].ClusterName != "catalog" {
		t.Fatalf("got %+v, %v", p, err)
	}
	wantCode(t, p.Unread[0], 503, "UNEXPECTED_ERROR")
	for _, j := range p.Jobs.Jobs {
		if j.ClusterName == "catalog" {
			t.Errorf("there is a job of it: %+v", j)
		}
	}

	remove = e.sim.Inject(atlassim.Fault{PathContains: "/flexClusters", Status: 500})
	p, err = e.ProjectJobs(t.Context(), ProjectQuery{GroupID: atlassim.SeedGroupID, First: 20})
	remove()
	if err != nil || len(p.Jobs.Jobs) == 0 || len(p.Unread) != 1 || p.Unread[0].ClusterName != "" {
		t.Errorf("without the list of Flex clusters: %+v, %v", p, err)
	}

	defer e.sim.Inject(atlassim.Fault{PathContains: "lusters", Status: 500})()
	defer e.sim.Inject(atlassim.Fault{PathContains: "/serverless", Status: 500})()
	if p, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: atlassim.SeedGroupID, First: 20}); err == nil {
		t.Errorf("without any list: %+v", p)
	}
}

func TestProjectJobs_ofAProjectWithoutClustersOrThatIsMissing(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	p, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: atlassim.SeedEmptyGroupID, First: 20})
	if err != nil || len(p.Jobs.Jobs)+len(p.Unread) != 0 || p.HasNext {
		t.Errorf("got %+v, %v", p, err)
	}
	_, err = e.ProjectJobs(t.Context(), ProjectQuery{GroupID: strings.Repeat("f", 24), First: 20})
	wantCode(t, err, 404, "GROUP_NOT_FOUND")
	named, err := e.ProjectJobs(t.Context(), ProjectQuery{
		GroupID: atlassim.SeedGroupID, ClusterNames: []string{"nosuch", "returns"}, First: 20,
	})
	if err != nil || len(named.Unread) != 1 || named.Unread[0].ClusterName != "nosuch" || len(named.Jobs.Jobs) == 0 {
		t.Errorf("got %+v, %v", named, err)
	}
}

func TestProjectJobs_boundsTheSearchForARareState(t *testing.T) {
	const jobs = 5100
	e := newEnv(t, ServerlessAuto, atlassim.WithJobs(jobs))
	q := ProjectQuery{
		GroupID: atlassim.SeedGroupID, ClusterNames: []string{atlassim.BulkClusterName}, States: []State{StateUnknown},
		First: 20,
	}
	e.tiers.setTier(ClusterKey{GroupID: q.GroupID, Name: atlassim.BulkClusterName}, Dedicated)
	p, err := e.ProjectJobs(t.Context(), q)
	if err != nil || len(p.Jobs.Jobs) != 0 || !p.HasNext || p.End.JobID == "" {
		t.Fatalf("got %+v, %v", p, err)
	}
	e.wantCalls(t, projectPages+1)
	q.After = p.End
	p, err = e.ProjectJobs(t.Context(), q)
	if err != nil || len(p.Jobs.Jobs) != 0 || p.HasNext {
		t.Fatalf("behind it: %+v, %v", p, err)
	}
	q.States, q.After = nil, Cursor{}
	q.First = MaxFirst
	if n := len(e.projectJobs(t, q)); n != jobs {
		t.Errorf("%d jobs of %d", n, jobs)
	}
}

func TestProjectJobs_endsWhereTheFirstClusterScanEnded(t *testing.T) {
	at := func(second int) *listedJob { return &listedJob{job: &Job{Key: Key{JobID: jobID(second, 0)}}} }
	tests := map[string]struct {
		scans []*clusterScan
		first int
		want  []string
		end   string
		more  bool
	}{
		"both at their ends": {
			scans: []*clusterScan{{jobs: []*listedJob{at(9), at(3)}}, {jobs: []*listedJob{at(5)}}}, first: 10,
			want: []string{jobID(9, 0), jobID(5, 0), jobID(3, 0)}, end: jobID(3, 0), more: false,
		},
		"one stopped looking": {
			scans: []*clusterScan{{jobs: []*listedJob{at(9)}, scannedTo: jobID(6, 0)}, {jobs: []*listedJob{at(8), at(5)}}},
			first: 10,
			want:  []string{jobID(9, 0), jobID(8, 0)}, end: jobID(6, 0), more: true,
		},
		"more than was asked for": {
			scans: []*clusterScan{{jobs: []*listedJob{at(9), at(7)}}, {jobs: []*listedJob{at(8)}}}, first: 2,
			want: []string{jobID(9, 0), jobID(8, 0)}, end: jobID(8, 0), more: true,
		},
		"a job that two APIs list": {
			scans: []*clusterScan{{jobs: []*listedJob{at(9)}}, {jobs: []*listedJob{at(9), at(8)}}}, first: 10,
			want: []string{jobID(9, 0), jobID(8, 0)}, end: jobID(8, 0), more: false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &ProjectJobs{}
			p.combine(tt.scans, &ProjectQuery{First: tt.first})
			if diff := cmp.Diff(tt.want, jobIDs(p.Jobs.Jobs)); diff != "" || p.End.JobID != tt.end || p.HasNext != tt.more {
				t.Errorf("%s; the end is %s, more: %v", diff, p.End.JobID, p.HasNext)
			}
		})
	}
}

func TestProjectJobs_readsOnlyClustersWithTheTags(t *testing.T) {
	production, staging := "production", "staging"
	for name, tt := range map[string]struct {
		names []string
		tags  []TagFilter
		want  []string // the clusters whose jobs are returned
	}{
		"a key":                  {tags: []TagFilter{{Key: "environment"}}, want: []string{orders.Name}},
		"a key and its value":    {tags: []TagFilter{{Key: "environment", Value: &production}}, want: []string{orders.Name}},
		"another value":          {tags: []TagFilter{{Key: "environment", Value: &staging}}},
		"one of two":             {tags: []TagFilter{{Key: "environment"}, {Key: "team"}}},
		"a named cluster":        {names: []string{orders.Name}, tags: []TagFilter{{Key: "environment"}}, want: []string{orders.Name}},
		"another named cluster":  {names: []string{catalog.Name}, tags: []TagFilter{{Key: "environment"}}},
		"a cluster that is gone": {names: []string{"gone"}, tags: []TagFilter{{Key: "environment"}}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			p, err := e.ProjectJobs(t.Context(), ProjectQuery{
				GroupID: orders.GroupID, ClusterNames: tt.names, ClusterTags: tt.tags, First: 50,
			})
			if err != nil || len(p.Unread) > 0 {
				t.Fatalf("got %v, %v", p, err)
			}
			var got []string
			for _, j := range p.Jobs.Jobs {
				got = append(got, j.ClusterName)
			}
			if got = slices.Compact(got); !slices.Equal(got, tt.want) {
				t.Errorf("got jobs of %v, want %v", got, tt.want)
			}
			// Three lists of clusters, and a page of jobs for each that has the tags.
			e.wantCalls(t, 3+len(tt.want))
		})
	}
}
