package app

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/replica"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/telemetry"
	"atlas-restore-gateway/internal/upstream"
)

// upstreams reads from Atlas: with a single credential, with those of a file, or with the tokens of the callers.
type upstreams interface {
	Reader() loader.Reader
	// Live returns what subscriptions read from.
	Live() (gateway.Live, error)
	// Upstreams returns the clients and services by the names of their credentials; the name of a single one is empty.
	// The tokens of callers have no names and are not returned.
	Upstreams() map[string]upstream.Upstream
	// Description is what the log says of the credentials.
	Description() string
	// Projects returns the projects that can be read at all; nil when they are not known.
	Projects() []string
	// Asked returns how many credentials are asked when all projects are listed, and how many are asked which of them
	// has a project that no credential names.
	Asked() (listed, searched int)
	// Checks returns the checks of the credentials.
	Checks() []credentialCheck
	// Sources returns what can be reloaded.
	Sources() []reload.Source
	Close()
}

// newUpstreams returns the upstreams that the settings name. Close must be called.
func newUpstreams(
	cfg *config.Config, target *target, getenv func(string) string,
	replicas *replica.Redis, metrics *telemetry.Metrics, logger *slog.Logger,
) (upstreams, error) {
	build := func(credential atlas.Credential, baseURL string) (upstream.Upstream, error) {
		if baseURL == "" {
			baseURL = target.baseURL
		}
		return newUpstream(cfg, credential, baseURL, replicas, metrics, logger)
	}
	switch {
	case cfg.Has(authz.Passthrough):
		return passthroughUpstreams{Passthrough: upstream.NewPassthrough(build, cfg.PassthroughTokens)}, nil
	case cfg.AtlasCredentials != "":
		file, err := upstream.LoadFile(cfg.AtlasCredentials, getenv, build)
		if err != nil {
			return nil, err
		}
		return fileUpstreams{file, cfg.AtlasCredentials}, nil
	default:
		single, err := build(target.credential, "")
		if err != nil {
			return nil, err
		}
		return singleUpstream{Upstream: single, credential: target.credential}, nil
	}
}

// newUpstream returns a client of Atlas and a service that reads with it.
func newUpstream(
	cfg *config.Config, credential atlas.Credential, baseURL string,
	replicas *replica.Redis, metrics *telemetry.Metrics, logger *slog.Logger, more ...atlas.Option,
) (upstream.Upstream, error) {
	shared := replicated{replicas, baseURL, atlas.Fingerprint(credential)}
	client, err := newClient(cfg, credential, baseURL, shared, metrics, logger, more...)
	if err != nil {
		return upstream.Upstream{}, err
	}
	cache := cfg.CacheSettings()
	if cfg.Has(authz.Passthrough) {
		// Atlas authorizes each token, and so it must be asked each time.
		cache = restore.CacheSettings{}
	}
	service, err := restore.NewService(client, restore.Options{
		Serverless: cfg.AtlasServerless, Cache: cache, Shared: shared.results(cache, cfg.AtlasServerless),
		Polls: shared.polls(cache, cfg.AtlasServerless),
	}, logger)
	if err != nil {
		client.Close()
		return upstream.Upstream{}, err
	}
	return upstream.Upstream{Client: client, Service: service}, nil
}

func newClient(
	cfg *config.Config, credential atlas.Credential, baseURL string,
	shared replicated, metrics *telemetry.Metrics, logger *slog.Logger, more ...atlas.Option,
) (*atlas.Client, error) {
	breaker := atlas.Breaker{} // never opens
	if cfg.AtlasBreaker {
		breaker = atlas.DefaultBreaker()
	}
	options := []atlas.Option{
		atlas.WithBaseURL(baseURL),
		atlas.WithTimeout(cfg.AtlasTimeout),
		atlas.WithMaxBodyBytes(cfg.AtlasMaxBody),
		atlas.WithEnvelope(cfg.AtlasEnvelope),
		atlas.WithPretty(cfg.AtlasPretty),
		atlas.WithRetries(cfg.AtlasRetries),
		atlas.WithBudget(cfg.AtlasBudget),
		atlas.WithBreaker(breaker),
		atlas.WithSharedBudget(shared.budget()),
		atlas.WithTraceContext(cfg.AtlasTraceContext),
		atlas.WithLogger(logger),
	}
	if metrics != nil {
		options = append(options, atlas.WithRequestObserver(metrics.AtlasRequest))
	}
	client, err := atlas.New(credential, append(options, more...)...)
	if err != nil {
		return nil, fmt.Errorf("%w (see MONGODB_ATLAS_BASE_URL and the credential's variables)", err)
	}
	return client, nil
}

// singleUpstream reads with one credential.
type singleUpstream struct {
	upstream.Upstream

	credential atlas.Credential
}

func (u singleUpstream) Reader() loader.Reader       { return u.Service }
func (u singleUpstream) Live() (gateway.Live, error) { return u.Service.Live() }

func (u singleUpstream) Upstreams() map[string]upstream.Upstream {
	return map[string]upstream.Upstream{"": u.Upstream}
}

func (u singleUpstream) Description() string    { return u.credential.Kind() }
func (singleUpstream) Projects() []string       { return nil }
func (singleUpstream) Asked() (_, _ int)        { return 1, 0 }
func (singleUpstream) Sources() []reload.Source { return nil }
func (u singleUpstream) Checks() []credentialCheck {
	return []credentialCheck{{name: u.credential.Kind(), client: u.Client, location: variablesOf(u.credential)}}
}

func (u singleUpstream) Close() {
	u.Service.Close()
	u.Client.Close()
}

// fileUpstreams reads with the credentials of a file.
type fileUpstreams struct {
	*upstream.FileCredentials

	path string
}

func (u fileUpstreams) Reader() loader.Reader       { return u.FileCredentials.Reader() }
func (u fileUpstreams) Live() (gateway.Live, error) { return u.FileCredentials.Live(), nil }
func (u fileUpstreams) Description() string {
	return strconv.Itoa(len(u.Upstreams())) + " of " + u.path
}
func (u fileUpstreams) Sources() []reload.Source { return []reload.Source{u.FileCredentials} }

func (u fileUpstreams) Checks() []credentialCheck { return checksOf(u.FileCredentials, u.path) }

// checksOf returns the checks of the credentials of a file, by name.
func checksOf(file *upstream.FileCredentials, path string) (all []credentialCheck) {
	upstreams := file.Upstreams()
	for _, name := range slices.Sorted(maps.Keys(upstreams)) {
		c := credentialCheck{name: name, client: upstreams[name].Client, location: name + " in " + path}
		c.projects, c.organizations = file.Scope(name)
		all = append(all, c)
	}
	return all
}

// passthroughUpstreams reads with the tokens of the callers.
type passthroughUpstreams struct{ *upstream.Passthrough }

func (u passthroughUpstreams) Reader() loader.Reader                 { return u.Passthrough.Reader() }
func (u passthroughUpstreams) Live() (gateway.Live, error)           { return u.Passthrough.Live(), nil }
func (passthroughUpstreams) Upstreams() map[string]upstream.Upstream { return nil }
func (passthroughUpstreams) Description() string                     { return "the callers' own" }
func (passthroughUpstreams) Projects() []string                      { return nil }
func (passthroughUpstreams) Asked() (_, _ int)                       { return 1, 0 }
func (passthroughUpstreams) Checks() []credentialCheck               { return nil }
func (passthroughUpstreams) Sources() []reload.Source                { return nil }
