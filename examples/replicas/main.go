// Command replicas starts three gateways that share through a Redis, and a balancer before them: by make replicas. With
// Atlas's credential in the environment they read from Atlas, and else from a simulator that this program is.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const replicas = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	gateway := flag.String("gateway", "bin/atlas-restore-gateway", "the gateway")
	redis := flag.String("redis", "redis-server", "the program of Redis")
	listen := flag.String("listen", "127.0.0.1:8080", "the address of the balancer")
	flag.Parse()
	err := run(ctx, *gateway, *redis, *listen, os.Stdout)
	stopped := ctx.Err() != nil
	stop()
	if err != nil && !stopped {
		fmt.Fprintln(os.Stderr, "replicas:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. Then it stops all programs that it has started.
func run(ctx context.Context, gateway, redis, listen string, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	var programs sync.WaitGroup
	defer programs.Wait()
	defer cancel()
	// start starts a program, which is told to stop when ctx ends.
	start := func(name string, env []string, output io.WriteCloser, args ...string) error {
		cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // who starts this program names them
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), output, output
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		if err := cmd.Start(); err != nil {
			return err
		}
		programs.Go(func() {
			err := cmd.Wait()
			_ = output.Close()
			if ctx.Err() == nil {
				fmt.Fprintln(out, filepath.Base(name), "has ended:", err)
			}
		})
		return nil
	}

	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	_, none := io.Pipe()
	if err := start(redis, libraries(redis), none, "--loglevel", "warning", "--logfile", os.DevNull, "--port", port, "--bind", "127.0.0.1", "--save", "",
		"--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"); err != nil {
		return fmt.Errorf("%w (install Redis, or name its program by -redis)", err)
	}
	env, err := atlas(ctx, out)
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	env = append(env, "GATEWAY_REPLICA_KEY="+base64.StdEncoding.EncodeToString(secret))
	var backends []*backend
	for i := range replicas {
		lines, output := io.Pipe()
		if err := start(gateway, env, output, "--listen=127.0.0.1:0", "--dashboard=on",
			"--replica-redis=redis://127.0.0.1:"+port); err != nil {
			return fmt.Errorf("%w (make build)", err)
		}
		b, err := newBackend(ctx, fmt.Sprintf("replica %d", i+1), lines, out)
		if err != nil {
			return err
		}
		backends = append(backends, b)
	}
	return serve(ctx, listen, backends, out)
}

// atlas returns the environment by which the gateways find Atlas.
func atlas(ctx context.Context, out io.Writer) ([]string, error) {
	for _, name := range []string{"PUBLIC_API_KEY", "CLIENT_ID", "ACCESS_TOKEN"} {
		if os.Getenv("MONGODB_ATLAS_"+name) != "" {
			return nil, nil
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	key := rand.Text()
	simulator := &http.Server{
		Handler: atlassim.New(atlassim.WithAPIKey("example", key, atlassim.ProjectOwner), atlassim.WithRecentJobs(),
			atlassim.WithCollectionRestores()), ReadHeaderTimeout: 5 * time.Second,
	}
	context.AfterFunc(ctx, func() { _ = simulator.Close() })
	go func() { _ = simulator.Serve(listener) }()
	fmt.Fprintln(out, "no credential of Atlas in the environment: the gateways read from a simulator")
	return []string{
		"MONGODB_ATLAS_PUBLIC_API_KEY=example", "MONGODB_ATLAS_PRIVATE_API_KEY=" + key,
		"MONGODB_ATLAS_BASE_URL=http://" + listener.Addr().String(),
	}, nil
}

// libraries returns the environment of a program that was unpacked and not installed.
func libraries(program string) []string {
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(program), "../lib/*-linux-gnu"))
	if len(found) == 0 {
		return nil
	}
	return []string{"LD_LIBRARY_PATH=" + strings.Join(found, ":")}
}

func freePort(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// backend is one replica behind the balancer.
type backend struct {
	*httputil.ReverseProxy

	url   *url.URL
	ready atomic.Bool
}

var serving = regexp.MustCompile(`msg=serving url=(\S+)/graphql`)

// newBackend waits until the gateway serves, and from then on prints its log.
func newBackend(ctx context.Context, name string, output io.Reader, out io.Writer) (*backend, error) {
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if url := serving.FindStringSubmatch(lines.Text()); url != nil {
				found <- url[1]
			}
			fmt.Fprintln(out, name+":", lines.Text())
		}
		close(found)
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case at, ok := <-found:
		if !ok {
			return nil, errors.New(name + " has ended before it served")
		}
		target, err := url.Parse(at)
		if err != nil {
			return nil, err
		}
		b := &backend{url: target, ReverseProxy: &httputil.ReverseProxy{
			Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
			ModifyResponse: func(r *http.Response) error { r.Header.Set("X-Replica", name); return nil },
			FlushInterval:  -1, // events are passed on at once
		}}
		b.ready.Store(true)
		return b, nil
	}
}

// check asks each second whether the replica is ready, until ctx ends.
func (b *backend) check(ctx context.Context) {
	client := &http.Client{Timeout: time.Second}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url.JoinPath("health/ready").String(), http.NoBody)
		if err != nil {
			return
		}
		res, err := client.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		b.ready.Store(err == nil && res.StatusCode == http.StatusOK)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// serve sends requests to the replicas that are ready, in turn.
func serve(ctx context.Context, listen string, backends []*backend, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	var checks sync.WaitGroup
	defer checks.Wait()
	for _, b := range backends {
		checks.Go(func() { b.check(ctx) })
	}
	var next atomic.Uint64
	balancer := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			for range backends {
				if b := backends[next.Add(1)%uint64(len(backends))]; b.ready.Load() {
					b.ServeHTTP(w, r)
					return
				}
			}
			http.Error(w, "no replica is ready", http.StatusServiceUnavailable)
		})}
	defer context.AfterFunc(ctx, func() { _ = balancer.Close() })()
	fmt.Fprintf(out, "%d replicas behind http://%s/ (playground), /dashboard and /graphql; stop with Ctrl-C\n",
		len(backends), listener.Addr())
	if err := balancer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return ctx.Err()
}
