package replicas

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// redisRoot is where the packages are unpacked (make bin/redis).
const redisRoot = "../../bin/redis"

// redis is a Redis server, which can be stopped and started again at its port.
type redis struct {
	port         string
	password     string // "" where none is needed
	passwordFile string // that gateways read
	dir          string // where the server may write
	cmd          *exec.Cmd
}

// command returns a command of the unpacked packages.
func command(name string, args ...string) *exec.Cmd {
	root, err := filepath.Abs(redisRoot)
	if err != nil {
		panic(err)
	}
	cmd := exec.CommandContext(context.Background(), filepath.Join(root, "usr/bin", name), args...)
	libraries, _ := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	return cmd
}

// freePort returns a port of loopback at which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// startRedis starts a server that stores nothing on disk.
func startRedis(t *testing.T, args ...string) *redis {
	t.Helper()
	r := &redis{port: freePort(t), dir: t.TempDir()}
	t.Cleanup(r.kill)
	r.start(t, args...)
	return r
}

// url returns the address; "" of nil.
func (r *redis) url() string {
	if r == nil {
		return ""
	}
	return "redis://127.0.0.1:" + r.port
}

// start starts the server, empty, and waits until it answers.
func (r *redis) start(t *testing.T, args ...string) {
	t.Helper()
	r.startWith(t, append([]string{
		"--port", r.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "/dev/null",
	}, args...)...)
}

// startAgain starts the server with the arguments that it had.
func (r *redis) startAgain(t *testing.T) {
	t.Helper()
	r.startWith(t, r.cmd.Args[1:]...)
}

func (r *redis) startWith(t *testing.T, args ...string) {
	t.Helper()
	r.cmd = command("redis-server", args...)
	r.cmd.Dir = r.dir
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("Redis is not there (make bin/redis): %v", err)
	}
	waitFor(t, "Redis answers", func() bool {
		answer := r.tryCLI("PING")
		return strings.Contains(answer, "PONG") || strings.Contains(answer, "NOAUTH")
	})
}

// kill ends the server as kill -9 does.
func (r *redis) kill() {
	if r.cmd != nil && r.cmd.ProcessState == nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
	}
}

func (r *redis) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// tryCLI returns what the server answers to a command.
func (r *redis) tryCLI(args ...string) string {
	cmd := command("redis-cli", append([]string{"-p", r.port}, args...)...)
	if r.password != "" {
		cmd.Env = append(cmd.Env, "REDISCLI_AUTH="+r.password)
	}
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// values returns the names under which values are stored, and not what replicas agree by.
func (r *redis) values() []string {
	return slices.DeleteFunc(strings.Fields(r.tryCLI("KEYS", "*")), func(name string) bool {
		return strings.TrimSpace(r.tryCLI("TYPE", name)) != "string"
	})
}

// waitFor waits until something holds, for which there is no signal. The deadline is that of the test.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for !holds() {
		select {
		case <-t.Context().Done():
			t.Fatalf("it never happens that %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
