package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// process is the program, running in the process of the test.
type process struct {
	url    string
	output *watched // the standard output
	audit  *watched // the standard error
	stop   func() error
}

// environ returns the entries of an environment, as os.Environ.
func environ(env map[string]string) []string {
	var entries []string
	for name, value := range env {
		entries = append(entries, name+"="+value)
	}
	return entries
}

var servingURL = regexp.MustCompile(`url=(https?://\S+)/graphql`)

// start runs the program and waits until it serves.
func start(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{output: newWatched(), audit: newWatched()}
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, append([]string{"--listen=127.0.0.1:0", "--log-level=debug"}, args...), environ(env), p.output,
			p.audit)
		p.output.close()
		p.audit.close()
	}()
	p.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = p.stop() })
	if found := p.output.waitFor(servingURL); found != nil {
		p.url = found[1]
		return p
	}
	t.Fatalf("it did not start: %v %s", p.stop(), p.output)
	return nil
}

// response is a response with its body.
type response struct {
	status int
	header http.Header
	body   string
}

// do sends a request and reads the response. Without a client it uses one that keeps no connection open.
func do(t *testing.T, client *http.Client, req *http.Request) response {
	t.Helper()
	if client == nil {
		client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{status: res.StatusCode, header: res.Header, body: string(text)}
}

// get returns the status and the body of a GET.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	a := do(t, nil, req)
	return a.status, a.body
}

// head returns the status of a HEAD.
func head(t *testing.T, url string) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, nil, req).status
}

// send posts a JSON body; headers are "Name: value".
func (p *process) send(t *testing.T, client *http.Client, body string, headers ...string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return do(t, client, req)
}

// post posts a JSON body and returns the header and the body of the response.
func (p *process) post(t *testing.T, body string) (http.Header, string) {
	t.Helper()
	a := p.send(t, nil, body)
	return a.header, a.body
}

// projectQuery is a query for the first project of the demo.
const projectQuery = `{ project(groupId: "` + atlassim.SeedGroupID + `") { name } }`

// query posts a query; headers are "Name: value".
func (p *process) query(t *testing.T, client *http.Client, query string, headers ...string) response {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return p.send(t, client, string(body), headers...)
}

func (a response) want(t *testing.T, step string, status int, part string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, part) {
		t.Errorf("%s: %d %s, want %d and %s", step, a.status, a.body, status, part)
	}
}

// hangup sends SIGHUP and waits until the log matches a pattern.
func (p *process) hangup(t *testing.T, says string) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if p.output.waitFor(regexp.MustCompile(says)) == nil {
		t.Fatalf("it does not say %q: %s", says, p.output)
	}
}

// folder is a directory with the files of a test.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(f.path(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return f.path(name)
}
