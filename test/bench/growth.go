package main

import (
	"context"
	"fmt"
)

// viewers prints what it costs when many look at the same page at once, for a gateway
// that has seen nothing yet.
func (b *bench) viewers(ctx context.Context) error {
	atlas, ids, err := startAtlas(ctx, clusterJobs)
	if err != nil {
		return err
	}
	defer atlas.stop()
	w := work{name: "50 viewers", jobs: 50, queries: 50, clients: 50, pick: func(int) int { return 0 }, unseen: true}
	fmt.Fprintln(b.out, "| | calls in all | p50 ms | p99 ms | peak MiB |\n|---|---|---|---|---|")
	for _, s := range append(b.gateways(), b.withoutCache(), subject{name: plainFacade, start: peer("facade")}) {
		r, err := s.run(ctx, w, atlas, ids)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %.0f | %s | %s | %d |\n", s.name, r.calls*float64(w.queries), ms(r.p50), ms(r.p99),
			r.peak>>20)
	}
	return nil
}

// growth prints how the cost of the gateway grows with what is asked, with how much
// there is, and with how many ask. Nothing is kept: each query pays for itself.
func (b *bench) growth(ctx context.Context) error {
	gateway := b.withoutCache()
	const budget = 20_000 // jobs that a row asks for
	row := func(jobs, cluster, clients int) error {
		atlas, ids, err := startAtlas(ctx, cluster)
		if err != nil {
			return err
		}
		defer atlas.stop()
		w := work{
			name: "growth", jobs: jobs, queries: max(budget/jobs, 2*clients), clients: clients, pick: inWindows(cluster, jobs),
		}
		r, err := gateway.run(ctx, w, atlas, ids)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %d | %d | %d | %.0f | %s | %d | %.1f | %.2f | %d |\n", jobs, cluster, clients, r.rate,
			ms(r.p50), r.cpu.Microseconds(),
			float64(r.cpu.Microseconds())/float64(jobs), r.calls, r.peak>>20)
		return nil
	}
	fmt.Fprintln(b.out, "| jobs a query | jobs of the cluster | clients | queries/s | p50 ms | CPU µs/query | CPU "+
		"µs/job | calls/query | peak MiB |\n|---|---|---|---|---|---|---|---|---|")
	for _, x := range [][3]int{
		{1, 50_000, 32}, {5, 50_000, 32}, {20, 50_000, 32}, {100, 50_000, 32}, {500, 50_000, 32},
		{20, 100, 32}, {20, 1000, 32}, {20, 10_000, 32},
		{20, 50_000, 1}, {20, 50_000, 8}, {20, 50_000, 128}, {20, 50_000, 512},
	} {
		if err := row(x[0], x[1], x[2]); err != nil {
			return err
		}
	}
	return nil
}
