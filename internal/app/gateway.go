package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/logwriter"
	"atlas-restore-gateway/internal/replica"
	"atlas-restore-gateway/internal/telemetry"
)

// newGateway returns the handler of GraphQL and of the pages.
func newGateway(
	cfg *config.Config, target *target, upstreams upstreams, actors *actors, auth *auth, texts document.SharedTexts,
	metrics *telemetry.Metrics, tracer trace.Tracer, logger *slog.Logger,
) (*gateway.Gateway, error) {
	pages, err := newPages(cfg, target, auth)
	if err != nil {
		return nil, err
	}
	if err := checkOrigins(cfg); err != nil {
		return nil, err
	}
	live, err := upstreams.Live()
	if err != nil {
		return nil, err
	}
	c := gateway.Config{
		Mode:               target.mode,
		Reader:             upstreams.Reader(),
		Live:               live,
		Streams:            cfg.StreamSettings(),
		Logger:             logger,
		Access:             &auth.Access,
		Concurrency:        cfg.AtlasConcurrency,
		MaxRequestBytes:    cfg.MaxRequestBody,
		OperationTimeout:   cfg.OperationTimeout,
		CORS:               corsOf(cfg),
		Cache:              cfg.HTTPCache,
		NoCompression:      !cfg.Compression,
		Limits:             cfg.DocumentLimits(),
		MaxCost:            cfg.MaxCost,
		Credentials:        upstreams.Asked,
		MaxAnswerFields:    cfg.MaxAnswerFields,
		MaxAnswerBytes:     cfg.MaxAnswerBytes,
		MaxAnswerMemory:    cfg.MaxAnswerMemory,
		WarnLimits:         cfg.Limits.Limits == config.LimitsWarn,
		PlainSDL:           !cfg.SDLAuthorization,
		Introspection:      cfg.Introspection.IsOn(cfg.Demo),
		DocumentBytes:      cfg.DocumentCacheBytes,
		NoPersistedQueries: !cfg.PersistedQueries,
		SharedTexts:        texts,
		TrustedDocuments:   cfg.Trusted,
		Trust:              cfg.Trust(),
		Playground:         pages.playground,
		PlaygroundSchema:   pages.playgroundSchema,
		Dashboard:          pages.dashboard,
		Actions:            actors.gateway(),
		Tracer:             tracer,
	}
	if metrics != nil {
		c.Metrics = metrics
	}
	return gateway.New(c)
}

func corsOf(cfg *config.Config) gateway.CORS {
	return gateway.CORS{Allowed: cfg.Origins(), Credentials: cfg.CORSCredentials}
}

// checkOrigins returns the mistakes in the settings that name origins.
func checkOrigins(cfg *config.Config) error {
	var errs []error
	if err := corsOf(cfg).Check(); err != nil {
		errs = append(errs, fmt.Errorf("--cors-origins: %w", err))
	}
	if err := cfg.StreamSettings().Check(); err != nil {
		errs = append(errs, fmt.Errorf("--callback-origins: %w", err))
	}
	return config.Join(errs...)
}

// watchMetrics has metrics read the counters of the upstreams, the log and the gateway.
func watchMetrics(metrics *telemetry.Metrics,
	upstreams upstreams, gw *gateway.Gateway, replicas *replica.Redis, output *logwriter.Writer) {
	if replicas != nil {
		metrics.WatchReplicas(func() telemetry.Replicas {
			s := replicas.Stats()
			return telemetry.Replicas{
				Up: s.Up, Live: s.Replicas, Messages: s.Messages, Waited: s.Waited,
				Commands: map[string]uint64{"answered": s.Commands, "failed": s.Failed, "skipped": s.Skipped},
				Values:   map[string]uint64{"dropped": s.Dropped, "unreadable": s.Unreadable},
			}
		})
	}
	metrics.Watch(func() map[string]telemetry.Upstream {
		watched := make(map[string]telemetry.Upstream)
		for name, u := range upstreams.Upstreams() {
			watched[name] = telemetry.Upstream{Client: u.Client, Service: u.Service}
		}
		return watched
	})
	metrics.WatchStreams(func() telemetry.Streams {
		s := gw.StreamStats()
		return telemetry.Streams{
			Open: s.Open, Ended: s.Ended, Events: s.Events, Stale: s.Stale, Dropped: s.Dropped, Pollers: s.Polls.Pollers,
			Polls: map[string]uint64{
				"changed": s.Polls.Changed, "unchanged": s.Polls.Unchanged, "failed": s.Polls.Failed,
				"deferred": s.Polls.Deferred, "adopted": s.Polls.Adopted,
			},
		}
	})
	metrics.WatchLog(output.Dropped)
	metrics.WatchAnswers(func() (int64, uint64, uint64) {
		s := gw.AnswerStats()
		return s.Bytes, s.Cut, s.Refused
	})
}

// listen listens on the public address, if the settings allow callers that it can be reached by.
func listen(ctx context.Context, cfg *config.Config) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w (choose another address with --listen)", cfg.Listen, err)
	}
	if err := checkExposure(cfg, listener.Addr()); err != nil {
		_ = listener.Close()
		return nil, err
	}
	return listener, nil
}
