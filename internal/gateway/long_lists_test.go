package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// bigAtlas is an Atlas of Dedicated clusters that are all alike, with longer lists than
// anybody foresees. Who has not authenticated is answered by the simulator.
type bigAtlas struct {
	sim                                 http.Handler
	projects, clusters, snapshots, jobs int
	order                               func([]string) // of the ids of snapshots, which are newest first
	listed                              []string       // those ids
	written                             sync.Map       // pages, by their URLs
}

func (*bigAtlas) project(i int) string { return fmt.Sprintf("%024x", i+1) }
func (*bigAtlas) cluster(i int) string { return "c" + strconv.Itoa(i) }

// id is the i-th thing of its sort; those with higher numbers were made later.
func (*bigAtlas) id(sort, i int) string {
	return fmt.Sprintf("%08x%016x", 1_700_000_000+3600*i, sort<<32+i)
}

// job links to one of all snapshots, or to one that has expired, and to one of all clusters.
func (b *bigAtlas) job(group string, i int) string {
	r := rand.New(rand.NewPCG(uint64(i), 1))
	return fmt.Sprintf(`{"id":%q,"deliveryType":"automated","snapshotId":%q,"targetGroupId":%q,"targetClusterName":%q,`+
		`"finishedAt":"2024-01-01T00:00:00Z"}`,
		b.id(1, i), b.id(2, r.IntN(b.snapshots+5)-5), group, b.cluster(r.IntN(b.clusters)))
}

func (b *bigAtlas) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") == "" {
		b.sim.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/atlas/v2/groups"), "/")[1:]
	group := ""
	if len(parts) > 0 {
		group = parts[0]
	}
	named := func(name string) string {
		return fmt.Sprintf(`{"id":"%024x","name":%q,"groupId":%q,"stateName":"IDLE","clusterType":"REPLICASET"}`, name, name,
			group)
	}
	switch {
	case len(parts) == 0:
		b.list(w, r, b.projects, func(i int) string { return fmt.Sprintf(`{"id":%q,"name":"p%d"}`, b.project(i), i) })
	case len(parts) == 1:
		_, _ = fmt.Fprintf(w, `{"id":%q,"name":"p"}`, group)
	case len(parts) == 2 && parts[1] == "clusters":
		b.list(w, r, b.clusters, func(i int) string { return named(b.cluster(i)) })
	case len(parts) == 2:
		b.list(w, r, 0, nil)
	case parts[1] != "clusters" || !strings.HasPrefix(parts[2], "c"):
		b.refuse(w, "CLUSTER_NOT_FOUND")
	case len(parts) == 4 && parts[3] == "collectionRestoreJobs":
		b.list(w, r, 0, nil)
	case len(parts) == 3:
		_, _ = fmt.Fprint(w, named(parts[2]))
	case len(parts) == 5 && parts[4] == "restoreJobs":
		b.list(w, r, b.jobs, func(i int) string { return b.job(group, b.jobs-1-i) })
	case len(parts) == 5 && parts[4] == "snapshots":
		b.list(w, r, b.snapshots, func(i int) string {
			return fmt.Sprintf(`{"id":%q,"status":"completed","type":"replicaSet"}`, b.listed[i])
		})
	case parts[5] == "shardedClusters":
		b.list(w, r, 0, nil)
	case parts[4] == "restoreJobs":
		b.one(w, 1, b.jobs, parts[5], "RESTORE_JOB_NOT_FOUND", func(i int) string { return b.job(group, i) })
	case parts[5] == "shardedCluster":
		b.refuse(w, "SNAPSHOT_NOT_FOUND")
	default:
		b.one(w, 2, b.snapshots, parts[5], "SNAPSHOT_NOT_FOUND", func(i int) string {
			return fmt.Sprintf(`{"id":%q,"status":"completed","type":"replicaSet"}`, b.id(2, i))
		})
	}
}

func (*bigAtlas) refuse(w http.ResponseWriter, code string) {
	w.WriteHeader(http.StatusNotFound)
	_, _ = fmt.Fprintf(w, `{"error":404,"errorCode":%q,"detail":"no such thing","reason":"Not Found","parameters":[]}`,
		code)
}

func (b *bigAtlas) one(w http.ResponseWriter, sort, n int, id, code string, element func(int) string) {
	for i := range n {
		if b.id(sort, i) == id {
			_, _ = fmt.Fprint(w, element(i))
			return
		}
	}
	b.refuse(w, code)
}

func (b *bigAtlas) list(w http.ResponseWriter, r *http.Request, n int, element func(int) string) {
	written, ok := b.written.Load(r.URL.String())
	if !ok {
		written = b.page(r, n, element)
		b.written.Store(r.URL.String(), written)
	}
	_, _ = io.WriteString(w, written.(string))
}

