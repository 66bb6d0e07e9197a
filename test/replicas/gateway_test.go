package replicas

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// gateway is a built gateway.
type gateway struct {
	url, admin string
	log        *log
	cmd        *exec.Cmd
	token      string // that is sent with each request; "" for none
}

// log is the output of a program.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newSecret() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return base64.StdEncoding.EncodeToString(secret)
}

// write writes a file that the test can change, and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// startGateway starts a gateway in demo mode at a Redis.
func startGateway(t *testing.T, r *redis, key string, args ...string) *gateway {
	t.Helper()
	return startProgram(t, nil, append([]string{
		"--demo", "--replica-redis=redis://127.0.0.1:" + r.port, "--replica-key-file=" + write(t, "key", key),
	}, args...)...)
}

// startProgram starts a gateway, and waits until it serves.
func startProgram(t *testing.T, env []string, args ...string) *gateway {
	t.Helper()
	g := &gateway{log: &log{}, admin: "127.0.0.1:" + freePort(t)}
	program := cmp.Or(os.Getenv("PROGRAM"), "../../bin/atlas-restore-gateway")
	g.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), program,
		append([]string{"--listen=127.0.0.1:0", "--admin-listen=" + g.admin}, args...)...)
	g.cmd.Env, g.cmd.Stdout, g.cmd.Stderr = append([]string{}, env...), g.log, g.log
	if err := g.cmd.Start(); err != nil {
		t.Fatalf("the program is not built: %v", err)
	}
	t.Cleanup(func() {
		if g.cmd.ProcessState != nil { // killed by the test
			return
		}
		_ = g.cmd.Process.Signal(syscall.SIGTERM)
		if err := g.cmd.Wait(); err != nil {
			t.Errorf("it ended with %v: %s", err, g.log)
		}
	})
	serving := regexp.MustCompile(`msg=serving url=(\S+)/graphql`)
	waitFor(t, "the gateway serves", func() bool { return serving.MatchString(g.log.String()) })
	g.url = serving.FindStringSubmatch(g.log.String())[1]
	return g
}

// kill ends the gateway as kill -9 does.
func (g *gateway) kill() {
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait()
}

// get returns a text of the admin listener.
func (g *gateway) get(t *testing.T, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.admin+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return string(send(t, req))
}

// metric returns the sum of a metric over all its labels.
func (g *gateway) metric(t *testing.T, name string) (sum float64) {
	t.Helper()
	for line := range strings.Lines(g.get(t, "/metrics")) {
		if of, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			if of, _, _ = strings.Cut(of, "{"); of == "restore_gateway_"+name {
				n, _ := strconv.ParseFloat(value, 64)
				sum += n
			}
		}
	}
	return sum
}

// isUp reports whether the gateway uses Redis, as its metrics say.
func (g *gateway) isUp(t *testing.T) bool {
	t.Helper()
	return g.metric(t, "replica_up") == 1
}

func (g *gateway) waitUp(t *testing.T, up bool) {
	t.Helper()
	waitFor(t, "the gateway uses Redis, or not", func() bool { return g.isUp(t) == up })
}

func send(t *testing.T, req *http.Request) []byte {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// ask sends an automatic persisted query: its hash, and its text where that is wanted. It returns the answer.
func (g *gateway) ask(t *testing.T, text string, withText bool) string {
	t.Helper()
	hash := sha256.Sum256([]byte(text))
	request := map[string]any{"extensions": map[string]any{
		"persistedQuery": map[string]any{"version": 1, "sha256Hash": hex.EncodeToString(hash[:])},
	}}
	if withText {
		request["query"] = text
	}
	return g.post(t, request)
}

// query sends a document, and returns the answer.
func (g *gateway) query(t *testing.T, document string) string {
	t.Helper()
	return g.post(t, map[string]any{"query": document})
}

func (g *gateway) post(t *testing.T, request map[string]any) string {
	t.Helper()
	return string(send(t, g.request(t, request)))
}

// request returns a request with this body.
func (g *gateway) request(t *testing.T, request map[string]any) *http.Request {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if g.token != "" {
		req.Header.Set("Authorization", "Bearer "+g.token)
	}
	return req
}
