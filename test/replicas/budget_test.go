package replicas

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// idsOf returns the ids of the newest jobs of the cluster that has many, mixed, and each time the same: jobs that are asked
// for one after the other do not stand together.
func idsOf(t *testing.T, g *gateway) []string {
	t.Helper()
	const n = 500
	var ids []string
	for _, found := range regexp.MustCompile(`"id":"(\w{24})"`).FindAllStringSubmatch(g.query(t, jobs(dedicated, n)), -1) {
		ids = append(ids, found[1])
	}
	if len(ids) != n {
		t.Fatalf("%d ids, want %d", len(ids), n)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids
}

// ask asks each replica for its part of the jobs, one after the other, and returns how many answers had the job, how many
// said that the budget is spent, and the others.
func askAll(t *testing.T, replicas []*gateway, ids []string) (answered, spent int64, others []string) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, g := range replicas {
		all.Go(func() {
			for n := i; n < len(ids); n += len(replicas) {
				answer := g.query(t, job(dedicated, ids[n]))
				switch {
				case strings.Contains(answer, `{"data":{"restoreJob":{"id":"`+ids[n]+`"`):
					atomic.AddInt64(&answered, 1)
				case strings.Contains(answer, `"code":"RATE_LIMITED"`):
					atomic.AddInt64(&spent, 1)
				default:
					mu.Lock()
					others = append(others, answer)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return answered, spent, others
}

// count returns how many calls begin with a status.
func count(calls []string, status string) (n int) {
	for _, call := range calls {
		if strings.HasPrefix(call, status+" ") {
			n++
		}
	}
	return n
}

func TestBudget_isThatOfOneForAllReplicas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limit    string
		capacity int
	}{
		{limit: "60/60", capacity: 60},
		{limit: "240/60", capacity: 240},
	} {
		t.Run(tt.limit, func(t *testing.T) {
			t.Parallel()
			var single int64
			for _, n := range []int{1, 3} {
				a, r := startAtlas(t, tt.limit), startRedis(t)
				replicas := startReplicas(t, n, a, r, "--cache-bytes=0")
				ids := idsOf(t, replicas[0])[:2*tt.capacity]
				a.calls(t)
				answered, spent, others := askAll(t, replicas, ids)
				calls := a.calls(t)
				t.Logf("%d replicas: %d answered, %d refused, %d calls", n, answered, spent, len(calls))
				if len(others) > 0 {
					t.Errorf("%d answers are neither, such as %s", len(others), others[0])
				}
				if limited := count(calls, "429"); limited > 0 {
					t.Errorf("Atlas answers %d calls with 429", limited)
				}
				if single == 0 {
					single = answered
				}
				// What replicas have leased may be left, and more where one was refused while another gave some back.
				if float64(answered) < 0.75*float64(single) || float64(answered) > 1.1*float64(single) {
					t.Errorf("%d replicas have %d answers, one has %d", n, answered, single)
				}
			}
		})
	}
}

func TestBudget_isSpentForAllWhenAtlasSaysSoToOne(t *testing.T) {
	t.Parallel()
	a, r := startAtlas(t, "100/1"), startRedis(t)
	replicas := startReplicas(t, 3, a, r, "--cache-bytes=0")
	ids := idsOf(t, replicas[0])
	if answered, _, others := askAll(t, replicas, ids[:9]); answered != 9 {
		t.Fatalf("%d of 9 are answered: %v", answered, others)
	}
	// Something else spends the budget.
	other := startReplicas(t, 1, a, nil, "--cache-bytes=0", "--no-atlas-budget", "--atlas-retries=0")
	_, _, _ = askAll(t, other, ids[9:200])
	a.calls(t)
	answer := replicas[0].query(t, job(dedicated, ids[201]))
	if !strings.Contains(answer, "RATE_LIMITED") {
		t.Fatalf("the answer is %s", answer)
	}
	if calls := a.calls(t); count(calls, "429") != 1 {
		t.Errorf("the replica that finds out makes %q", calls)
	}
	for i, g := range replicas[1:] {
		waitFor(t, "the others are told", func() bool { return g.metric(t, "replica_messages_total") > 0 })
		if answer := g.query(t, job(dedicated, ids[210+i])); !strings.Contains(answer, "RATE_LIMITED") {
			t.Errorf("the answer is %s", answer)
		}
	}
	if calls := a.calls(t); len(calls) > 0 {
		t.Errorf("the others make %q", calls)
	}
}

func TestLimits_ofACallerAreThoseOfOneForAllReplicas(t *testing.T) {
	t.Parallel()
	a, r := startAtlas(t, ""), startRedis(t)
	const token = "arg_0123456789012345678901234567890123456789012"
	sum := sha256.Sum256([]byte(token))
	tokens := write(t, "tokens.yaml", "tokens:\n  - name: dashboard\n    sha256: "+hex.EncodeToString(sum[:])+"\n")
	policy := write(t, "policy.yaml",
		"rules:\n  - subject: {token: dashboard}\n    projects: all\n    permissions: [jobs:read]\n")
	replicas := startReplicas(t, 3, a, r, "--auth=token", "--token-file="+tokens, "--policy="+policy, "--caller-requests=60")
	for _, g := range replicas {
		g.token = token
	}
	served := 0
	for i := range 120 {
		if answer := replicas[i%3].query(t, `{ projects(first: 1) { nodes { name } } }`); !strings.Contains(answer, "RATE_LIMITED") {
			served++
		}
	}
	if served < 50 || served > 66 {
		t.Errorf("three replicas serve %d requests of a caller that may send 60", served)
	}
}
