package main

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// runReceiver runs a receiver of OTLP that reads what it gets, and nothing more.
func runReceiver(ctx context.Context) error {
	return serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}), "")
}

// tracing is the gateway that exports traces of a part of the operations to a receiver.
func (b *bench) tracing(name, ratio string) subject {
	return subject{name: name, start: func(ctx context.Context, target string) (*process, error) {
		receiver, err := startRole(ctx, "receiver", "")
		if err != nil {
			return nil, err
		}
		gateway, err := startGatewayWith(ctx, []string{
			"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + receiver.url, "OTEL_TRACES_SAMPLER=parentbased_traceidratio",
			"OTEL_TRACES_SAMPLER_ARG=" + ratio,
		}, b.gateway, target, unlimited...)
		if err != nil {
			receiver.stop()
			return nil, err
		}
		gateway.with = receiver
		return gateway, nil
	}}
}

// traces prints what traces cost: none, those of one operation in a hundred, and those of all.
func (b *bench) traces(ctx context.Context) error {
	atlas, ids, err := startAtlas(ctx, clusterJobs)
	if err != nil {
		return err
	}
	defer atlas.stop()
	subjects := append(b.gateways(), b.tracing("traces of 1 %", "0.01"), b.tracing("traces of all", "1"))
	for _, w := range []work{
		{name: "1 finished job again", jobs: 1, queries: 20_000, pick: func(int) int { return 100 }},
		{name: "20 neighbours of 50 000", jobs: 20, queries: clusterJobs / 20, pick: inWindows(clusterJobs, 20)},
	} {
		if !strings.Contains(w.name, b.work) {
			continue
		}
		w.clients = clients
		if err := b.measure(ctx, w, subjects, atlas, ids); err != nil {
			return err
		}
	}
	return nil
}
