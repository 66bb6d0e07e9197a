package image

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// readOnly returns a folder that has the files of another one and that nobody can write to, root included.
func readOnly(t *testing.T, folder string) string {
	t.Helper()
	mounted := t.TempDir()
	if err := syscall.Mount(folder, mounted, "", syscall.MS_BIND, ""); err != nil {
		t.Fatalf("mount: %v (the test needs root)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(mounted, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	if err := syscall.Mount("", mounted, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mounted, "file"), nil, 0o600); !errors.Is(err, syscall.EROFS) {
		t.Fatalf("a file was written: %v", err)
	}
	return mounted
}

// command returns the program of the image with these files, as the image runs it: with them as its root, as the user of
// the image, and with no variable but those given.
func command(t *testing.T, rootfs string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	// A signal stops the program, and not the context of the test.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "/"+program, args...)
	cmd.Env = append([]string{}, env...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     rootfs,
		Credential: &syscall.Credential{Uid: 65532, Gid: 65532},
		Pdeathsig:  syscall.SIGKILL,
	}
	return cmd
}

// freeAddress returns an address of this machine on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startTimeout bounds the start of the program, also on a busy machine.
const startTimeout = time.Minute

func TestProgram_servesInAReadOnlyRootWithoutPrivileges(t *testing.T) {
	rootfs := readOnly(t, unpack(t, image(t), "amd64"))
	address, admin := freeAddress(t), freeAddress(t)
	// By variables, so that healthcheck has the same settings as a container engine runs it.
	env := []string{"GATEWAY_DEMO=true", "GATEWAY_LISTEN=" + address, "GATEWAY_ADMIN_LISTEN=" + admin}
	var output bytes.Buffer
	gateway := command(t, rootfs, env)
	gateway.Stdout, gateway.Stderr = &output, &output
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	stop := func() error {
		_ = gateway.Process.Signal(syscall.SIGTERM)
		return gateway.Wait()
	}
	waitUntilReady(t, rootfs, env, stop, &output)

	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", gateway.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), "\nUid:\t65532\t65532\t65532\t65532\n") {
		t.Errorf("the program runs as another user: %s", status)
	}
	body, err := json.Marshal(map[string]string{"query": `{ restoreJobs(groupId: "63f3484e1f3a9b27c6000001") { nodes { id } } }`})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Data struct {
			RestoreJobs struct{ Nodes []struct{ ID string } }
		}
		Errors []any
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Data.RestoreJobs.Nodes) == 0 || len(answer.Errors) > 0 {
		t.Errorf("the query has the answer %+v, want jobs", answer)
	}
	build := `restore_gateway_build_info{go_version="`
	metrics := string(get(t, "http://"+admin+"/metrics"))
	_, rest, _ := strings.Cut(metrics, build)
	line, _, _ := strings.Cut(rest, "\n")
	want := `",revision="` + variable(t, "REVISION") + `",version="` + variable(t, "VERSION") + `"} 1`
	if !strings.HasSuffix(line, want) {
		t.Errorf("build_info is %s%s, want %s", build, line, want)
	}
	if err := stop(); err != nil {
		t.Errorf("after SIGTERM it ended with %v: %s", err, output.String())
	}
	if out, err := command(t, rootfs, env, "healthcheck").CombinedOutput(); err == nil {
		t.Errorf("healthcheck of a gateway that was stopped: %s", out)
	}
}

// waitUntilReady waits until healthcheck, run in the container, exits with 0.
func waitUntilReady(t *testing.T, rootfs string, env []string, stop func() error, output *bytes.Buffer) {
	t.Helper()
	deadline := time.Now().Add(startTimeout)
	for {
		out, err := command(t, rootfs, env, "healthcheck").CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the gateway is not ready: %s (it ended with %v: %s)", out, stop(), output.String())
		}
	}
}

func TestProgram_tellsItsVersion(t *testing.T) {
	out, err := command(t, unpack(t, image(t), "amd64"), nil, "version").CombinedOutput()
	want := "atlas-restore-gateway " + variable(t, "VERSION") + "\nrevision " + variable(t, "REVISION") + "\n"
	if err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("%v: %s, want %s", err, out, want)
	}
}

func TestProgram_startsOnNoOtherAddressThanLoopbackWithoutAuthentication(t *testing.T) {
	out, err := command(t, unpack(t, image(t), "amd64"), nil, "--demo", "--listen=:8080").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--auth") {
		t.Errorf("it served everyone: %s", out)
	}
}

func TestProgram_trustsTheCertificatesOfTheImage(t *testing.T) {
	var requests atomic.Int64
	atlas := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	defer atlas.Close()
	atlas.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that must fail
	rootfs := unpack(t, image(t), "amd64")
	diagnose := func() string {
		out, err := command(t, rootfs, []string{
			"MONGODB_ATLAS_BASE_URL=" + atlas.URL, "MONGODB_ATLAS_ACCESS_TOKEN=token",
		}, "diagnose").CombinedOutput()
		if err == nil {
			t.Errorf("Atlas is well: %s", out)
		}
		return string(out)
	}

	if out := diagnose(); !strings.Contains(out, "certificate signed by unknown authority") || requests.Load() > 0 {
		t.Errorf("an unknown authority was trusted, %d requests: %s", requests.Load(), out)
	}
	path := filepath.Join(rootfs, "etc/ssl/certs/ca-certificates.crt")
	bundle, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	if err := pem.Encode(bundle, &pem.Block{Type: "CERTIFICATE", Bytes: atlas.Certificate().Raw}); err != nil {
		t.Fatal(err)
	}
	if out := diagnose(); strings.Contains(out, "certificate") || requests.Load() == 0 {
		t.Errorf("an authority in the file was not trusted: %s", out)
	}
}
