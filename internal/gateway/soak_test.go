package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

const (
	soakClients = 24
	soakReport  = 10 * time.Second
	// soakSlack is how much more may be held in the end than when all was warm, in bytes: by
	// the call log of the simulator, the largest of what grows, and by idle connections.
	soakSlack = 16 << 20
)

// soak is what happens while it goes on.
type soak struct {
	queries, events, wrong atomic.Int64
	mu                     sync.Mutex
	codes                  map[string]int
}

// soakViewers is how many clients subscribe at a time.
const soakViewers = 16

// TestSoak is the storm of all faults at random, over real connections and for minutes:
// make soak. It says every ten seconds what is held, and ends by itself.
func TestSoak(t *testing.T) {
	if os.Getenv("SOAKTIME") == "" {
		t.Skip("it takes minutes; make soak runs it")
	}
	howLong, err := time.ParseDuration(os.Getenv("SOAKTIME"))
	if err != nil {
		t.Fatal(err)
	}
	s := &soak{codes: map[string]int{}}
	// As the program starts, but for the time that a silent Atlas is waited for.
	e := newEnv(t, withoutRateLimit, withServiceAccount, quiet, withAtlas(atlas.WithTimeout(2*time.Second)))
	jobs := e.jobsOfOrders(t)
	s.ask(t, e, jobs, 10*time.Second, func() {}) // warm
	e.sim.ResetCalls()
	before, goroutines := heapBytes(), runtime.NumGoroutine()
	t.Logf("warm: %d goroutines, %d KiB held", goroutines, before>>10)

	start := time.Now()
	s.ask(t, e, jobs, howLong, func() { s.report(t, e, start) })

	start = time.Now()
	for !e.checkAnswer(t, jobs[100:150], true) {
		if time.Since(start) > 2*maxRecovery { // a token may be rationed
			t.Fatalf("there are errors %s after the last fault", time.Since(start))
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Logf("everything is served again %s after the last fault", time.Since(start).Round(time.Millisecond))
	e.sim.ResetCalls()
	e.client.CloseIdleConnections()
	after := heapBytes()
	t.Logf("in the end: %d goroutines, %d KiB held", runtime.NumGoroutine(), after>>10)
	if after > before+soakSlack {
		t.Errorf("%d bytes are held, %d when it was warm", after, before)
	}
	if s.wrong.Load() > 0 {
		t.Errorf("%d answers were wrong", s.wrong.Load())
	}
}

// quiet logs nothing.
func quiet(c *envConfig) { c.quiet = true }

// ask has clients send queries for the duration, while faults come and go, and logs reports.
func (s *soak) ask(t *testing.T, e *env, jobs []string, howLong time.Duration, report func()) {
	t.Helper()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for client := range soakClients {
		wg.Go(func() {
			for n := client; ; n++ {
				select {
				case <-stop:
					return
				default:
					s.one(t.Context(), e, jobs, n)
				}
			}
		})
	}
	for viewer := range soakViewers {
		wg.Go(func() {
			for n := viewer; ; n++ {
				select {
				case <-stop:
					return
				default:
					s.watch(t.Context(), e, jobs[rand.IntN(len(jobs))])
				}
			}
		})
	}
	wg.Go(func() { s.weather(e, stop) })
	end := time.After(howLong)
	ticks := time.NewTicker(soakReport)
	defer ticks.Stop()
	for over := false; !over; {
		select {
		case <-ticks.C:
			report()
		case <-end:
			over = true
		}
	}
	close(stop)
	wg.Wait()
}

// watch subscribes to a job, looks at the events for a while, and leaves.
func (s *soak) watch(ctx context.Context, e *env, id string) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(8000))*time.Millisecond)
	defer cancel()
	body, err := json.Marshal(map[string]string{"query": "subscription {" + jobField("a", ofOrders(id), "{ id }") + "}"})
	if err != nil {
		panic(err) // a text can always be encoded
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		panic(err) // the URL is that of the gateway
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	res, err := e.client.Do(r)
	if err != nil {
		return // it left before the answer
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: {")
		if !ok {
			continue
		}
		s.events.Add(1)
		if !strings.Contains(data, `"a":{"id":"`+id+`"}`) && !strings.Contains(data, `"a":null`) {
			s.wrong.Add(1)
		}
	}
}

// one asks for something and looks at the answer.
func (s *soak) one(ctx context.Context, e *env, jobs []string, n int) {
	query := `a: restoreJobs(groupId: "` + atlassim.SeedGroupID +
		`", first: 5) { nodes { id snapshot { id } targetCluster { name } } }`
	ids := map[string]string{}
	if n%4 != 0 {
		var fields strings.Builder
		for i := range 1 + rand.IntN(8) {
			id := jobs[rand.IntN(len(jobs))]
			ids[fmt.Sprint("j", i)] = id
			fields.WriteString(jobField(fmt.Sprint("j", i), ofOrders(id), "{ id }"))
		}
		query = fields.String()
	}
	headers := []string{post}
	if n%3 == 0 {
		headers = append(headers, noCache)
	}
	body, err := json.Marshal(map[string]string{"query": "{" + query + "}"})
	if err != nil {
		panic(err) // a text can always be encoded
	}
	r, err := e.trySend(ctx, http.MethodPost, "/graphql", string(body), headers...)
	s.queries.Add(1)
	if err != nil || r.Status != http.StatusOK {
		s.wrong.Add(1)
		return
	}
	failed := map[string]bool{}
	s.mu.Lock()
	for _, x := range r.Errors {
		s.codes[fmt.Sprint(x.Extensions["code"])]++
		failed[fmt.Sprint(x.Path[0])] = true
	}
	s.mu.Unlock()
	for alias, id := range ids {
		want := `{"id":"` + id + `"}`
		if failed[alias] {
			want = "null"
		}
		if string(r.Data[alias]) != want {
			s.wrong.Add(1)
		}
	}
}

// weather injects faults at random, some at a time, and does to Atlas what else happens.
func (s *soak) weather(e *env, stop <-chan struct{}) {
	names := sortedKeys(faults)
	var removes []func()
	defer func() {
		for _, remove := range removes {
			remove()
		}
	}()
	for {
		select {
		case <-stop:
			return
		case <-time.After(rand.N(100 * time.Millisecond)):
		}
		fault := faults[names[rand.IntN(len(names))]]
		fault.PathContains = []string{"restoreJobs", "restoreJobs/", "Clusters", "clusters", "snapshots", ""}[rand.IntN(6)]
		fault.Times = 1 + rand.IntN(10)
		removes = append(removes, e.sim.Inject(fault))
		if len(removes) > 5 {
			removes[0]()
			removes = removes[1:]
		}
		switch rand.IntN(100) {
		case 0:
			e.sim.RevokeTokens()
		case 1:
			// Quiet for a moment, so that breakers close and more than refusals is seen.
			for _, remove := range removes {
				remove()
			}
			removes = nil
			select {
			case <-stop:
				return
			case <-time.After(6 * time.Second):
			}
		case 2:
			if id := e.sim.AddJob(atlassim.SeedGroupID, "orders", time.Second); id != "" {
				e.sim.RemoveJob(atlassim.SeedGroupID, "orders", id)
			}
		}
	}
}

func (s *soak) report(t *testing.T, e *env, start time.Time) {
	t.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	stats := e.atlas.Stats()
	var calls, refused uint64
	for _, set := range stats.Sets {
		for _, n := range set.Requests {
			calls += n
		}
		refused += set.RefusedByBreaker + set.RefusedByBudget
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	codes := make([]string, 0, len(s.codes))
	for _, code := range slices.Sorted(maps.Keys(s.codes)) {
		codes = append(codes, fmt.Sprint(code, " ", s.codes[code]))
	}
	t.Logf("%4.0fs: %d goroutines, heap %d MiB (%d MiB from the system), %d queries, %d wrong; %d calls, %d refused, %d "+
		"retries; %s",
		time.Since(start).Seconds(), runtime.NumGoroutine(), m.HeapAlloc>>20, m.Sys>>20, s.queries.Load(), s.wrong.Load(),
		calls, refused, stats.Retries, strings.Join(codes, ", "))
}
