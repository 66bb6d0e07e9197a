package replicas

import (
	"strings"
	"testing"
)

// sentinels starts a Redis with a replica, and three sentinels of them, which replace the first one when it is gone.
func sentinels(t *testing.T) (primary *redis, url string) {
	t.Helper()
	primary = startRedis(t)
	startRedis(t, "--replicaof", "127.0.0.1 "+primary.port)
	for range 3 {
		port := freePort(t)
		config := write(t, "sentinel.conf", strings.Join([]string{
			"port " + port, "bind 127.0.0.1",
			"sentinel monitor primary 127.0.0.1 " + primary.port + " 2",
			"sentinel down-after-milliseconds primary 500", "sentinel failover-timeout primary 2000",
		}, "\n")+"\n")
		s := &redis{port: port, dir: t.TempDir()}
		t.Cleanup(s.kill)
		s.startWith(t, config, "--sentinel")
		waitFor(t, "the sentinel knows the replica", func() bool {
			return strings.Contains(s.tryCLI("SENTINEL", "replicas", "primary"), "master-link-status\nok")
		})
		if url == "" {
			url = "redis://127.0.0.1:" + port + "?master_set=primary"
		} else {
			url += "&addr=127.0.0.1:" + port
		}
	}
	return primary, url
}

// cluster starts a cluster of three.
func cluster(t *testing.T) (nodes []*redis, url string) {
	t.Helper()
	args := []string{"--cluster", "create"}
	for range 3 {
		r := startRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000",
			"--cluster-port", freePort(t))
		nodes = append(nodes, r)
		args = append(args, "127.0.0.1:"+r.port)
	}
	if out, err := command("redis-cli", append(args, "--cluster-yes")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, r := range nodes {
		waitFor(t, "the cluster is one", func() bool { return strings.Contains(r.tryCLI("CLUSTER", "INFO"), "cluster_state:ok") })
	}
	return nodes, nodes[0].url() + "?addr=127.0.0.1:" + nodes[1].port + "&addr=127.0.0.1:" + nodes[2].port
}

func TestReplicas_shareThroughSentinelsAndClusters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		start func(t *testing.T) (url string, fault, mend func())
	}{
		{
			name: "sentinels, which fail over",
			start: func(t *testing.T) (string, func(), func()) {
				t.Helper()
				primary, url := sentinels(t)
				return url, primary.kill, func() {}
			},
		},
		{
			name: "a cluster, which loses a node",
			start: func(t *testing.T) (string, func(), func()) {
				t.Helper()
				nodes, url := cluster(t)
				return url, nodes[2].kill, func() { nodes[2].startAgain(t) }
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, key := startAtlas(t, "500/60"), newSecret()
			url, fault, mend := tt.start(t)
			replicas := []*gateway{startAt(t, a, url, key), startAt(t, a, url, key), startAt(t, a, url, key)}
			for _, g := range replicas {
				g.waitUp(t, true)
			}
			ids := idsOf(t, replicas[0])[:25]
			work(t, replicas, 6, 3, ids, 1, 120)
			mustShare(t, a, replicas)
			fault()
			work(t, replicas, 6, 3, ids, 2, 120)
			mend()
			mustShare(t, a, replicas)
			work(t, replicas, 6, 3, ids, 3, 120)
		})
	}
}

// mustShare waits until what one replica reads is there for another one.
func mustShare(t *testing.T, a *atlas, replicas []*gateway) {
	t.Helper()
	waitFor(t, "what one has read is there for another", func() bool {
		id := a.control(t, "jobs?cluster="+flex+"&takes=1h")
		replicas[1].query(t, job(flex, id))
		a.calls(t)
		replicas[2].query(t, job(flex, id))
		return len(a.calls(t)) == 0
	})
}
