package access

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// gateway is the built program in front of a simulator of Atlas.
type gateway struct {
	sim *atlassim.Simulator
	url string
	cmd *exec.Cmd
	log *watched
}

var serving = regexp.MustCompile(`msg=serving url=(\S+)/graphql`)

// start starts the program with the provider and the policy.
func start(t *testing.T, p *provider, policy string, args ...string) *gateway {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"policy.yaml":  policy,
		"provider.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := &gateway{sim: atlassim.New(atlassim.WithAPIKey("public", "private", atlassim.ProjectOwner)), log: newWatched()}
	upstream := httptest.NewServer(g.sim)
	t.Cleanup(upstream.Close)
	program := cmp.Or(os.Getenv("PROGRAM"), "../../bin/atlas-restore-gateway")
	// A signal stops the program, and not the context of the test.
	g.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), program, append([]string{
		"--listen=127.0.0.1:0", "--log-level=debug", "--auth=oidc", "--oidc-issuer=" + p.URL,
		"--oidc-audience=" + audience + "," + webClient, "--oidc-clock-skew=0s",
		"--policy=" + filepath.Join(dir, "policy.yaml"), "--audit-log=" + filepath.Join(dir, "audit.jsonl"),
	}, args...)...)
	g.cmd.Env = []string{
		"MONGODB_ATLAS_BASE_URL=" + upstream.URL, "MONGODB_ATLAS_PUBLIC_API_KEY=public",
		"MONGODB_ATLAS_PRIVATE_API_KEY=private",
		"SSL_CERT_FILE=" + filepath.Join(dir, "provider.pem"),
	}
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if err := g.cmd.Start(); err != nil {
		t.Fatalf("the program is not built: %v", err)
	}
	t.Cleanup(func() {
		_ = g.cmd.Process.Signal(syscall.SIGTERM)
		if err := g.cmd.Wait(); err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	found := g.log.waitFor(serving)
	if found == nil {
		t.Fatalf("it did not start: %s", g.log)
	}
	g.url = found[1]
	return g
}

// answer is a response of the gateway.
type answer struct {
	status    int
	challenge string
	raw       string
	Data      map[string]json.RawMessage `json:"data"`
	Errors    []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

func (g *gateway) ask(t *testing.T, token, query string) answer {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, challenge: res.Header.Get("WWW-Authenticate"), raw: string(raw)}
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return a
}

// codes returns the codes of the errors, by their paths.
func (a answer) codes() map[string]any {
	codes := map[string]any{}
	for _, e := range a.Errors {
		codes[fmt.Sprint(e.Path)] = e.Extensions["code"]
	}
	return codes
}

// download returns a query for the job whose download is ready.
func (g *gateway) download(t *testing.T) string {
	t.Helper()
	for _, x := range g.sim.Examples() {
		if x.Label == "ready" {
			return fmt.Sprintf(`{ job: serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { state `+
				`deliveryUrl } }`, x.GroupID, x.ClusterName, x.RestoreJobID)
		}
	}
	t.Fatal("there is no download")
	return ""
}

// watched is an output whose text a test can wait for.
type watched struct {
	mu      sync.Mutex
	changed *sync.Cond
	b       bytes.Buffer
}

func newWatched() *watched {
	w := &watched{}
	w.changed = sync.NewCond(&w.mu)
	return w
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.changed.Broadcast()
	return w.b.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// waitFor returns the match of a pattern as soon as the output has it; nil when the program has failed.
func (w *watched) waitFor(pattern *regexp.Regexp) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if found := pattern.FindStringSubmatch(w.b.String()); found != nil {
			return found
		}
		if strings.Contains(w.b.String(), "atlas-restore-gateway: ") {
			return nil
		}
		w.changed.Wait()
	}
}
