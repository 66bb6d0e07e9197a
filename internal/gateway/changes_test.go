package gateway

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

// TestCacheTTL_boundsHowLateAChangeIsSeen follows a job that ends after nine seconds, in every
// way in which it can be read.
func TestCacheTTL_boundsHowLateAChangeIsSeen(t *testing.T) {
	ask := map[string]func(e *env, id string) string{
		"by itself": func(_ *env, id string) string { return jobField("a", ofOrders(id), "{ state }") },
		"in a list": func(*env, string) string {
			return `a: serverlessRestoreJobs(` + in("orders") + `, first: 3) { nodes { id state } }`
		},
		"among others": func(e *env, id string) string {
			return jobField("a", ofOrders(id), "{ id state }") + jobField("b", ofOrders(e.some[0]), "{ id }") +
				jobField("c", ofOrders(e.some[1]), "{ id }") + jobField("d", ofOrders(e.some[2]), "{ id }")
		},
		"over the project": func(*env, string) string {
			return `a: restoreJobs(groupId: "` + atlassim.SeedGroupID +
				`", clusterNames: ["orders"], first: 3) { nodes { id state } }`
		},
	}
	for name, query := range ask {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withoutRateLimit)
				e.some = e.jobsOfOrders(t)[250:]
				const takes, setting = 9 * time.Second, 2 * time.Second
				start := time.Now()
				id := e.sim.AddJob(atlassim.SeedGroupID, "orders", takes)
				var wg sync.WaitGroup
				for offset := range 5 {
					wg.Go(func() {
						<-time.After(time.Duration(offset) * 170 * time.Millisecond)
						for time.Since(start) < takes+5*time.Second {
							asked := time.Since(start)
							r := e.post(t, "{"+query(e, id)+"}", nil)
							state := stateOf(string(r.Data["a"]), id)
							if asked < takes && state != "RUNNING" || asked >= takes+setting && state != "SUCCEEDED" {
								t.Errorf("after %s it is %q: %.300s", asked, state, r.Raw)
								return
							}
							<-time.After(310 * time.Millisecond)
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

func ofOrders(id string) atlassim.Example {
	return atlassim.Example{GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: id}
}

// stateOf finds the state of the job in an answer.
func stateOf(answer, id string) string {
	if _, behind, ok := strings.Cut(answer, id); ok {
		answer = behind
	}
	_, answer, _ = strings.Cut(answer, `"state":"`)
	state, _, _ := strings.Cut(answer, `"`)
	return state
}

// TestCacheTTL_endsWithADownloadURL follows downloads beyond the end of their URLs
// where results are cached for longer than that.
func TestCacheTTL_endsWithADownloadURL(t *testing.T) {
	for label, field := range map[string]string{"expiresSoon": "serverlessRestoreJob", "by a list": ""} {
		t.Run(label, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withoutRateLimit,
					withCache(restore.CacheSettings{Bytes: 1 << 20, Final: time.Hour, Running: 47 * time.Second, Missing: time.Second}))
				job := e.example(t, "expiresSoon")
				query := "{" + rootField("a", field, job, "{ id state deliveryUrl expiresAt }") + "}"
				if field == "" {
					query = `{ a: serverlessRestoreJobs(` + in("orders") +
						`, first: 30) { nodes { id state deliveryUrl expiresAt } } }`
				}
				served, start := 0, time.Now()
				for time.Since(start) < 2*time.Minute {
					r := e.post(t, query, nil)
					_, answer, _ := strings.Cut(string(r.Data["a"]), job.RestoreJobID)
					answer, _, _ = strings.Cut(answer, "}")
					_, at, _ := strings.Cut(answer, `"expiresAt":"`)
					at, _, _ = strings.Cut(at, `"`)
					expires, err := time.Parse(time.RFC3339, at)
					if hasURL := strings.Contains(answer, "https://"); hasURL && err != nil {
						t.Fatalf("got %s", r.Raw)
					} else if hasURL && !time.Now().Before(expires) {
						t.Fatalf("%s after its end: %s", time.Since(expires), answer)
					} else if hasURL {
						served++
					}
					<-time.After(730 * time.Millisecond)
				}
				if served < 10 {
					t.Errorf("the URL was served %d times", served)
				}
			})
		})
	}
}

// TestPagination_changingListHasEachJobOnce reads a list page by page while
// jobs come and go, and while pages are cached that are older than their neighbours.
func TestPagination_changingListHasEachJobOnce(t *testing.T) {
	for setupName, setup := range setups {
		t.Run(setupName, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, setup, withoutRateLimit)
				before := e.jobsOfOrders(t)
				going := before[120:260]
				var wg sync.WaitGroup
				stop := make(chan struct{})
				wg.Go(func() { // another client fills the cache
					for {
						select {
						case <-stop:
							return
						case <-time.After(700 * time.Millisecond):
							e.ids(t, `serverlessRestoreJobs(`+in("orders")+`, first: 90)`)
						}
					}
				})
				seen, gone := map[string]int{}, map[string]bool{}
				after := ""
				for page := 0; ; page++ {
					list := e.list(t, `serverlessRestoreJobs(`+in("orders")+`, first: 30`+after+
						`) { nodes { id } pageInfo { hasNextPage endCursor } }`)
					for _, node := range list.Nodes {
						seen[node.ID]++
					}
					if !list.PageInfo.HasNextPage {
						break
					}
					after = `, after: "` + *list.PageInfo.EndCursor + `"`
					for range 3 {
						e.sim.AddJob(atlassim.SeedGroupID, "orders", time.Hour)
					}
					if id := going[page%len(going)]; !gone[id] && e.sim.RemoveJob(atlassim.SeedGroupID, "orders", id) {
						gone[id] = true
					}
					<-time.After(400 * time.Millisecond)
				}
				close(stop)
				wg.Wait()
				for _, id := range before {
					if n := seen[id]; n > 1 || n == 0 && !gone[id] {
						t.Errorf("%s was seen %d times", id, n)
					}
				}
				for id, n := range seen {
					if n > 1 {
						t.Errorf("%s was seen %d times", id, n)
					}
				}
			})
		})
	}
}
