package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// redisRoot is where Debian's packages are unpacked (make bin/redis).
const redisRoot = "bin/redis"

// startRedis starts Debian's Redis on a port of its own, and returns its URL.
func startRedis(ctx context.Context) (*process, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		return nil, err
	}
	root, err := filepath.Abs(redisRoot)
	if err != nil {
		return nil, err
	}
	libraries, err := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu"))
	if err != nil {
		return nil, err
	}
	args := []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "/dev/null"}
	cmd := exec.CommandContext(ctx, filepath.Join(root, "usr/bin/redis-server"), args...) //nolint:gosec // of the repository
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("redis is not there (make bin/redis): %w", err)
	}
	for ctx.Err() == nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			return &process{cmd: cmd, url: "redis://127.0.0.1:" + port}, conn.Close()
		}
		pause(ctx, 10*time.Millisecond)
	}
	return nil, ctx.Err()
}

// replicas prints what several replicas cost that share through Redis, and what they do without it. A query is for a job of
// the newest, of one of some clusters; the replicas take turns, as behind a balancer.
func (b *bench) replicas(ctx context.Context) error {
	atlas, ids, err := startAtlas(ctx, clusterJobs)
	if err != nil {
		return err
	}
	defer atlas.stop()
	if err := setLatency(ctx, atlas, 20*time.Millisecond); err != nil {
		return err
	}
	key, err := os.CreateTemp("", "key")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(key.Name()) }()
	if _, err := key.WriteString(strings.Repeat("A", 43) + "=\n"); err != nil {
		return err
	}
	fresh := work{
		name: "a job of 400, 20 ms", jobs: 1, queries: 4000, clients: clients,
		pick: func(n int) int { return n * 7919 % 400 },
	}
	cached := work{name: "the same again, cached", jobs: 1, queries: 20_000, clients: clients, pick: fresh.pick}
	fmt.Fprint(b.out, "| | replicas | Redis | calls | p50 ms | p99 ms | CPU µs/query |\n|---|---|---|---|---|---|---|\n")
	for _, n := range []int{1, 3} {
		for _, with := range []string{"no", "yes", "stopped"} {
			if err := b.replicasWith(ctx, n, with, key.Name(), atlas, ids, []work{fresh, cached}); err != nil {
				return err
			}
		}
	}
	return nil
}

// replicasWith prints the rows of a number of replicas, without Redis, with it, or with one that stopped answering.
func (b *bench) replicasWith(
	ctx context.Context, n int, with, key string, atlas *process, ids []string, all []work,
) error {
	var args []string
	stop := func() error { return nil }
	if with != "no" {
		redis, err := startRedis(ctx)
		if err != nil {
			return err
		}
		defer func() {
			_ = redis.cmd.Process.Kill()
			_ = redis.cmd.Wait()
		}()
		args = []string{"--replica-redis=" + redis.url, "--replica-key-file=" + key}
		stop = func() error {
			if with != "stopped" {
				return nil
			}
			return redis.cmd.Process.Signal(syscall.SIGSTOP)
		}
	}
	each := make([]*process, n)
	for i := range each {
		p, err := startGateway(ctx, b.gateway, atlas.url, append(unlimited, args...)...)
		if err != nil {
			return err
		}
		defer p.stop()
		each[i] = p
	}
	pause(ctx, time.Second) // until the replicas are connected
	if err := stop(); err != nil {
		return err
	}
	for _, w := range all {
		requests := make([]func(int) (*http.Request, error), n)
		for i, p := range each {
			requests[i] = w.graphQL(p.url, ids)
		}
		before, err := usageOf(each)
		if err != nil {
			return err
		}
		r, err := run(ctx, w, each[0], atlas, func(query int) (*http.Request, error) { return requests[query%n](query) })
		if err != nil {
			return err
		}
		after, err := usageOf(each)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %d | %s | %.0f | %s | %s | %d |\n", w.name, n, with, r.calls*float64(w.queries), ms(r.p50),
			ms(r.p99), (after-before).Microseconds()/int64(w.queries))
	}
	return nil
}

// pause waits for a time, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// usageOf returns the CPU time of processes.
func usageOf(all []*process) (sum time.Duration, err error) {
	for _, p := range all {
		u, err := p.usage()
		if err != nil {
			return 0, err
		}
		sum += u.cpu
	}
	return sum, nil
}
