package traces

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
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

// program is the built gateway.
var program = cmp.Or(os.Getenv("PROGRAM"), "../../bin/atlas-restore-gateway")

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

// process is a program that serves.
type process struct {
	url      string // of GraphQL
	admin    string
	log      *log // the standard output
	errors   *log // the standard error
	cmd      *exec.Cmd
	stopping sync.Once
}

// startGateway starts the gateway, and waits until it serves.
func startGateway(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	admin := "127.0.0.1:" + freePort(t)
	p := startProcess(t, env, program, append([]string{"--listen=127.0.0.1:0", "--admin-listen=" + admin}, args...)...)
	p.admin = "http://" + admin
	return p
}

func startProcess(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{log: &log{}, errors: &log{}}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = append([]string{"PATH=" + os.Getenv("PATH")}, env...), p.log, p.errors
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("it does not start (is it built?): %v", err)
	}
	t.Cleanup(func() { p.stop(t) })
	serving := regexp.MustCompile(`msg=serving url=(\S+/graphql)`)
	waitFor(t, "it serves: "+p.errors.String(), func() bool { return serving.MatchString(p.log.String()) })
	p.url = serving.FindStringSubmatch(p.log.String())[1]
	return p
}

// stop ends the program as an operator does, after which everything is exported.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.stopping.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("it ended with %v: %s %s", err, p.log, p.errors)
		}
	})
}

// atlas is the simulator, whose calls a test can look at and hold back.
type atlas struct {
	*atlassim.Simulator

	url string

	mu      sync.Mutex
	headers []http.Header // of all requests
	arrived chan string   // the paths of calls that are held back; nil holds back none
	release chan struct{}
}

// startAtlas starts the simulator.
func startAtlas(t *testing.T) *atlas {
	t.Helper()
	a := &atlas{Simulator: atlassim.New(
		atlassim.WithAPIKey("public", "private", atlassim.ProjectOwner), atlassim.WithRateLimit(10_000, 10_000))}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *atlas) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.headers = append(a.headers, r.Header.Clone())
	arrived, release := a.arrived, a.release
	a.mu.Unlock()
	if arrived != nil && r.Header.Get("Authorization") != "" {
		arrived <- r.URL.Path
		<-release
	}
	a.Simulator.ServeHTTP(w, r)
}

// hold has the calls from here on wait until release is closed, and say that they have arrived.
func (a *atlas) hold() (arrived <-chan string, release chan<- struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.arrived, a.release = make(chan string, 100), make(chan struct{})
	return a.arrived, a.release
}

// env returns the environment by which a gateway reads from the simulator.
func (a *atlas) env() []string {
	return []string{
		"MONGODB_ATLAS_PUBLIC_API_KEY=public", "MONGODB_ATLAS_PRIVATE_API_KEY=private", "MONGODB_ATLAS_BASE_URL=" + a.url,
	}
}

// example returns the id of a job of the simulator.
func (a *atlas) example(t *testing.T, label string) string {
	t.Helper()
	for _, e := range a.Examples() {
		if e.Label == label {
			return e.RestoreJobID
		}
	}
	t.Fatalf("the simulator has no job %q", label)
	return ""
}

// startBefore starts a gateway before the simulator that exports to the receiver. The check of its credential is over
// when it returns.
func startBefore(t *testing.T, a *atlas, r *otlp, env []string, args ...string) *process {
	t.Helper()
	p := startGateway(t, append(append(a.env(), r.env()...), env...), args...)
	waitFor(t, "the credential is checked", func() bool { return strings.Contains(p.log.String(), "accepts the credential") })
	a.ResetCalls()
	return p
}

// request is a request to GraphQL.
type request struct {
	method  string // POST where it is empty
	url     string // that of GraphQL where it is empty
	headers map[string]string
	body    string
}

// send sends a request, and returns the status and the body.
func (p *process) send(t *testing.T, r request) (int, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(p.newRequest(t, r))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (p *process) newRequest(t *testing.T, r request) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), cmp.Or(r.method, http.MethodPost), cmp.Or(r.url, p.url),
		strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range r.headers {
		req.Header.Set(name, value)
	}
	return req
}

// query sends a document, and returns the response, which must have no error.
func (p *process) query(t *testing.T, document string, headers ...string) string {
	t.Helper()
	r := request{body: body(t, map[string]any{"query": document}), headers: map[string]string{}}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.headers[name] = value
	}
	status, answer := p.send(t, r)
	if status != http.StatusOK || strings.Contains(answer, `"errors"`) {
		t.Fatalf("%s: got %d %s", document, status, answer)
	}
	return answer
}

// The formats of metrics.
const (
	plainText   = "text/plain"
	openMetrics = "application/openmetrics-text"
)

// metrics returns the metrics in a format.
func (p *process) metrics(t *testing.T, format string) string {
	t.Helper()
	_, text := p.send(t, request{
		method: http.MethodGet, url: p.admin + "/metrics", headers: map[string]string{"Accept": format},
	})
	return text
}

func body(t *testing.T, request map[string]any) string {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write writes a file, and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newToken returns a token of the command token, and the file in which it stands.
func newToken(t *testing.T, name, file string) (token, path string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, "token", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, entry, _ := strings.Cut(string(out), "\n- ")
	token = regexp.MustCompile(`(?m)^arg_\S+$`).FindString(string(out))
	if token == "" || entry == "" {
		t.Fatalf("the command printed %s", out)
	}
	return token, write(t, file, "tokens:\n- "+entry)
}

// project is a query of one call to Atlas.
var project = fmt.Sprintf("query Project { project(groupId: %q) { name } }", atlassim.SeedGroupID)

// jobs returns a query of several jobs of one cluster.
func jobs(ids ...string) string {
	var fields strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&fields, " job%d: flexRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { id status }", i,
			atlassim.SeedGroupID, atlassim.SeedFlexClusterName, id)
	}
	return "query Jobs {" + fields.String() + " }"
}
