package replicas

import (
	"context"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
)

func TestExample_balancesThreeReplicas(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	out := &log{}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "../../bin/example-replicas",
		"-gateway", filepath.Join(root, "bin/atlas-restore-gateway"), "-redis", filepath.Join(root, "bin/redis/usr/bin/redis-server"),
		"-listen", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatalf("the example is not built (make bin/example-replicas): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("it ended with %v: %s", err, out)
		}
	})
	url := regexp.MustCompile(`behind (http://\S+)/ `)
	waitFor(t, "it serves", func() bool { return url.MatchString(out.String()) })
	balancer := &gateway{url: url.FindStringSubmatch(out.String())[1]}
	ask := func() (replica string) {
		req := balancer.request(t, map[string]any{"query": "{ projects { nodes { name } } }"})
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("the status is %s", res.Status)
		}
		return res.Header.Get("X-Replica")
	}
	answered := make(map[string]bool)
	for range 3 {
		answered[ask()] = true
	}
	if len(answered) != 3 {
		t.Errorf("of three requests the replicas %v answer", answered)
	}
}
