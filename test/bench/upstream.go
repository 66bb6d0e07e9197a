package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// upstream is the Atlas simulator, with a wait before each answer and a count of the calls.
type upstream struct {
	sim     *atlassim.Simulator
	latency atomic.Int64
	calls   atomic.Int64

	mu   sync.Mutex
	mend func() // ends a fault; nil where there is none
}

// otherClusters matches the names that clusterName makes.
var otherClusters = regexp.MustCompile("/" + atlassim.BulkClusterName + "-[0-9]+/")

// Where the bench sets the wait, and reads and resets the count, or all calls since then, one on a line; where it adds a job to a cluster, which takes a while
// and then succeeds (cluster=…&takes=…, ends=fails for one that fails), or has all calls for jobs fail (status=…; 0 ends that).
const (
	latencyPath = "/bench/latency"
	callsPath   = "/bench/calls"
	logPath     = "/bench/log"
	jobsPath    = "/bench/jobs"
	faultPath   = "/bench/fault"
)

// fail has all calls for jobs fail with the status.
func (u *upstream) fail(status int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.mend != nil {
		u.mend()
		u.mend = nil
	}
	if status != 0 {
		u.mend = u.sim.Inject(atlassim.Fault{PathContains: "/restoreJobs", Status: status})
	}
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case latencyPath:
		d, _ := time.ParseDuration(r.URL.RawQuery)
		u.latency.Store(int64(d))
	case callsPath:
		_, _ = w.Write([]byte(strconv.FormatInt(u.calls.Swap(0), 10)))
	case logPath:
		for _, call := range u.sim.Calls() {
			fmt.Fprintf(w, "%d %s?%s\n", call.Status, call.Path, call.RawQuery)
		}
		u.sim.ResetCalls()
	case jobsPath:
		takes, _ := time.ParseDuration(r.URL.Query().Get("takes"))
		add := u.sim.AddJob
		if r.URL.Query().Get("ends") == "fails" {
			add = u.sim.AddFailingJob
		}
		_, _ = w.Write([]byte(add(atlassim.SeedGroupID, r.URL.Query().Get("cluster"), takes)))
	case faultPath:
		status, _ := strconv.Atoi(r.URL.Query().Get("status"))
		u.fail(status)
	default:
		u.calls.Add(1)
		if d := time.Duration(u.latency.Load()); d > 0 {
			select {
			case <-time.After(d):
			case <-r.Context().Done():
				return
			}
		}
		// Any number of clusters that were never asked for: all of them are the same one.
		r.URL.Path = otherClusters.ReplaceAllString(r.URL.Path, "/"+atlassim.BulkClusterName+"/")
		r.URL.RawPath = ""
		u.sim.ServeHTTP(w, r)
	}
}

// limitVar has the rate limit of backups: capacity/refill, in calls and calls a minute. What is measured is not the limit:
// without it there is none.
const limitVar = "BENCH_LIMIT"

// runUpstream runs the Atlas simulator. The target is how many jobs its cluster has.
func runUpstream(ctx context.Context, target string) error {
	jobs, err := strconv.Atoi(target)
	if err != nil {
		return err
	}
	capacity, refill := 1<<30, 1<<30
	if limit := os.Getenv(limitVar); limit != "" {
		if _, err := fmt.Sscanf(limit, "%d/%d", &capacity, &refill); err != nil {
			return fmt.Errorf("%s: %w", limitVar, err)
		}
	}
	return serve(ctx, &upstream{sim: atlassim.New(
		atlassim.WithAPIKey(publicKey, privateKey, atlassim.ProjectOwner),
		atlassim.WithRateLimit(capacity, refill), atlassim.WithNonceLifetime(time.Hour), atlassim.WithJobs(jobs),
	)}, "")
}
