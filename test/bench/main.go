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
	case "receiver":
		return runReceiver(ctx)
	}
	binary := flag.String("gateway", "bin/atlas-restore-gateway", "the gateway's binary")
	only := flag.String("table", "", "print only the tables whose title has this in it")
	before := flag.String("before", "", "another binary of the gateway, which is measured beside it")
	work := flag.String("work", "", "of tables of several works, do only the work whose name has this in it")
	flag.Parse()
	b := &bench{gateway: *binary, before: *before, out: os.Stdout, work: *work}
	for _, table := range []struct {
		title string
		print func(context.Context) error
	}{
		{"Beside a bare proxy and a plain facade", b.peers},
		{"Twenty cached jobs", b.cached},
		{"Fifty viewers of the same fifty tiles", b.viewers},
		{"How the cost grows", b.growth},
		{"Two thousand subscriptions", b.live},
		{"Several replicas", b.replicas},
		{"What traces cost", b.traces},
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
	before  string // another binary of the gateway; "" for none
	out     io.Writer
	work    string // that is done of a table of several; "" for all
}

// subject is one of the programs that are compared.
type subject struct {
	name  string
	start func(ctx context.Context, target string) (*process, error)
	rest  bool // its requests are those of Atlas, not GraphQL
}

func gatewayWith(name, binary string, args ...string) subject {
	return subject{name: name, start: func(ctx context.Context, target string) (*process, error) {
		return startGateway(ctx, binary, target, args...)
	}}
}

func peer(role string) func(ctx context.Context, target string) (*process, error) {
	return func(ctx context.Context, target string) (*process, error) { return startRole(ctx, role, target) }
}

// unlimited lets the gateway be asked for more than it takes by itself, of its clients and
// of Atlas: what is measured is the work.
var unlimited = []string{
	"--no-atlas-budget", "--max-root-fields=500", "--max-aliases=500", "--max-tokens=50000", "--max-repetitions=1000",
	"--max-cost=100000",
}

// gateways are the binary that is measured and, where there is one, the one before.
func (b *bench) gateways(args ...string) []subject {
	all := []subject{gatewayWith("gateway", b.gateway, append(unlimited, args...)...)}
	if b.before != "" {
		all = append(all, gatewayWith("gateway before", b.before, append(unlimited, args...)...))
	}
	return all
}

func (b *bench) withoutCache() subject {
	return gatewayWith("gateway without a cache", b.gateway, append(unlimited, "--cache-bytes=0")...)
}

func (b *bench) subjects() []subject {
	return append(b.gateways(), b.withoutCache(), subject{name: plainFacade, start: peer("facade")},
		subject{name: bareProxy, start: peer("proxy"), rest: true})
}

// The names of the peers.
const (
	plainFacade = "plain facade"
	bareProxy   = "bare proxy"
)

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
		{
			0, work{
				name: "20 neighbours of 50 000, 0 ms", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20),
			},
		},
		{
			0, work{
				name: "the same, ids as literals", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20),
				literals: true,
			},
		},
		{
			20 * time.Millisecond, work{
				name: "20 neighbours of 50 000, 20 ms", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20),
			},
		},
		{0, work{name: "1 finished job again, 0 ms", jobs: 1, queries: 20_000, pick: again}},
		{
			0, work{
				name: "20 of the newest 100, each cluster once, 0 ms", jobs: 20, queries: 2000, pick: inWindows(100, 20),
				eachCluster: true,
			},
		},
		{
			20 * time.Millisecond, work{
				name: "20 of the newest 100, each cluster once, 20 ms", jobs: 20, queries: 2000, pick: inWindows(100, 20),
				eachCluster: true,
			},
		},
		{
			100 * time.Millisecond, work{
				name: "1 job of 50 000, 100 ms", jobs: 1, queries: 4000, pick: inWindows(clusterJobs, 1),
			},
		},
		{
			100 * time.Millisecond, work{
				name: "1 job that is gone, 100 ms", jobs: 1, queries: 2000, pick: inWindows(clusterJobs, 1), gone: true,
			},
		},
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
	if w.eachCluster || w.gone {
		// The facade has neither the field nor an error that says so.
		subjects = slices.DeleteFunc(subjects, func(s subject) bool { return s.name == plainFacade })
	}
	return b.measure(ctx, w, subjects, atlas, ids)
}

// measure is compare for some subjects.
func (b *bench) measure(ctx context.Context, w work, subjects []subject, atlas *process, ids []string) error {
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
	b.print(w.name, subjects, all)
	return nil
}

// print prints the medians of one work, beside those of the bare proxy, the plain facade and the gateway before where
// they did it.
func (b *bench) print(name string, subjects []subject, all [][]result) {
	medians, facade, proxy, before := make([]result, len(subjects)), result{}, result{}, result{}
	for i, s := range subjects {
		medians[i] = median(all[i])
		switch s.name {
		case plainFacade:
			facade = medians[i]
		case bareProxy:
			proxy = medians[i]
		case "gateway before":
			before = medians[i]
		}
	}
	ratio := func(a, b float64) string {
		if b == 0 {
			return ""
		}
		return strconv.FormatFloat(a/b, 'f', 2, 64)
	}
	fmt.Fprintf(b.out, "%s\n\n| | of the proxy's rate | queries/s | p50 ms | p99 ms | of the proxy's p99 | CPU µs/query "+
		"| of the facade's CPU "+
		"| of the CPU before | calls/query | peak MiB |\n|---|---|---|---|---|---|---|---|---|---|---|\n", name)
	for i, s := range subjects {
		r := medians[i]
		fmt.Fprintf(b.out, "| %s | %s | %.0f | %s | %s | %s | %d | %s | %s | %.2f | %d |\n", s.name,
			ratio(r.rate, proxy.rate), r.rate, ms(r.p50), ms(r.p99),
			ratio(float64(r.p99), float64(proxy.p99)), r.cpu.Microseconds(), ratio(float64(r.cpu), float64(facade.cpu)),
			ratio(float64(r.cpu), float64(before.cpu)), r.calls, r.peak>>20)
	}
	fmt.Fprintln(b.out)
}

// cached prints what twenty jobs cost that were read before, in each way in which they can be asked for.
func (b *bench) cached(ctx context.Context) error {
	atlas, ids, err := startAtlas(ctx, clusterJobs)
	if err != nil {
		return err
	}
	defer atlas.stop()
	// Longer than a run takes, so that no list is read again.
	subjects := b.gateways("--cache-running=1m")
	for _, selection := range []string{"", asList, asEntities, asProjectList} {
		w := work{
			name: "20 jobs as aliases", jobs: 20, queries: 5000, clients: clients, selection: selection,
			pick: func(int) int { return 0 },
		}
		if selection != "" {
			w.name = "20 jobs as " + selection
		}
		if !strings.Contains(w.name, b.work) {
			continue
		}
		if err := b.measure(ctx, w, subjects, atlas, ids); err != nil {
			return err
		}
	}
	return nil
}

// run starts the subject with an empty cache and sends it the work.
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
	warm.queries, warm.pick, warm.eachCluster, warm.gone = 3*w.clients, func(int) int { return len(ids) - warm.jobs },
		false, false
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

// startAtlas starts the Atlas simulator, and reads the ids of its jobs, newest first.
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
		req, err := http.NewRequestWithContext(ctx, http.MethodGet,
			fmt.Sprintf("%s%s?itemsPerPage=500&pageNum=%d", base, restoreJobs, page), http.NoBody)
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
