package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	publicKey  = "bench"
	privateKey = "private-key-of-the-bench"
	roleVar    = "BENCH_ROLE"
	targetVar  = "BENCH_TARGET"
)

// process is a program under test, or the Atlas simulator.
type process struct {
	cmd  *exec.Cmd
	url  string
	with *process // that it needs; nil for none
}

// startRole starts this program again in another role.
func startRole(ctx context.Context, role, target string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, self, nil, roleVar+"="+role, targetVar+"="+target)
}

// startGateway starts the binary of the gateway, with the Atlas simulator as its upstream.
func startGateway(ctx context.Context, binary, target string, args ...string) (*process, error) {
	return startGatewayWith(ctx, nil, binary, target, args...)
}

// startGatewayWith is startGateway with more variables.
func startGatewayWith(ctx context.Context, env []string, binary, target string, args ...string) (*process, error) {
	return start(ctx, binary, append([]string{"--listen=127.0.0.1:0"}, args...), append([]string{
		"MONGODB_ATLAS_PUBLIC_API_KEY=" + publicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=" + privateKey,
		"MONGODB_ATLAS_BASE_URL=" + target,
	}, env...)...)
}

// start starts a program and waits for the line with its URL.
func start(ctx context.Context, binary string, args []string, env ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		_, url, found := strings.Cut(lines.Text(), "url=")
		if !found {
			continue
		}
		url, _, _ = strings.Cut(url, " ")
		go func() { _, _ = io.Copy(io.Discard, out) }()
		return &process{cmd: cmd, url: url}, nil
	}
	_ = cmd.Wait()
	return nil, fmt.Errorf("%s did not say where it listens", binary)
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
	if p.with != nil {
		p.with.stop()
	}
}

// resident returns the bytes resident of the process.
func (p *process) resident() (int64, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.ParseInt(kilobytes, 10, 64)
	return n << 10, err
}

// usage is the resources that a process has used.
type usage struct {
	cpu  time.Duration
	peak int64 // bytes resident, at most
}

func (p *process) usage() (usage, error) {
	pid := p.cmd.Process.Pid
	// The clock of another process's CPU time, as clock_getcpuclockid(3) makes it. /proc counts in hundredths
	// of a second, which is more than some of the work takes.
	var cpu unix.Timespec
	err := unix.ClockGettime(int32(^pid<<3|2), &cpu)
	status, err2 := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err := errors.Join(err, err2); err != nil {
		return usage{}, err
	}
	u := usage{cpu: time.Duration(cpu.Nano())}
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
		kilobytes, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		u.peak = kilobytes << 10
	}
	return u, nil
}

// serve prints its URL, and serves a role until it is stopped.
func serve(ctx context.Context, h http.Handler, path string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	fmt.Fprintf(os.Stdout, "url=http://%s%s \n", listener.Addr(), path)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
