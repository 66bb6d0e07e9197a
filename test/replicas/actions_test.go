package replicas

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore-gateway/internal/replica"
)

// restored is a Dedicated cluster of the simulator into which no restore is running.
const restored = "loyalty"

// front is what stands before the simulator: it counts the requests that change something, and can hold their answers.
type front struct {
	url      string
	changes  atomic.Int64
	holds    atomic.Bool
	executed chan struct{} // receives when a request was executed whose answer is held
}

func startFront(t *testing.T, a *atlas) *front {
	t.Helper()
	f := &front{executed: make(chan struct{}, 10)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, a.url+r.URL.RequestURI(),
			strings.NewReader(string(body)))
		if err != nil {
			return
		}
		req.Header = r.Header.Clone()
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return
		}
		defer res.Body.Close()
		if r.Method != http.MethodGet && res.StatusCode == http.StatusOK {
			f.changes.Add(1)
			if f.holds.Load() {
				f.executed <- struct{}{}
				<-r.Context().Done()
				return
			}
		}
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// startActing starts gateways with --actions that share a Redis.
func startActing(t *testing.T, n int, f *front, r *redis, args ...string) []*gateway {
	t.Helper()
	key := newSecret()
	replicas := make([]*gateway, n)
	for i := range replicas {
		file := write(t, "actions.yaml", "credentials:\n  - name: actions\n    projects: ["+groupID+
			"]\n    apiKey: { publicKey: bench, privateKey: { env: MONGODB_ATLAS_PRIVATE_API_KEY } }\n")
		replicas[i] = startReplica(t, &atlas{url: f.url}, r, key,
			append([]string{"--actions", "--actions-credentials=" + file, "--caller-actions=0"}, args...)...)
	}
	for _, g := range replicas {
		g.waitUp(t, true)
	}
	return replicas
}

// plan returns the confirmation of a restore of the cluster into itself, or the answer that has none.
func (g *gateway) plan(t *testing.T) (confirmation, answer string) {
	t.Helper()
	list := g.query(t, `{ cluster(groupId: "`+groupID+`", clusterName: "`+restored+`") { snapshots(first: 1) { nodes { id } } } }`)
	_, after, _ := strings.Cut(list, `"id":"`)
	if len(after) < 24 {
		t.Fatal(list)
	}
	answer = g.query(t, fmt.Sprintf(`mutation { planRestore(input: {snapshot: {groupId: %[1]q, clusterName: %[2]q,
		snapshotId: %[3]q, targetGroupId: %[1]q, targetClusterName: %[2]q}}) { confirmation } }`, groupID, restored, after[:24]))
	_, rest, _ := strings.Cut(answer, `"confirmation":"`)
	confirmation, _, _ = strings.Cut(rest, `"`)
	return confirmation, answer
}

func startOf(confirmation, key string) string {
	return fmt.Sprintf(`mutation { startRestore(confirmation: %q, targetClusterName: %q, idempotencyKey: %q) { id } }`,
		confirmation, restored, key)
}

// Several clicks at several replicas, and repetitions later, are one restore.
func TestActions_areMadeOnceByAllReplicas(t *testing.T) {
	t.Parallel()
	a, r := startAtlas(t, ""), startRedis(t)
	f := startFront(t, a)
	replicas := startActing(t, 2, f, r, "--cache-running=1m")
	newest := `{ restoreJobs(groupId: "` + groupID + `", clusterNames: ["` + restored + `"], first: 1) { nodes { id } } }`
	before := replicas[1].query(t, newest) // is cached for a minute
	confirmation, answer := replicas[0].plan(t)
	if confirmation == "" {
		t.Fatal(answer)
	}
	const clicks = 12
	answers := make([]string, clicks, clicks+1)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = replicas[i%2].query(t, startOf(confirmation, "key")) })
	}
	all.Wait()
	for _, got := range append(answers, replicas[1].query(t, startOf(confirmation, "key"))) {
		if got != answers[0] || !strings.Contains(got, `"startRestore":{"id":"`) {
			t.Errorf("got %s and %s", answers[0], got)
		}
	}
	if got := replicas[1].query(t, startOf(confirmation, "another")); !strings.Contains(got, "CONFIRMATION_EXPIRED") {
		t.Errorf("with another key: %s", got)
	}
	if n := f.changes.Load(); n != 1 {
		t.Errorf("%d restores were started", n)
	}
	_, id, _ := strings.Cut(answers[0], `"id":"`)
	waitFor(t, "the other replica lists the job", func() bool {
		got := replicas[1].query(t, newest)
		return got != before && strings.Contains(got, id[:24])
	})
}

