package replicas

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// diagnose runs the command at a simulator and a Redis.
func diagnose(t *testing.T, a *atlas, redisURL, key string, args ...string) (out string, err error) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), cmp.Or(os.Getenv("PROGRAM"), "../../bin/atlas-restore-gateway"),
		append([]string{"diagnose", "--replica-redis=" + redisURL}, args...)...)
	cmd.Env = append(credential(a), "GATEWAY_REPLICA_KEY="+key)
	text, err := cmd.CombinedOutput()
	return string(text), err
}

func TestDiagnose_saysWhatItSees(t *testing.T) {
	t.Parallel()
	a, r, key := startAtlas(t, ""), startRedis(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"), newSecret()
	g := startReplica(t, a, r, key)
	g.waitUp(t, true)
	out, err := diagnose(t, a, r.url(), key, "--json")
	if err != nil {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{"atlas: API key", "accepts it", "redis", "version 7.", "1 live replicas", "of 64 MiB are used, allkeys-lru"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	r.tryCLI("CONFIG", "SET", "requirepass", "secret-password")
	out, err = diagnose(t, a, r.url(), key, "--json")
	if err == nil || !strings.Contains(out, `"ok": false`) || !strings.Contains(out, "--replica-redis-username and the password") {
		t.Errorf("with a password: %v, %s", err, out)
	}
	out, err = diagnose(t, a, "redis://127.0.0.1:"+freePort(t), key, "--json")
	if err == nil || !strings.Contains(out, "connection refused") || !strings.Contains(out, "reaches the server") {
		t.Errorf("without a server: %v, %s", err, out)
	}
}

func TestGateway_needsNoRightsButThoseOfItsNames(t *testing.T) {
	t.Parallel()
	a, r, key := startAtlas(t, ""), startRedis(t), newSecret()
	r.tryCLI("ACL", "SETUSER", "gateway", "on", ">pass", "~atlas-restore-gateway:*", "&atlas-restore-gateway:*",
		"+@all", "-@admin", "-@dangerous", "+info")
	password := write(t, "password", "pass")
	var replicas []*gateway
	for range 3 {
		replicas = append(replicas, startReplica(t, a, r, key, "--replica-redis-username=gateway", "--replica-redis-password-file="+password))
	}
	for _, g := range replicas {
		g.waitUp(t, true)
	}
	mustShare(t, a, replicas)
	for _, g := range replicas {
		if failed := g.get(t, "/metrics"); strings.Contains(failed, "NOPERM") || !strings.Contains(failed, `replica_commands_total{outcome="failed"} 0`) {
			t.Error("commands of a replica failed")
		}
	}
	if out, err := diagnose(t, a, r.url(), key, "--replica-redis-username=gateway", "--replica-redis-password-file="+password); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
