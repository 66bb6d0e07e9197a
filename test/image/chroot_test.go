package image

import (
	"bytes"
	"context"
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

// command returns the program of the image with these files, as the image runs it: with them as its root, as the user
// of the image, and with no variable but those given.
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
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	// By variables, so that healthcheck has the same settings as a container engine runs it.
	env := []string{
		"GATEWAY_DEMO=true", "GATEWAY_LISTEN=:" + port, "GATEWAY_SERVE_EVERYONE_WITHOUT_AUTHENTICATION=true",
		"GATEWAY_ADMIN_LISTEN=" + admin,
	}
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
	query := strings.NewReader(`{"query":"{ restoreJobs(groupId: \"63f3484e1f3a9b27c6000001\") { nodes { id } } }"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/graphql", query)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := decode[struct {
		Data struct {
			RestoreJobs struct{ Nodes []struct{ ID string } }
		}
		Errors []any
	}](t, body)
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
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: atlas.Certificate().Raw})
	for name, tt := range map[string]struct {
		file    string // to which the authority is added; "" for none
		trusted bool
	}{
		"not there":                {},
		"in the file of the image": {file: "etc/ssl/certs/ca-certificates.crt", trusted: true},
		"in a folder beside it":    {file: "etc/ssl/certs/own/authority.crt", trusted: true},
	} {
		rootfs := unpack(t, image(t), "amd64")
		if tt.file != "" {
			appendTo(t, filepath.Join(rootfs, tt.file), authority)
		}
		before := requests.Load()
		// It fails anyway, because this is no Atlas.
		out, _ := command(t, rootfs, []string{
			"MONGODB_ATLAS_BASE_URL=" + atlas.URL, "MONGODB_ATLAS_ACCESS_TOKEN=token", "SSL_CERT_DIR=/etc/ssl/certs/own",
		}, "diagnose").CombinedOutput()
		unknown := strings.Contains(string(out), "certificate signed by unknown authority")
		if trusted := requests.Load() > before; trusted != tt.trusted || unknown == tt.trusted {
			t.Errorf("%s: trusted: %t, want %t: %s", name, trusted, tt.trusted, out)
		}
	}
}

// appendTo adds text to the end of a file, which is made where it is missing, with its folder.
func appendTo(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		t.Fatal(err)
	}
}