func (*bigAtlas) page(r *http.Request, n int, element func(int) string) string {
	number, _ := strconv.Atoi(r.FormValue("pageNum"))
	size, err := strconv.Atoi(r.FormValue("itemsPerPage"))
	if err != nil {
		size, number = n, 1 // a list without pages
	}
	var results []string
	for i := (number - 1) * size; i < min(n, number*size); i++ {
		results = append(results, element(i))
	}
	links := ""
	if number*size < n {
		links = `{"rel":"next","href":"https://cloud.mongodb.com/next"}`
	}
	return fmt.Sprintf(`{"links":[%s],"results":[%s],"totalCount":%d}`, links, strings.Join(results, ","), n)
}

// The orders in which Atlas may list snapshots; which one is not documented, and Flex clusters
// have theirs the oldest first.
var orders = map[string]func([]string){
	"newest first": func([]string) {},
	"oldest first": slices.Reverse[[]string],
	"no order": func(ids []string) {
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	},
}

// newBigEnv is a gateway before a bigAtlas, without retries and the challenge behind it.
func newBigEnv(t *testing.T, b *bigAtlas, opts ...envOption) *env {
	t.Helper()
	b.sim = atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))
	b.listed = make([]string, b.snapshots)
	for i := range b.listed {
		b.listed[i] = b.id(2, b.snapshots-1-i)
	}
	b.order(b.listed)
	// Hundreds of calls take their time under the race detector.
	longTimeout := withConfig(func(c *Config) { c.OperationTimeout = 5 * time.Minute })
	e := newEnv(t, append([]envOption{
		withUpstream(b), longTimeout, withAtlas(atlas.WithRetries(0), atlas.WithBudget(false)),
	}, opts...)...)
	e.post(t, `{project(groupId:"`+b.project(0)+`"){id}}`, nil) // the challenge
	return e
}

// askForCost sends a query, and holds what it cost against the estimate.
func (e *env) costOf(t *testing.T, query string) (r result, estimate, calls int) {
	t.Helper()
	r = e.send(t, http.MethodPost, "/graphql", bodyOf(t, query, nil), post, askCost, "Cache-Control: no-cache")
	if r.Status != 200 && r.Status != 400 {
		t.Fatalf("%s: %d %.300s", query, r.Status, r.Raw)
	}
	estimate, calls = costs(t, r)
	if calls > estimate {
		t.Errorf("estimate %d, calls %d: %s", estimate, calls, query)
	}
	return r, estimate, calls
}

// TestLongLists_costAtMostTheirEstimate has made-up questions asked of an Atlas with
// longer lists than are assumed. Where more would have to be read, that is an error.
func TestLongLists_costAtMostTheirEstimate(t *testing.T) {
	t.Parallel()
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bigAtlas{projects: 1200, clusters: 1200, snapshots: 3000, jobs: 600, order: order}
			q := &questions{rand: rand.New(rand.NewPCG(3, 4))}
			for i := range 8 {
				q.examples = append(q.examples, atlassim.Example{
					GroupID: b.project(0), ClusterName: b.cluster(i), RestoreJobID: b.id(1+i%2, 100*i),
				})
			}
			most := 0
			for range 8 {
				e := newBigEnv(t, b, withConfig(func(c *Config) { c.MaxCost = 600 }))
				for range 2 {
					query := q.query()
					r, _, calls := e.costOf(t, query)
					most = max(most, calls)
					for _, err := range r.Errors {
						if code := err.Extensions["code"]; code != "COST_LIMIT_EXCEEDED" && code != "NOT_FOUND" &&
							code != "BAD_USER_INPUT" {
							t.Errorf("%v: %s", err, query)
						}
					}
				}
			}
			if most < 50 {
				t.Errorf("the dearest cost %d", most)
			}
		})
	}
}

// TestLongLists_areServedWithinTheirEstimates has what dashboards ask of an Atlas with many
// snapshots, clusters and projects.
//
//nolint:tparallel // the subtests share what plays Atlas
func TestLongLists_areServedWithinTheirEstimates(t *testing.T) {
	t.Parallel()
	b := &bigAtlas{projects: 1200, clusters: 1200, snapshots: 3000, jobs: 1100, order: orders["newest first"]}
	group, cluster := `groupId:"`+b.project(0)+`"`, `clusterName:"c1"`
	few := &bigAtlas{projects: 1, clusters: 100, snapshots: 1, jobs: 1100, order: orders["newest first"]}
	for _, tt := range []struct {
		name, query string
		atlas       *bigAtlas
		most        int // calls
	}{
		{
			name: "the newest snapshots", query: "{cluster(" + group + "," + cluster + "){snapshots(first:20){nodes{id}}}}",
			most: 3 + 1,
		},
		{
			name:  "as many snapshots as there can be",
			query: "{cluster(" + group + "," + cluster + "){snapshots(first:500){nodes{id}}}}", most: 3 + 2,
		},
		{
			name:  "the snapshots of several clusters",
			query: "{project(" + group + "){clusters(first:20){nodes{snapshots(first:5){nodes{id}}}}}}", most: 1 + 5 + 20,
		},
		{
			name:  "what the jobs of a list link to",
			query: "{dedicatedRestoreJobs(" + group + "," + cluster + ",first:100){nodes{snapshot{id} targetCluster{name}}}}",
			most:  2 + 7 + 5,
		},
		{
			name:  "what two jobs link to",
			query: "{dedicatedRestoreJobs(" + group + "," + cluster + ",first:2){nodes{snapshot{id} targetCluster{name}}}}",
			most:  1 + 1 + 2*2 + 2*3,
		},
		{name: "the clusters of a project", query: "{project(" + group + "){clusters(first:500){nodes{name}}}}", most: 1 + 5},
		{name: "all projects", query: "{projects(first:500){nodes{id}}}", most: 3},
		{name: "the jobs of a hundred clusters", query: "{restoreJobs(" + group + "){nodes{id}}}", atlas: few, most: 3 + 2*100},
		{
			name: "rare jobs of a hundred clusters", query: "{restoreJobs(" + group + ",states:[FAILED]){nodes{id}}}",
			atlas: few, most: 3 + 250,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := b
			if tt.atlas != nil {
				at = tt.atlas
			}
			e := newBigEnv(t, at)
			r, _, calls := e.costOf(t, tt.query)
			if r.Status != 200 || len(r.Errors) > 0 || calls > tt.most {
				t.Errorf("%d calls, at most %d are needed: %.300s", calls, tt.most, r.Raw)
			}
		})
	}
}

