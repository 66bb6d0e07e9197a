package app

import (
	"context"
	"log/slog"
	"strconv"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/telemetry"
	"atlas-restore-gateway/internal/upstream"
)

// reading is what reads from Atlas: with one credential, with several, or with the
// callers' own.
type reading struct {
	reader loader.Reader
	// credential is what logs say of the credentials.
	credential string
	// projects are those that can be read at all; nil when that cannot be told.
	projects func() []string
	// again is what of it can be read again; nil when nothing can.
	again reload.Source
	// asked is how many credentials are asked for what no project says; nil for a single one.
	asked func() (listed, searched int)
	// check asks Atlas whether it accepts the credentials, and logs what it says.
	check func(context.Context)
	// counted are the clients and services by what metrics call their credentials.
	counted func() map[string]telemetry.Upstream
	close   func()
}

func newReading(cfg *config.Config, up backend, getenv func(string) string, metrics *telemetry.Metrics, logger *slog.Logger) (*reading, error) {
	keep := cfg.Keep()
	if cfg.Has(authz.Passthrough) {
		// Atlas decides about each token, and so it must be asked each time.
		keep = restore.CacheSettings{}
	}
	build := func(credential atlas.Credential, baseURL string) (upstream.Upstream, error) {
		at := up
		at.credential = credential
		if baseURL != "" {
			at.baseURL = baseURL
		}
		client, err := newClient(cfg, at, metrics, logger)
		if err != nil {
			return upstream.Upstream{}, err
		}
		service, err := restore.NewService(client, restore.Options{Serverless: cfg.AtlasServerless, Cache: keep}, logger)
		if err != nil {
			client.Close()
			return upstream.Upstream{}, err
		}
		return upstream.Upstream{Client: client, Service: service}, nil
	}
	anyProject := func() []string { return nil }
	switch {
	case cfg.Has(authz.Passthrough):
		p := upstream.NewPassthrough(build, cfg.PassthroughTokens)
		return &reading{
			reader: p.Reader(), credential: "the callers' own", projects: anyProject,
			check: func(context.Context) {},
			// They come and go with the tokens, which are no labels.
			counted: func() map[string]telemetry.Upstream { return nil },
			close:   p.Close,
		}, nil
	case cfg.AtlasCredentials != "":
		held, err := upstream.LoadFile(cfg.AtlasCredentials, getenv, build)
		if err != nil {
			return nil, err
		}
		return &reading{
			reader: held.Reader(), credential: strconv.Itoa(len(held.Upstreams())) + " of " + cfg.AtlasCredentials, projects: held.Projects, again: held,
			asked: held.Asked,
			check: func(ctx context.Context) {
				for name, one := range held.Upstreams() {
					checkCredential(ctx, one.Client, checked{name: name, baseURL: one.Client.BaseURL(), where: name + " in " + cfg.AtlasCredentials}, logger)
				}
			},
			counted: func() map[string]telemetry.Upstream {
				all := make(map[string]telemetry.Upstream)
				for name, one := range held.Upstreams() {
					all[name] = telemetry.Upstream{Client: one.Client, Service: one.Service}
				}
				return all
			},
			close: held.Close,
		}, nil
	default:
		one, err := build(up.credential, "")
		if err != nil {
			return nil, err
		}
		kind := up.credential.Kind()
		return &reading{
			reader: one.Service, credential: kind, projects: anyProject,
			check: func(ctx context.Context) {
				checkCredential(ctx, one.Client, checked{name: kind, baseURL: up.baseURL, where: credentialVariables(up.credential)}, logger)
			},
			counted: func() map[string]telemetry.Upstream {
				return map[string]telemetry.Upstream{"": {Client: one.Client, Service: one.Service}}
			},
			close: func() {
				one.Service.Close()
				one.Client.Close()
			},
		}, nil
	}
}
