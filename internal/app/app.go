package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/httpserver"
	"atlas-restore-gateway/internal/logwriter"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/telemetry"
)

// Run is the whole program. It executes the command that args begin with, or serves until ctx ends. The
// entries of environ are NAME=value.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	name, args, err := config.ParseCommand(args, stdout)
	switch {
	case errors.Is(err, config.ErrHelp):
		return nil
	case err != nil:
		return err
	case name != "":
		return commands[name](args, stdout)
	}
	cfg, err := config.Parse(args, environ, stdout)
	if errors.Is(err, config.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	return runGateway(ctx, cfg, config.Getenv(environ), stdout, stderr)
}

// commands are what executes each of config.Commands.
var commands = map[string]func(args []string, stdout io.Writer) error{config.TokenCommand: makeToken}

// runGateway wires the gateway, serves until ctx ends, and stops. When it returns, everything that it started has
// ended. While it serves, stderr is for the audit log alone.
func runGateway(ctx context.Context, cfg *config.Config, getenv func(string) string, stdout, stderr io.Writer) error {
	keepLimit := tuneCollector(getenv)
	output := logwriter.New(stdout, func(dropped uint64) []byte { return droppedLines(cfg, dropped) })
	defer output.Close()
	logger := newLogger(cfg, output)
	warnUnknown(cfg.Unknown, logger)

	up := backend{mode: gateway.ModeLive, credential: cfg.Credential, baseURL: cfg.BaseURL}
	if cfg.Demo {
		sim, err := startDemo(ctx)
		if err != nil {
			return err
		}
		defer sim.stop()
		up = sim.backend
	}
	var metrics *telemetry.Metrics // nil when nobody can read them
	if cfg.AdminListen != "" {
		metrics = telemetry.New()
	}
	read, err := newReading(cfg, up, getenv, metrics, logger)
	if err != nil {
		return err
	}
	defer read.close()
	admit, err := newAdmission(cfg, read.projects, stderr, logger)
	if err != nil {
		return err
	}
	defer admit.close()
	pages, err := newPages(cfg, up)
	if err != nil {
		return err
	}
	origins := gateway.CORS{Allowed: cfg.Origins(), Credentials: cfg.CORSCredentials}
	if err := origins.Check(); err != nil {
		return fmt.Errorf("--cors-origins: %w", err)
	}
	gwConfig := gateway.Config{
		Mode:               up.mode,
		Reader:             read.reader,
		Logger:             logger,
		Access:             admit.Access,
		Concurrency:        cfg.AtlasConcurrency,
		MaxRequestBytes:    cfg.MaxRequestBody,
		OperationTimeout:   cfg.OperationTimeout,
		CORS:               origins,
		Cache:              cacheScopes[cfg.HTTPCache],
		NoCompression:      !cfg.Compression,
		Limits:             cfg.DocumentLimits(),
		MaxCost:            cfg.MaxCost,
		Credentials:        read.asked,
		MaxAnswerFields:    cfg.MaxAnswerFields,
		MaxAnswerBytes:     cfg.MaxAnswerBytes,
		MaxAnswerMemory:    cfg.MaxAnswerMemory,
		WarnLimits:         cfg.Limits.Limits == config.LimitsWarn,
		Introspection:      cfg.Introspection == config.On || cfg.Introspection == config.Auto && cfg.Demo,
		DocumentBytes:      cfg.DocumentCacheBytes,
		NoPersistedQueries: !cfg.PersistedQueries,
		TrustedDocuments:   cfg.Trusted,
		Trust:              cfg.Trust(),
		Playground:         pages.playground,
		Dashboard:          pages.dashboard,
	}
	if metrics != nil {
		gwConfig.Metrics = metrics
		metrics.Watch(read.counted)
		metrics.WatchLog(output.Dropped)
	}
	gw, err := gateway.New(gwConfig)
	if err != nil {
		return err
	}
	if metrics != nil {
		metrics.WatchAnswers(func() (int64, uint64, uint64) {
			s := gw.AnswerStats()
			return s.Bytes, s.Cut, s.Refused
		})
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w (choose another address with --listen)", cfg.Listen, err)
	}
	if err := checkReach(cfg, listener.Addr()); err != nil {
		_ = listener.Close()
		return err
	}
	if metrics != nil {
		admin, err := httpserver.StartAdmin(ctx, httpserver.AdminConfig{
			Address: cfg.AdminListen, Metrics: metrics.Handler(logger), Gateway: gw, CheckHost: authn.CheckLoopbackHost,
		}, logger)
		if err != nil {
			_ = listener.Close()
			return err
		}
		defer admin.Close()
	}
	announce(output, cfg, logger, listener.Addr(), up, read.credential)

	var background sync.WaitGroup
	defer background.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	background.Go(func() { keepLimit(ctx) })
	background.Go(func() { read.check(ctx) })
	background.Go(func() { admit.check(ctx) })
	again := admit.again
	if read.again != nil {
		// Before the policy, which says something about projects.
		again = append([]reload.Source{read.again}, again...)
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGHUP)
	defer signal.Stop(told)
	background.Go(func() { reload.Run(ctx, told, reload.Interval, again, logger) })
	return httpserver.Serve(ctx, listener, gw, httpserver.Config{
		Certificate: admit.certificate, H2C: cfg.H2C, IdleTimeout: cfg.IdleTimeout, MaxHeaderBytes: cfg.MaxHeaderBytes,
		ShutdownDelay: cfg.ShutdownDelay, ShutdownGrace: cfg.ShutdownGrace,
	}, logger)
}

