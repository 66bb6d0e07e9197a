package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
)

// checkConfig checks the settings and the files that they name, without any network. It returns every mistake.
func checkConfig(_ context.Context, args, environ []string, stdout io.Writer) error {
	cfg, err := config.Read(args, environ, stdout)
	switch {
	case errors.Is(err, config.ErrHelp):
		return nil
	case cfg == nil:
		return err
	}
	if err := config.Join(err, checkFiles(cfg, config.Getenv(environ))); err != nil {
		return err
	}
	set := 0
	for _, s := range cfg.Settings() {
		if s.Source != config.DefaultSource && s.Name != config.FileSetting {
			set++
		}
	}
	_, err = fmt.Fprintf(stdout, "the settings are valid: %d are set\n", set)
	return err
}

// checkFiles reads the files that the settings name, as a gateway that starts does. The policy is checked against the
// tokens and routers of their files, so that it is not checked where those have mistakes.
func checkFiles(cfg *config.Config, getenv func(string) string) error {
	logger := slog.New(slog.DiscardHandler)
	target := &target{mode: gateway.ModeLive, credential: cfg.Credential, baseURL: cfg.BaseURL}
	if target.credential == nil {
		// The demo's, or none because that is one of the mistakes: nothing is sent.
		target.credential, target.actions = atlas.AccessToken{Token: "unused"}, atlas.AccessToken{Token: "unused"}
	}
	var errs []error
	if cfg.ReplicaRedis != "" {
		_, err := replicaConfig(cfg, logger)
		errs = append(errs, err)
	}
	errs = append(errs, checkOrigins(cfg))
	if address, err := net.ResolveTCPAddr("tcp", numeric(cfg.Listen)); err != nil {
		errs = append(errs, fmt.Errorf("--listen=%s is no HOST:PORT: %w", cfg.Listen, err))
	} else {
		errs = append(errs, checkExposure(cfg, address))
	}
	projects := func() []string { return nil }
	upstreams, err := newUpstreams(cfg, target, getenv, nil, nil, logger)
	if errs = append(errs, err); err == nil {
		defer upstreams.Close()
		projects = upstreams.Projects
	}
	actors, err := newActors(cfg, target, getenv, upstreams, nil, nil, logger)
	errs = append(errs, err)
	defer actors.Close()
	withoutAudit := *cfg
	withoutAudit.AuditLog = "-" // a file would be made
	auth, err := newAuth(&withoutAudit, projects, nil, io.Discard, logger)
	if errs = append(errs, err); err == nil {
		auth.Close()
	}
	return errors.Join(errs...)
}

// numeric returns the address with a host that no name server is asked for: a name stands for a host that others reach.
func numeric(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" || host == "" || net.ParseIP(host) != nil {
		return address
	}
	return net.JoinHostPort("0.0.0.0", port)
}
