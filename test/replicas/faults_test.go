package replicas

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// work has clients ask the replicas, which a balancer chooses for each of their requests, and fails where an answer is
// wrong or lost.
func work(t *testing.T, replicas []*gateway, clients, clusters int, ids []string, seed uint64, queries int) {
	t.Helper()
	var all sync.WaitGroup
	for client := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(client)))
		all.Go(func() {
			for n := range queries / clients {
				g, id := replicas[(n+client)%len(replicas)], ids[random.IntN(len(ids))]
				cluster := dedicated + "-" + strconv.Itoa(random.IntN(clusters))
				query, want := job(cluster, id), `{"data":{"restoreJob":{"id":"`+id+`"`
				if n%4 == 0 {
					query, want = jobs(cluster, 20), `{"data":{"restoreJobs":{"nodes":[{"id":"`
				}
				if answer := g.query(t, query); !strings.HasPrefix(answer, want) {
					t.Errorf("%s is answered with %s", query, answer)
				}
			}
		})
	}
	all.Wait()
}

func TestReplicas_costAtlasAtMostATenthMoreThanOne(t *testing.T) {
	t.Parallel()
	calls := make(map[int]int)
	for _, n := range []int{1, 3} {
		a, r := startAtlas(t, "500/60"), startRedis(t)
		replicas := startReplicas(t, n, a, r, "--cache-running=1m")
		ids := idsOf(t, replicas[0])[:25]
		// One client: how many requests one replica can batch is up to chance.
		work(t, replicas, 1, 12, ids, 1, 600)
		all := a.calls(t)
		if limited := count(all, "429"); limited > 0 {
			t.Errorf("%d replicas: Atlas answers %d calls with 429", n, limited)
		}
		calls[n] = len(all)
	}
	t.Logf("calls by the number of replicas: %v", calls)
	if 10*calls[3] > 11*calls[1] {
		t.Errorf("calls by the number of replicas: %v", calls)
	}
}

func TestReplicas_makeOneCallForABurst(t *testing.T) {
	t.Parallel()
	const bursts = 20
	a, r := startAtlas(t, ""), startRedis(t)
	a.control(t, "latency?20ms")
	replicas := startReplicas(t, 3, a, r)
	ids := idsOf(t, replicas[0])
	for _, g := range replicas { // which then know the tier
		g.query(t, job(dedicated+"-1", ids[0]))
	}
	a.calls(t)
	calls := 0
	for _, id := range ids[1:][:bursts] {
		var all sync.WaitGroup
		for i := range 9 {
			all.Go(func() {
				if answer := replicas[i%3].query(t, job(dedicated+"-1", id)); !strings.Contains(answer, id) {
					t.Errorf("the answer is %s", answer)
				}
			})
		}
		all.Wait()
		calls += len(a.calls(t))
	}
	if calls > bursts+bursts/10 {
		t.Errorf("%d bursts of nine requests for a job cost %d calls", bursts, calls)
	}
}

func TestReplicas_answerWhateverHappensToRedis(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		args  []string // of Redis
		flags []string // of the gateways
		// fault makes Redis faulty, and mend ends that; nil where it stays so.
		fault, mend func(t *testing.T, r *redis, proxies []*proxy)
	}{
		{
			name:  "killed, and back empty",
			fault: func(_ *testing.T, r *redis, _ []*proxy) { r.kill() },
			mend:  func(t *testing.T, r *redis, _ []*proxy) { t.Helper(); r.start(t) },
		},
		{
			name:  "stopped, and continued",
			fault: func(t *testing.T, r *redis, _ []*proxy) { t.Helper(); r.signal(t, syscall.SIGSTOP) },
			mend:  func(t *testing.T, r *redis, _ []*proxy) { t.Helper(); r.signal(t, syscall.SIGCONT) },
		},
		{
			name: "cut in the middle of replies",
			fault: func(_ *testing.T, _ *redis, proxies []*proxy) {
				for i, p := range proxies {
					p.set(func() { p.cut = 700 + 331*i; p.closeAll() })
				}
			},
			mend: func(_ *testing.T, _ *redis, proxies []*proxy) {
				for _, p := range proxies {
					p.set(func() { p.cut = 0 })
				}
			},
		},
		{
			name: "cut off from two of three",
			fault: func(_ *testing.T, _ *redis, proxies []*proxy) {
				for _, p := range proxies[1:] {
					p.set(func() { p.silent = true })
				}
			},
			mend: func(_ *testing.T, _ *redis, proxies []*proxy) {
				for _, p := range proxies[1:] {
					p.set(func() { p.silent = false; p.closeAll() })
				}
			},
		},
		{
			name: "full, and evicting",
			args: []string{"--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru"},
			fault: func(_ *testing.T, r *redis, _ []*proxy) {
				for i := range 40 {
					r.tryCLI("SET", fmt.Sprintf("other:%d", i), strings.Repeat("x", 100_000))
				}
			},
		},
		{
			name: "full, and refusing",
			fault: func(_ *testing.T, r *redis, _ []*proxy) {
				r.tryCLI("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "noeviction")
			},
			mend: func(_ *testing.T, r *redis, _ []*proxy) { r.tryCLI("CONFIG", "SET", "maxmemory", "0") },
		},
		{
			name:  "with another password",
			args:  []string{"--requirepass", "first-password"},
			flags: []string{"--replica-redis-password-file=PASSWORD"},
			fault: func(_ *testing.T, r *redis, _ []*proxy) {
				r.tryCLI("CONFIG", "SET", "requirepass", "second-password")
				r.password = "second-password"
				r.tryCLI("CLIENT", "KILL", "TYPE", "normal")
			},
			mend: func(t *testing.T, r *redis, _ []*proxy) {
				t.Helper()
				if err := os.WriteFile(r.passwordFile, []byte("second-password"), 0o600); err != nil {
					t.Fatal(err)
				}
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, r, key := startAtlas(t, ""), startRedis(t, tt.args...), newSecret()
			r.password, r.passwordFile = "first-password", write(t, "password", "first-password")
			var replicas []*gateway
			var proxies []*proxy
			for range 3 {
				p := startProxy(t, r.port)
				var flags []string
				for _, flag := range tt.flags {
					flags = append(flags, strings.ReplaceAll(flag, "PASSWORD", r.passwordFile))
				}
				proxies = append(proxies, p)
				replicas = append(replicas, startAt(t, a, p.url(), key, flags...))
			}
			for _, g := range replicas {
				g.waitUp(t, true)
			}
			ids := idsOf(t, replicas[0])
			work(t, replicas, 6, 3, ids, 1, 120)
			tt.fault(t, r, proxies)
			work(t, replicas, 6, 3, ids, 2, 240)
			if tt.mend == nil {
				return
			}
			tt.mend(t, r, proxies)
			for _, g := range replicas {
				g.waitUp(t, true)
			}
			work(t, replicas, 6, 3, ids, 3, 120)
			// They share again.
			mustShare(t, a, replicas)
		})
	}
}
