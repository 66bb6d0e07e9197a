// Package app wires the program together and runs it: it makes the parts from the settings of internal/config, starts
// them, serves until it is told to stop, and stops them in reverse. Nothing imports it but main.
package app

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/httpserver"
	"atlas-restore-gateway/internal/logwriter"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/telemetry"
)

// Run is the whole program. It executes the command that args begin with, or serves until ctx ends. The entries of
// environ are NAME=value.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	return run(ctx, args, environ, stdout, stderr, func(*config.Config) {})
}

// run is Run. It calls starting before it serves.
func run(
	ctx context.Context, args, environ []string, stdout, stderr io.Writer, starting func(*config.Config),
) error {
	name, args, err := config.ParseCommand(args, stdout)
	switch {
	case errors.Is(err, config.ErrHelp):
		return nil
	case err != nil:
		return err
	case name != "":
		return commands[name](ctx, args, environ, stdout)
	}
	cfg, err := config.Parse(args, environ, stdout)
	if errors.Is(err, config.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	starting(cfg)
	return runGateway(ctx, cfg, config.Getenv(environ), stdout, stderr)
}

// commands has the function of each of config.Commands.
var commands = map[string]func(ctx context.Context, args, environ []string, stdout io.Writer) error{
	config.TokenCommand:    func(_ context.Context, args, _ []string, stdout io.Writer) error { return makeToken(args, stdout) },
	config.CheckCommand:    checkConfig,
	config.DiagnoseCommand: diagnose,
	config.HealthCommand:   checkHealth,
	config.VersionCommand:  func(_ context.Context, args, _ []string, stdout io.Writer) error { return printVersion(args, stdout) },
}

// runGateway serves until ctx ends, and stops. When it returns, all that it started has ended. While it serves, only
// the audit log is written to stderr.
func runGateway(ctx context.Context, cfg *config.Config, getenv func(string) string, stdout, stderr io.Writer) error {
	memory := newMemoryLimit(getenv)
	output := logwriter.New(stdout, func(dropped uint64) []byte { return droppedLines(cfg, dropped) })
	defer output.Close()
	level := newLogLevel(cfg.LogLevel)
	logger := newLogger(cfg, level, output)
	warnUnknown(cfg.Unknown, logger)

	target, err := startTarget(ctx, cfg)
	if err != nil {
		return err
	}
	defer target.Close()
	var metrics *telemetry.Metrics // nil where no metrics are served or exported
	if cfg.AdminListen != "" || telemetry.ExportsMetrics(getenv) {
		metrics = telemetry.New()
	}
	export, err := telemetry.StartExport(ctx, getenv, metrics, logger)
	if err != nil {
		return err
	}
	defer export.Close()
	replicas, err := newReplicas(cfg, logger)
	if err != nil {
		return err
	}
	if replicas != nil {
		defer replicas.Close()
	}
	upstreams, err := newUpstreams(cfg, target, getenv, replicas, metrics, logger)
	if err != nil {
		return err
	}
	defer upstreams.Close()
	auth, err := newAuth(cfg, upstreams.Projects, replicas, stderr, logger)
	if err != nil {
		return err
	}
	defer auth.Close()
	actors, err := newActors(cfg, target, getenv, upstreams, replicas, metrics, logger)
	if err != nil {
		return err
	}
	defer actors.Close()
	gw, err := newGateway(cfg, target, upstreams, actors, auth, sharedTexts(replicas), metrics, export.Tracer, logger)
	if err != nil {
		return err
	}
	defer gw.Close()
	listener, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	defer listener.Close()
	if metrics != nil {
		watchMetrics(metrics, upstreams, gw, replicas, output)
	}
	if cfg.AdminListen != "" {
		admin, err := httpserver.StartAdmin(ctx, httpserver.AdminConfig{
			Address: cfg.AdminListen, Metrics: metrics.Handler(logger), Gateway: gw, CheckHost: authn.CheckLoopbackHost,
			Actions: actors.handler(), Debug: debugHandler(cfg, auth.admin, level, logger),
		}, logger)
		if err != nil {
			return err
		}
		defer admin.Close()
	}
	toggle := make(chan os.Signal, 1)
	notifyToggle(toggle)
	defer signal.Stop(toggle)
	printBanner(output, cfg, logger, listener.Addr(), target, upstreams.Description())

	var background sync.WaitGroup
	defer background.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	background.Go(func() { memory.Run(ctx) })
	background.Go(func() {
		for _, c := range append(upstreams.Checks(), actors.Checks()...) {
			c.run(ctx, logger)
		}
	})
	background.Go(func() { auth.Check(ctx) })
	background.Go(func() { level.toggleAt(ctx, toggle, logger) })
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	// Credentials first: the policy, which is the last source of auth, is checked against their projects.
	sources := slices.Concat(upstreams.Sources(), actors.Sources(), auth.Sources())
	background.Go(func() { reload.Run(ctx, hangup, reload.Interval, sources, logger) })
	return httpserver.Serve(ctx, listener, gw, httpserver.Config{
		Certificate: auth.certificate, H2C: cfg.H2C, IdleTimeout: cfg.IdleTimeout, MaxHeaderBytes: cfg.MaxHeaderBytes,
		ShutdownDelay: cfg.ShutdownDelay, ShutdownGrace: cfg.ShutdownGrace,
	}, logger)
}