// TestLongLists_snapshotsAreTheSamePageByPage reads 3000 snapshots by pages, in whatever
// order Atlas lists them.
func TestLongLists_snapshotsAreTheSamePageByPage(t *testing.T) {
	t.Parallel()
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bigAtlas{projects: 1, clusters: 1, snapshots: 3000, jobs: 1, order: order}
			e := newBigEnv(t, b)
			after, seen := "null", 0
			for range 3 * 3000 / 400 {
				r, _, _ := e.costOf(t, `{cluster(groupId:"`+b.project(0)+`",clusterName:"c0"){snapshots(first:400,after:`+after+
					`){nodes{id} pageInfo{endCursor hasNextPage hasPreviousPage} estimatedTotalCount}}}`)
				var page struct {
					Snapshots struct {
						Nodes []struct {
							ID string `json:"id"`
						} `json:"nodes"`
						PageInfo struct {
							EndCursor       string `json:"endCursor"`
							HasNextPage     bool   `json:"hasNextPage"`
							HasPreviousPage bool   `json:"hasPreviousPage"`
						} `json:"pageInfo"`
						EstimatedTotalCount int `json:"estimatedTotalCount"`
					} `json:"snapshots"`
				}
				if err := json.Unmarshal(r.Data["cluster"], &page); err != nil || len(r.Errors) > 0 {
					t.Fatal(err, r.Errors)
				}
				for _, node := range page.Snapshots.Nodes {
					if want := b.id(2, b.snapshots-1-seen); node.ID != want {
						t.Fatalf("number %d is %s, want %s", seen, node.ID, want)
					}
					seen++
				}
				info := page.Snapshots.PageInfo
				if info.HasNextPage != (seen < b.snapshots) || info.HasPreviousPage != (after != "null") ||
					page.Snapshots.EstimatedTotalCount != b.snapshots {
					t.Errorf("after %d: %+v", seen, page.Snapshots)
				}
				if !info.HasNextPage {
					break
				}
				after = strconv.Quote(info.EndCursor)
			}
			if seen != b.snapshots {
				t.Errorf("%d were seen", seen)
			}
		})
	}
}

// TestLongLists_projectBeyondItsEstimateListsUnreadClusters has a project with more clusters than an
// operation may read.
func TestLongLists_projectBeyondItsEstimateListsUnreadClusters(t *testing.T) {
	t.Parallel()
	b := &bigAtlas{projects: 1, clusters: 300, snapshots: 1, jobs: 3, order: orders["newest first"]}
	e := newBigEnv(t, b)
	r, estimate, calls := e.costOf(t,
		`{restoreJobs(groupId:"`+b.project(0)+`",first:500){nodes{clusterName} unread{clusterName servedBy}}}`)
	var got struct {
		Unread []struct {
			ClusterName string  `json:"clusterName"`
			ServedBy    *string `json:"servedBy"`
		} `json:"unread"`
	}
	if err := json.Unmarshal(r.Data["restoreJobs"], &got); err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Errors {
		if err.Extensions["code"] != "COST_LIMIT_EXCEEDED" || err.Extensions["clusterName"] == nil {
			t.Errorf("got %+v", err)
		}
	}
	const lists = 3
	whole := 0
	for _, unread := range got.Unread {
		if unread.ServedBy == nil {
			whole++
		}
	}
	// The collection restores are read last.
	if calls != estimate || whole != b.clusters-(calls-lists) || len(got.Unread) != b.clusters ||
		len(r.Errors) != len(got.Unread) {
		t.Errorf("%d calls of %d: %d clusters were not read, and there are %d errors", calls, estimate, len(got.Unread),
			len(r.Errors))
	}
}
