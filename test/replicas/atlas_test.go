package replicas

import (
	"context"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the simulator has: a project, and Flex and Dedicated clusters in it.
const (
	groupID   = "63f3484e1f3a9b27c6000001"
	flex      = "catalog"
	dedicated = "bulk"
)

// atlas is the Atlas simulator, in a process of its own.
type atlas struct{ url string }

// startAtlas starts the simulator. limit is capacity/refill of the backups of a project, "" for none.
func startAtlas(t *testing.T, limit string) *atlas {
	t.Helper()
	out := &log{}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "../../bin/bench")
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{"BENCH_ROLE=atlas", "BENCH_TARGET=1000", "BENCH_LIMIT=" + limit}, out, out
	if err := cmd.Start(); err != nil {
		t.Fatalf("the simulator is not built (make bin/bench): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url := regexp.MustCompile(`url=(\S+) `)
	waitFor(t, "the simulator serves", func() bool { return url.MatchString(out.String()) })
	return &atlas{url: url.FindStringSubmatch(out.String())[1]}
}

// control sends a command to the simulator, and returns its answer.
func (a *atlas) control(t *testing.T, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/bench/"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return string(send(t, req))
}

// calls returns the calls since they were asked for last, as "200 path?query". Those that were answered with a challenge
// are left out: each gateway needs some, whatever it shares.
func (a *atlas) calls(t *testing.T) []string {
	t.Helper()
	calls := strings.FieldsFunc(a.control(t, "log"), func(r rune) bool { return r == '\n' })
	return slices.DeleteFunc(calls, func(call string) bool { return strings.HasPrefix(call, "401 ") })
}

// startReplica starts a gateway before the simulator. Without a Redis it shares nothing.
func startReplica(t *testing.T, a *atlas, r *redis, key string, args ...string) *gateway {
	t.Helper()
	return startAt(t, a, r.url(), key, args...)
}

func startAt(t *testing.T, a *atlas, redisURL, key string, args ...string) *gateway {
	t.Helper()
	if redisURL != "" {
		args = append([]string{"--replica-redis=" + redisURL, "--replica-key-file=" + write(t, "key", key)}, args...)
	}
	return startProgram(t, credential(a), args...)
}

// credential returns the environment by which a gateway reads from the simulator.
func credential(a *atlas) []string {
	return []string{
		"MONGODB_ATLAS_PUBLIC_API_KEY=bench", "MONGODB_ATLAS_PRIVATE_API_KEY=private-key-of-the-bench",
		"MONGODB_ATLAS_BASE_URL=" + a.url,
	}
}

// startReplicas starts several gateways that share, and forgets the calls of their start.
func startReplicas(t *testing.T, n int, a *atlas, r *redis, args ...string) []*gateway {
	t.Helper()
	key := newSecret()
	replicas := make([]*gateway, n)
	for i := range replicas {
		replicas[i] = startReplica(t, a, r, key, args...)
	}
	for _, g := range replicas {
		if r != nil {
			g.waitUp(t, true)
		}
		waitFor(t, "its credential is checked", func() bool { return strings.Contains(g.log.String(), "accepts the credential") })
	}
	a.calls(t)
	return replicas
}
