package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// The benchmarks put the gateway beside a plain facade (one get for each field, the
// default transport, nothing kept) and a bare reverse proxy, all before the same
// simulator and with the same credential, in one run. Compare figures of one run with
// each other; a figure alone says more about the machine. CPU is of the whole process:
// client and simulator are in it, for all alike.

const benchClients = 32

func BenchmarkOneJob(b *testing.B) { benchmarkWork(b, 1, false) }

func BenchmarkTwentyJobsOfOneCluster(b *testing.B) { benchmarkWork(b, 20, false) }

func BenchmarkAFinishedJobAgain(b *testing.B) { benchmarkWork(b, 1, true) }

func benchmarkWork(b *testing.B, jobs int, again bool) {
	b.Helper()
	for _, latency := range []time.Duration{0, 20 * time.Millisecond} {
		s := newBenchSystem(b, latency)
		window := func(n int) []atlassim.Example {
			if again {
				n = 0
			}
			start := n * jobs % (len(s.jobs) - jobs + 1)
			return s.jobs[start : start+jobs]
		}
		run := func(name string, ask func(client *http.Client, jobs []atlassim.Example) error) {
			b.Run(fmt.Sprintf("%s/%s", latency, name), func(b *testing.B) {
				s.run(b, func(client *http.Client, n int) error { return ask(client, window(n)) })
			})
		}
		graphql := func(target string) func(client *http.Client, jobs []atlassim.Example) error {
			return func(client *http.Client, jobs []atlassim.Example) error {
				return fetch(client, http.MethodPost, target, benchQuery(jobs))
			}
		}
		run("gateway", graphql(s.gateway))
		run("gateway-that-keeps-nothing", graphql(s.forgetful))
		run("plain-facade", graphql(s.facade))
		run("bare-proxy", func(client *http.Client, jobs []atlassim.Example) error {
			path := s.proxy + "/api/atlas/v2/groups/" + jobs[0].GroupID + "/serverless/" + jobs[0].ClusterName + "/backup/restoreJobs"
			if len(jobs) == 1 {
				return fetch(client, http.MethodGet, path+"/"+jobs[0].RestoreJobID, nil)
			}
			return fetch(client, http.MethodGet, fmt.Sprintf("%s?itemsPerPage=%d&pageNum=1", path, len(jobs)), nil)
		})
	}
}

func benchQuery(jobs []atlassim.Example) []byte {
	var query strings.Builder
	for i, x := range jobs {
		query.WriteString(jobField(fmt.Sprint("j", i), x, "{ id state finishedAt targetClusterName }"))
	}
	body, err := json.Marshal(map[string]string{"query": "{" + query.String() + "}"})
	if err != nil {
		panic(err)
	}
	return body
}

// run has the clients ask, each as soon as it is answered, and reports what it was like.
func (s *benchSystem) run(b *testing.B, query func(client *http.Client, n int) error) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchClients}}
	defer client.CloseIdleConnections()
	for range 3 {
		if err := query(client, 0); err != nil {
			b.Fatal(err)
		}
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	s.calls.Store(0)
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime()
	var wg sync.WaitGroup
	for range min(benchClients, b.N) {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= b.N {
					return
				}
				start := time.Now()
				if err := query(client, n); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "queries/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(s.calls.Load())/float64(b.N), "calls/op")
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func fetch(client *http.Client, method, target string, body []byte) error {
	req, err := http.NewRequest(method, target, bytes.NewReader(body)) //nolint:noctx // a benchmark has no context to hand on
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors"`)) {
		return fmt.Errorf("%d %s", res.StatusCode, answer)
	}
	return nil
}