// backend is what the gateway stands before: Atlas, or the simulator.
type backend struct {
	mode       gateway.Mode
	credential atlas.Credential
	baseURL    string
	examples   []example
}

func newClient(cfg *config.Config, up backend, metrics *telemetry.Metrics, logger *slog.Logger) (*atlas.Client, error) {
	breaker := atlas.Breaker{} // never opens
	if cfg.AtlasBreaker {
		breaker = atlas.DefaultBreaker()
	}
	options := []atlas.Option{
		atlas.WithBaseURL(up.baseURL),
		atlas.WithTimeout(cfg.AtlasTimeout),
		atlas.WithMaxBodyBytes(cfg.AtlasMaxBody),
		atlas.WithEnvelope(cfg.AtlasEnvelope),
		atlas.WithPretty(cfg.AtlasPretty),
		atlas.WithRetries(cfg.AtlasRetries),
		atlas.WithBudget(cfg.AtlasBudget),
		atlas.WithBreaker(breaker),
		atlas.WithLogger(logger),
	}
	if metrics != nil {
		options = append(options, atlas.WithRequestObserver(metrics.AtlasRequest))
	}
	client, err := atlas.New(up.credential, options...)
	if err != nil {
		return nil, fmt.Errorf("%w (see MONGODB_ATLAS_BASE_URL and the credential's variables)", err)
	}
	return client, nil
}

var cacheScopes = map[config.CacheScope]gateway.CacheScope{
	config.CachePrivate: gateway.CachePrivate, config.CachePublic: gateway.CachePublic, config.CacheOff: gateway.CacheOff,
}

func newLogger(cfg *config.Config, w io.Writer) *slog.Logger {
	return slog.New(gateway.LogHandler(newHandler(cfg, w)))
}

func newHandler(cfg *config.Config, w io.Writer) slog.Handler {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		options.ReplaceAttr = withUnit
		return slog.NewJSONHandler(w, options)
	}
	return slog.NewTextHandler(w, options)
}

// droppedLines is the line in the place of those that were dropped. It is there at every
// level: some of them may have been of that level.
func droppedLines(cfg *config.Config, dropped uint64) []byte {
	var line bytes.Buffer
	r := slog.NewRecord(time.Now(), slog.LevelWarn, fmt.Sprintf("%d log lines were dropped: what reads the log did not keep up, or it could not be written", dropped), 0)
	r.AddAttrs(slog.Uint64("dropped", dropped))
	_ = newHandler(cfg, &line).Handle(context.Background(), r)
	return line.Bytes()
}

// withUnit writes a duration as the text format does, such as "1.5ms". The JSON handler would write a number of
// nanoseconds, and nothing would say so.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}
