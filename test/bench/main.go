package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	clusterJobs = 50_000
	rounds      = 3
	clients     = 32
	newest      = 480 // of the jobs, so that a window stays on one page of the newest 500
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := role(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func role(ctx context.Context) error {
	target := os.Getenv(targetVar)
	switch os.Getenv(roleVar) {
	case "atlas":
		return runUpstream(ctx, target)
	case "proxy":
		return runProxy(ctx, target)
	case "facade":
		return runFacade(ctx, target)
	}
	binary := flag.String("gateway", "bin/atlas-restore-gateway", "the gateway's binary")
	only := flag.String("table", "", "print only the tables whose title has this in it")
	work := flag.String("work", "", "of the first table, do only the work whose name has this in it")
	flag.Parse()
	b := &bench{gateway: *binary, out: os.Stdout, work: *work}
	for _, table := range []struct {
		title string
		print func(context.Context) error
	}{
		{"Beside a bare proxy and a plain facade", b.peers},
		{"Fifty viewers of the same fifty tiles", b.viewers},
		{"How the cost grows", b.growth},
	} {
		if !strings.Contains(table.title, *only) {
			continue
		}
		fmt.Fprintf(b.out, "\n## %s\n\n", table.title)
		if err := table.print(ctx); err != nil {
			return err
		}
	}
	return nil
}

type bench struct {
	gateway string
	out     io.Writer
	work    string // that is done beside the peers; "" for all
}

// subject is one of those that are compared.
type subject struct {
	name  string
	start func(ctx context.Context, target string) (*process, error)
	rest  bool // it is asked as Atlas is, not by GraphQL
}

func (b *bench) gatewayWith(name string, args ...string) subject {
	return subject{name: name, start: func(ctx context.Context, target string) (*process, error) {
		return startGateway(ctx, b.gateway, target, args...)
	}}
}

func peer(role string) func(ctx context.Context, target string) (*process, error) {
	return func(ctx context.Context, target string) (*process, error) { return startRole(ctx, role, target) }
}

// unlimited lets the gateway be asked for more than it takes by itself, of its clients and
// of Atlas: what is measured is the work.
var unlimited = []string{
	"--no-atlas-budget", "--max-root-fields=500", "--max-aliases=500", "--max-tokens=50000", "--max-repetitions=1000", "--max-cost=100000",
}

func (b *bench) subjects() []subject {
	return []subject{
		b.gatewayWith("gateway", unlimited...),
		b.gatewayWith("gateway that keeps nothing", append(unlimited, "--cache-bytes=0")...),
		{name: "plain facade", start: peer("facade")},
		{name: "bare proxy", start: peer("proxy"), rest: true},
	}
}

// peers prints the work of the table of aims for each subject.
func (b *bench) peers(ctx context.Context) error {
	atlas, ids, err := startAtlas(ctx, clusterJobs)
	if err != nil {
		return err
	}
	defer atlas.stop()
	again := func(int) int { return 100 }
	for _, x := range []struct {
		latency time.Duration
		work
	}{
		{0, work{name: "1 job of the newest, 0 ms", jobs: 1, queries: newest, pick: inWindows(newest, 1)}},
		{0, work{name: "1 job of 50 000, 0 ms", jobs: 1, queries: 20_000, pick: inWindows(clusterJobs, 1)}},
		{0, work{name: "20 jobs of the newest, 0 ms", jobs: 20, queries: 2000, pick: inWindows(newest, 20)}},
		{0, work{name: "20 neighbours of 50 000, 0 ms", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20)}},
		{0, work{name: "the same, ids as literals", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20), literals: true}},
		{20 * time.Millisecond, work{name: "20 neighbours of 50 000, 20 ms", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20)}},
		{0, work{name: "1 finished job again, 0 ms", jobs: 1, queries: 20_000, pick: again}},
	} {
		if !strings.Contains(x.name, b.work) {
			continue
		}
		x.clients = clients
		if err := setLatency(ctx, atlas, x.latency); err != nil {
			return err
		}
		if err := b.compare(ctx, x.work, atlas, ids); err != nil {
			return err
		}
	}
	return nil
}

// compare runs the same work for each subject in turn, several times, and prints
// medians beside the bare proxy's.
func (b *bench) compare(ctx context.Context, w work, atlas *process, ids []string) error {
	subjects := b.subjects()
	all := make([][]result, len(subjects))
	for range rounds {
		for i, s := range subjects {
			r, err := s.run(ctx, w, atlas, ids)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			all[i] = append(all[i], r)
		}
	}
	fmt.Fprintf(b.out, "%s\n\n| | of the proxy's rate | queries/s | p50 ms | p99 ms | CPU µs/query | of the facade's CPU | calls/query | peak MiB |\n|---|---|---|---|---|---|---|---|---|\n", w.name)
	facade, proxy := median(all[2]), median(all[3])
	for i, s := range subjects {
		r := median(all[i])
		fmt.Fprintf(b.out, "| %s | %.2f | %.0f | %s | %s | %d | %.2f | %.2f | %d |\n", s.name, r.rate/proxy.rate, r.rate, ms(r.p50), ms(r.p99),
			r.cpu.Microseconds(), float64(r.cpu)/float64(facade.cpu), r.calls, r.peak>>20)
	}
	fmt.Fprintln(b.out)
	return nil
}

// run starts the subject anew, so that it has seen nothing yet, and has it do the work.
func (s subject) run(ctx context.Context, w work, atlas *process, ids []string) (result, error) {
	p, err := s.start(ctx, atlas.url)
	if err != nil {
		return result{}, err
	}
	defer p.stop()
	request := w.graphQL(p.url, ids)
	if s.rest {
		request = w.rest(p.url, ids)
	}
	// The oldest jobs: connections, credential, document and code are warm then.
	warm := w
	if w.unseen {
		warm.jobs = 1
	}
	warm.queries, warm.pick = 3*w.clients, func(int) int { return len(ids) - warm.jobs }
	first := warm.graphQL(p.url, ids)
	if s.rest {
		first = warm.rest(p.url, ids)
	}
	if _, err := run(ctx, warm, p, atlas, first); err != nil {
		return result{}, err
	}
	return run(ctx, w, p, atlas, request)
}

func median(all []result) result {
	slices.SortFunc(all, func(a, b result) int { return int(a.rate - b.rate) })
	return all[len(all)/2]
}

func ms(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 2, 64)
}

// startAtlas starts what plays Atlas, and reads the ids of its jobs, newest first.
func startAtlas(ctx context.Context, jobs int) (*process, []string, error) {
	atlas, err := startRole(ctx, "atlas", strconv.Itoa(jobs))
	if err != nil {
		return nil, nil, err
	}
	ids, err := readIDs(ctx, atlas.url, jobs)
	if err != nil {
		atlas.stop()
	}
	return atlas, ids, err
}

func readIDs(ctx context.Context, base string, jobs int) ([]string, error) {
	client := &http.Client{Transport: authorized(http.DefaultTransport)}
	ids := make([]string, 0, jobs)
	for page := 1; len(ids) < jobs; page++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s%s?itemsPerPage=500&pageNum=%d", base, restoreJobs, page), http.NoBody)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", accept)
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		var list struct {
			Results []struct {
				ID string `json:"id"`
			} `json:"results"`
		}
		err = json.NewDecoder(res.Body).Decode(&list)
		_ = res.Body.Close()
		if err != nil || len(list.Results) == 0 {
			return nil, errors.Join(err, fmt.Errorf("there are %d jobs", len(ids)))
		}
		for _, j := range list.Results {
			ids = append(ids, j.ID)
		}
	}
	return ids, nil
}
