package helm

import (
	"bytes"
	"context"
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

	corev1 "k8s.io/api/core/v1"

	"atlas-restore-gateway/internal/atlassim"
)

// process is the built gateway.
type process struct {
	url string
	cmd *exec.Cmd
	log *output
}

var serving = regexp.MustCompile(`msg=serving url=(\S+)/graphql`)

// start starts the gateway on an address of loopback.
func start(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := &process{log: &output{}}
	p.log.changed = sync.NewCond(&p.log.mu)
	// A signal stops the program, and not the context of the test.
	args = append([]string{"--listen=127.0.0.1:0"}, args...)
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), gateway, args...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = environ, p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("the program is not built: %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- p.cmd.Wait()
		p.log.end()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v: %s", err, p.log)
		}
	})
	found := p.log.waitFor(serving)
	if found == nil {
		t.Fatalf("it did not start: %s", p.log)
	}
	p.url = found[1]
	return p
}

// query returns the body of the answer.
func (p *process) query(t *testing.T, query string) string {
	t.Helper()
	body := strings.NewReader(`{"query":"` + query + `"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/graphql", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// output is what a process has written, for which a test can wait.
type output struct {
	mu      sync.Mutex
	changed *sync.Cond
	ended   bool
	b       bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.changed.Broadcast()
	return o.b.Write(p)
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.changed.Broadcast()
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// waitFor returns the match of a pattern as soon as the output has it; nil when the process has ended without.
func (o *output) waitFor(pattern *regexp.Regexp) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		if found := pattern.FindStringSubmatch(o.b.String()); found != nil || o.ended {
			return found
		}
		o.changed.Wait()
	}
}

// volume is a folder as Kubernetes mounts projected volumes: each file is a link through the link ..data, which is
// replaced by a rename when any of them changes.
type volume struct{ dir string }

// publish replaces all files.
func (v volume) publish(t *testing.T, generation string, files map[string]string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(v.dir, ".."+generation), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(v.dir, ".."+generation, name), []byte(content), 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(v.dir, name)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	old, _ := os.Readlink(filepath.Join(v.dir, "..data"))
	if err := os.Symlink(".."+generation, filepath.Join(v.dir, "..data_tmp")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(v.dir, "..data_tmp"), filepath.Join(v.dir, "..data")); err != nil {
		t.Fatal(err)
	}
	if old != "" {
		if err := os.RemoveAll(filepath.Join(v.dir, old)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCredentials_rotateWithoutARestart(t *testing.T) {
	t.Parallel()
	sim := atlassim.New(atlassim.WithAPIKey("public", "new", atlassim.ProjectOwner))
	upstream := httptest.NewServer(sim)
	t.Cleanup(upstream.Close)
	// The file is the one that the chart renders; the simulator serves its project.
	r := render(t, "config: {serve-everyone-without-authentication: true}\n"+credentials)
	file := one[*corev1.ConfigMap](t, r, "").Data["atlas-credentials.yaml"]
	v := volume{t.TempDir()}
	v.publish(t, "2026_1", map[string]string{"credentials.yaml": file, "payments": "old\n"})
	p := start(t, []string{"MONGODB_ATLAS_BASE_URL=" + upstream.URL},
		"--atlas-credentials="+filepath.Join(v.dir, "credentials.yaml"))
	const query = `{ project(groupId: \"63f3484e1f3a9b27c6000001\") { name } }`
	if got := p.query(t, query); !strings.Contains(got, "UPSTREAM_UNAUTHENTICATED") {
		t.Errorf("with a credential that Atlas rejects the answer is %s", got)
	}
	v.publish(t, "2026_2", map[string]string{"credentials.yaml": file, "payments": "new\n"})
	// At once, and not after some seconds.
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`msg="a setting (was|could not be) read again.*" setting="atlas credentials"`)
	if found := p.log.waitFor(read); found == nil || found[1] != "was" {
		t.Fatalf("it was not read again: %s", p.log)
	}
	if got := p.query(t, query); strings.Contains(got, "errors") || !strings.Contains(got, `"name":`) {
		t.Errorf("with the new credential the answer is %s", got)
	}
}

// The pod of helm test runs the program with arguments that find the Service.
func TestHealthcheck_isAskedOfTheService(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "--demo")
	address := strings.TrimPrefix(p.url, "http://")
	args := one[*corev1.Pod](t, render(t, demo), "-test").Spec.Containers[0].Args
	const service = "restores-atlas-restore-gateway:8080"
	if last := args[len(args)-1]; last != "--listen="+service {
		t.Fatalf("it asks %s", last)
	}
	args[len(args)-1] = "--listen=" + address
	if out, err := exec.CommandContext(t.Context(), gateway, args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	args = one[*corev1.Pod](t, render(t, token+"tls: {existingSecret: c}"), "-test").Spec.Containers[0].Args
	for i, arg := range args {
		args[i] = strings.Replace(arg, service, address, 1)
	}
	if out, err := exec.CommandContext(t.Context(), gateway, args...).CombinedOutput(); err == nil ||
		!strings.Contains(string(out), "https://"+address) {
		t.Errorf("with TLS: %v: %s", err, out)
	}
}