// A replica that is killed between the request and its answer leaves a restore that another one finds, and none starts
// again.
func TestActions_goOnAfterAReplicaIsKilled(t *testing.T) {
	t.Parallel()
	a, r := startAtlas(t, ""), startRedis(t)
	f := startFront(t, a)
	replicas := startActing(t, 2, f, r)
	confirmation, answer := replicas[0].plan(t)
	if confirmation == "" {
		t.Fatal(answer)
	}
	f.holds.Store(true)
	go func() {
		if res, err := http.DefaultClient.Do(replicas[0].request(t, map[string]any{"query": startOf(confirmation, "key")})); err == nil {
			_ = res.Body.Close()
		}
	}()
	<-f.executed
	replicas[0].kill()
	f.holds.Store(false)
	got := replicas[1].query(t, startOf(confirmation, "key"))
	if !strings.Contains(got, `"startRestore":{"id":"`) {
		t.Errorf("got %s", got)
	}
	if again := replicas[1].query(t, startOf(confirmation, "key")); again != got || f.changes.Load() != 1 {
		t.Errorf("%d restores were started: %s, then %s", f.changes.Load(), got, again)
	}
}

// A stop at one replica stops all, also those that start later.
func TestActions_areStoppedByOneReplicaForAll(t *testing.T) {
	t.Parallel()
	a, r := startAtlas(t, ""), startRedis(t)
	f := startFront(t, a)
	replicas := startActing(t, 2, f, r)
	control := func(g *gateway, path string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+g.admin+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer := string(send(t, req))
		if !strings.Contains(answer, `"stopped":`) {
			t.Fatalf("%s: %s", path, answer)
		}
	}
	control(replicas[0], "/actions/stop")
	if _, got := replicas[1].plan(t); !strings.Contains(got, "ACTIONS_DISABLED") {
		t.Errorf("while stopped: %s", got)
	}
	control(replicas[1], "/actions/resume")
	for _, g := range replicas {
		waitFor(t, "actions go on", func() bool {
			confirmation, _ := g.plan(t)
			return confirmation != ""
		})
	}
}

// Without Redis nothing is started; when it is back and empty, old confirmations are worth nothing.
func TestActions_areRefusedWithoutRedis(t *testing.T) {
	t.Parallel()
	a, r := startAtlas(t, ""), startRedis(t)
	f := startFront(t, a)
	g := startActing(t, 1, f, r)[0]
	confirmation, answer := g.plan(t)
	if confirmation == "" {
		t.Fatal(answer)
	}
	r.kill()
	for _, got := range []string{g.query(t, startOf(confirmation, "key")), second(g.plan(t))} {
		if !strings.Contains(got, "ACTIONS_DISABLED") && !strings.Contains(got, "UNRECORDED") {
			t.Errorf("without Redis: %s", got)
		}
	}
	r.startAgain(t)
	g.waitUp(t, true)
	if got := g.query(t, startOf(confirmation, "key")); !strings.Contains(got, "CONFIRMATION_EXPIRED") {
		t.Errorf("with an empty Redis: %s", got)
	}
	if n := f.changes.Load(); n != 0 {
		t.Errorf("%d restores were started", n)
	}
}

func second(_, answer string) string { return answer }

func TestLedger_givesAValueToOneReplica(t *testing.T) {
	t.Parallel()
	r, old, secret := startRedis(t), newSecret(), newSecret()
	ctx := context.Background()
	// The second one has a new secret already, and reads the old one.
	before, after := connect(t, r, old, 0).Ledger(), connect(t, r, secret+"\n"+old, time.Hour).Ledger()
	for round := range 50 {
		key := strconv.Itoa(round)
		if added, err := before.Add(ctx, []byte(key), time.Minute, "kind", key); !added || err != nil {
			t.Fatal(added, err)
		}
		if added, err := after.Add(ctx, nil, time.Minute, "kind", key); added || err != nil {
			t.Fatalf("it was added again: %v", err)
		}
		if value, ok, err := after.Get(ctx, "kind", key); string(value) != key || !ok || err != nil {
			t.Fatalf("got %q, %t, %v", value, ok, err)
		}
		var taken atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				value, ok, err := []replica.Ledger{before, after}[i%2].Take(ctx, "kind", key)
				if err != nil || ok && string(value) != key {
					t.Errorf("got %q, %v", value, err)
				}
				if ok {
					taken.Add(1)
				}
			})
		}
		all.Wait()
		if taken.Load() != 1 {
			t.Fatalf("it was taken by %d", taken.Load())
		}
	}
	if err := before.Set(ctx, []byte("x"), time.Millisecond, "kind", "short"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it expires", func() bool {
		_, ok, err := after.Get(ctx, "kind", "short")
		return !ok && err == nil
	})
}
