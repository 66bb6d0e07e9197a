package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"atlas-restore-gateway/internal/access"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// The variables that hold Atlas's settings.
const (
	EnvPublicKey    = "MONGODB_ATLAS_PUBLIC_API_KEY"
	EnvPrivateKey   = "MONGODB_ATLAS_PRIVATE_API_KEY"
	EnvClientID     = "MONGODB_ATLAS_CLIENT_ID"
	EnvClientSecret = "MONGODB_ATLAS_CLIENT_SECRET" //nolint:gosec // the name of a variable
	EnvAccessToken  = "MONGODB_ATLAS_ACCESS_TOKEN"  //nolint:gosec // the name of a variable
	EnvBaseURL      = "MONGODB_ATLAS_BASE_URL"
)

// Config is everything that can be set.
type Config struct {
	Listen           string                 `help:"Address to serve on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	AdminListen      string                 `help:"Address to serve metrics (/metrics) and health on, never to the public; none when empty." placeholder:"HOST:PORT"`
	Demo             bool                   `help:"Serve made-up jobs from an Atlas simulator inside this process; needs no credential."`
	Playground       Switch                 `help:"Whether the playground is served at /: auto is on in demo mode and off else." default:"auto" placeholder:"auto|on|off"`
	LogLevel         slog.Level             `help:"Least level that is logged: debug, info, warn or error." default:"info"`
	LogFormat        string                 `help:"How to log: text or json." enum:"text,json" default:"text"`
	AtlasTimeout     time.Duration          `help:"Longest time for one call of Atlas, from 100ms to 5m." default:"20s"`
	AtlasMaxBody     int64                  `help:"Largest answer taken from Atlas, in bytes." default:"8388608" placeholder:"BYTES"`
	AtlasConcurrency int                    `help:"Calls of Atlas that one operation has under way at once, from 1 to 64." default:"16" placeholder:"N"`
	AtlasServerless  restore.ServerlessMode `help:"Whether to ask the serverless API, which Atlas retired: auto asks it while it lives, on asks no other for serverless jobs, off never asks it." default:"auto" placeholder:"auto|on|off"`
	AtlasRetries     int                    `help:"Attempts that may follow one that failed in passing (429 with a short wait, 502, 503, 504, no connection, no answer or half of one), from 0 to 5." default:"2" placeholder:"N"`
	AtlasBudget      bool                   `help:"Refuse calls when what Atlas allows a project is nearly spent, instead of spending the last of it." default:"true" negatable:""`
	AtlasBreaker     bool                   `help:"Leave an API of Atlas alone for a while when it keeps failing." default:"true" negatable:""`
	CacheBytes       int64                  `help:"How much of Atlas's answers is kept, in bytes, about; 0 keeps nothing." default:"16777216" placeholder:"BYTES"`
	CacheFinal       time.Duration          `help:"How long a job or a snapshot is kept that has come to its end, up to 1h." default:"5m"`
	CacheRunning     time.Duration          `help:"How long everything else is kept, and so how long a change may stay unseen, up to 1m." default:"2s"`
	CacheMissing     time.Duration          `help:"How long it is kept that something does not exist, up to 1m." default:"1s"`
	AtlasEnvelope    bool                   `help:"Ask Atlas to repeat the status in the body, for networks whose proxies hide it."`
	AtlasPretty      bool                   `help:"Ask Atlas for indented bodies, to be read on the wire."`
	ShutdownDelay    time.Duration          `help:"How long requests are still taken after SIGTERM, while /health/ready says no: the time that a load balancer needs to see it." default:"0s"`
	ShutdownGrace    time.Duration          `help:"How long requests under way may go on after SIGTERM." default:"15s"`
	HTTP             `embed:"" group:"HTTP"`
	Limits           `embed:"" group:"Limits"`
	Documents        `embed:"" group:"Documents"`
	Access           `embed:"" group:"Access"`

	// Credential is nil in demo mode, and where there are several or the callers' own.
	Credential atlas.Credential `kong:"-"`
	// BaseURL is where Atlas is; empty in demo mode.
	BaseURL string `kong:"-"`
}

// ErrHelp is returned when the help was asked for and has been printed.
var ErrHelp = errors.New("help was asked for")

const description = "Serves MongoDB Atlas backup restore jobs as GraphQL.\n\n" +
	"With an Atlas credential in the environment it serves Atlas: " + EnvPublicKey + " and " + EnvPrivateKey + " (API key), or " +
	EnvClientID + " and " + EnvClientSecret + " (service account), or " + EnvAccessToken + ". " +
	EnvBaseURL + " names another Atlas than " + atlas.DefaultBaseURL + ". --atlas-credentials names several credentials. Without one, start it with --demo."

// Parse reads args and the environment. Errors are one line and say what to do.
func Parse(args []string, getenv func(string) string, stdout io.Writer) (*Config, error) {
	c := &Config{}
	helped := false
	parser, err := kong.New(c,
		kong.Name("atlas-restore-gateway"),
		kong.Description(description),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(getenv)),
		kong.ValueFormatter(withEnvironment),
	)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	_, err = parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, fmt.Errorf("%s (--help lists the flags)", oneLine(err))
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.BaseURL = getenv(EnvBaseURL)
	if c.Credential, err = credential(getenv, c.holder()); err != nil {
		return nil, err
	}
	if c.BaseURL == "" {
		c.BaseURL = atlas.DefaultBaseURL
	}
	return c, nil
}

// check holds the bounds that a type cannot.
func (c *Config) check() error {
	switch {
	case c.AdminListen != "" && c.AdminListen == c.Listen && !strings.HasSuffix(c.Listen, ":0"):
		return fmt.Errorf("--admin-listen must be another address than --listen, which is %s: metrics are not for the public", c.Listen)
	case c.AtlasTimeout < atlas.MinTimeout || c.AtlasTimeout > atlas.MaxTimeout:
		return fmt.Errorf("--atlas-timeout must be from %s to %s, not %s", atlas.MinTimeout, atlas.MaxTimeout, c.AtlasTimeout)
	case c.AtlasMaxBody < atlas.MinMaxBodyBytes || c.AtlasMaxBody > atlas.MaxMaxBodyBytes:
		return fmt.Errorf("--atlas-max-body must be from %d to %d bytes, not %d", atlas.MinMaxBodyBytes, atlas.MaxMaxBodyBytes, c.AtlasMaxBody)
	case c.AtlasConcurrency < 1 || c.AtlasConcurrency > 64:
		return fmt.Errorf("--atlas-concurrency must be from 1 to 64, not %d", c.AtlasConcurrency)
	case c.AtlasRetries < 0 || c.AtlasRetries > atlas.MaxRetries:
		return fmt.Errorf("--atlas-retries must be from 0 to %d, not %d", atlas.MaxRetries, c.AtlasRetries)
	case c.CacheBytes < 0 || c.CacheBytes > 16<<30:
		return fmt.Errorf("--cache-bytes must be from 0 to %d, not %d", 16<<30, c.CacheBytes)
	case c.CacheFinal < 0 || c.CacheFinal > time.Hour:
		return fmt.Errorf("--cache-final must be from 0s to 1h, not %s", c.CacheFinal)
	case c.CacheRunning < 0 || c.CacheRunning > time.Minute:
		return fmt.Errorf("--cache-running must be from 0s to 1m, not %s", c.CacheRunning)
	case c.CacheMissing < 0 || c.CacheMissing > time.Minute:
		return fmt.Errorf("--cache-missing must be from 0s to 1m, not %s", c.CacheMissing)
	case c.ShutdownDelay < 0 || c.ShutdownDelay > 10*time.Minute:
		return fmt.Errorf("--shutdown-delay must be from 0s to 10m, not %s", c.ShutdownDelay)
	case c.ShutdownGrace < 0 || c.ShutdownGrace > 10*time.Minute:
		return fmt.Errorf("--shutdown-grace must be from 0s to 10m, not %s", c.ShutdownGrace)
	case c.HTTPCache == CachePublic && !slices.Equal(c.Methods(), []access.Method{access.None}):
		return fmt.Errorf("--http-cache=public and --auth=%s contradict each other: where callers are told apart an answer is for its caller alone; leave out --http-cache", c.Auth)
	case c.Demo && c.AtlasCredentials != "":
		return errors.New("--demo serves made-up jobs and takes no credential: leave out --demo or --atlas-credentials")
	case c.Demo && c.Has(access.Passthrough):
		return errors.New("--demo knows nobody's access token of Atlas: leave out --demo or --auth=passthrough")
	case c.AtlasCredentials != "" && c.Has(access.Passthrough):
		return errors.New("with --auth=passthrough the gateway holds no credential: leave out --atlas-credentials")
	}
	return cmp.Or(c.HTTP.check(), c.Limits.check(), c.Documents.check(), c.Access.check())
}

// holder is the flag that brings the credentials of Atlas, or does without; "" when one
// is to stand in the environment.
func (c *Config) holder() string {
	switch {
	case c.Demo:
		return "--demo"
	case c.AtlasCredentials != "":
		return "--atlas-credentials"
	case c.Has(access.Passthrough):
		return "--auth=passthrough"
	default:
		return ""
	}
}

// environment resolves a flag from GATEWAY_<FLAG>. A variable that is set to nothing
// counts as not set.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value := getenv(envName(flag.Name)); value != "" {
			return value, nil
		}
		return nil, nil //nolint:nilnil // kong's way of saying: not here
	})
}

func envName(flag string) string {
	return "GATEWAY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func withEnvironment(value *kong.Value) string {
	if value.Name == "help" {
		return value.Help
	}
	return value.Help + " [" + envName(value.Name) + "]"
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// Keep is what the settings of the cache say.
func (c *Config) Keep() restore.Keep {
	return restore.Keep{Bytes: c.CacheBytes, Final: c.CacheFinal, Running: c.CacheRunning, Missing: c.CacheMissing}
}
