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

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
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
	AdminListen      string                 `help:"Address to serve metrics (/metrics) and health on, never to the public." unset:"none" placeholder:"HOST:PORT"`
	Demo             bool                   `help:"Serve made-up jobs from an Atlas simulator inside this process; needs no credential."`
	Playground       Switch                 `help:"Whether the playground is served at /: auto is on in demo mode and off else." default:"auto" placeholder:"auto|on|off"`
	LogLevel         slog.Level             `help:"Least level that is logged." default:"info" placeholder:"debug|info|warn|error"`
	LogFormat        string                 `help:"How to log." enum:"text,json" default:"text" placeholder:"text|json"`
	AtlasTimeout     time.Duration          `help:"Longest time for one call of Atlas." default:"20s" bounds:"100ms..5m" placeholder:"TIME"`
	AtlasMaxBody     int64                  `help:"Largest answer taken from Atlas, in bytes." default:"8388608" bounds:"1024..268435456" placeholder:"BYTES"`
	AtlasConcurrency int                    `help:"Calls of Atlas that one operation has under way at once." default:"16" bounds:"1..64" placeholder:"N"`
	AtlasServerless  restore.ServerlessMode `help:"Whether to ask the serverless API, which Atlas retired: auto asks it while it lives, on asks no other for serverless jobs, off never asks it." default:"auto" placeholder:"auto|on|off"`
	AtlasRetries     int                    `help:"Attempts that may follow one that failed in passing (429 with a short wait, 502, 503, 504, no connection, no answer or half of one)." default:"2" bounds:"0..5" placeholder:"N"`
	AtlasBudget      bool                   `help:"Refuse calls when what Atlas allows a project is nearly spent, instead of spending the last of it." default:"true" negatable:""`
	AtlasBreaker     bool                   `help:"Leave an API of Atlas alone for a while when it keeps failing." default:"true" negatable:""`
	CacheBytes       int64                  `help:"How much of Atlas's answers is kept, in bytes, about; 0 keeps nothing." default:"16777216" bounds:"0..17179869184" placeholder:"BYTES"`
	CacheFinal       time.Duration          `help:"How long a job or a snapshot is kept that has come to its end." default:"5m" bounds:"0s..1h" placeholder:"TIME"`
	CacheRunning     time.Duration          `help:"How long everything else is kept, and so how long a change may stay unseen." default:"2s" bounds:"0s..1m" placeholder:"TIME"`
	CacheMissing     time.Duration          `help:"How long it is kept that something does not exist." default:"1s" bounds:"0s..1m" placeholder:"TIME"`
	AtlasEnvelope    bool                   `help:"Ask Atlas to repeat the status in the body, for networks whose proxies hide it."`
	AtlasPretty      bool                   `help:"Ask Atlas for indented bodies, to be read on the wire."`
	ShutdownDelay    time.Duration          `help:"How long requests are still taken after SIGTERM, while /health/ready says no: the time that a load balancer needs to see it." default:"0s" bounds:"0s..10m" placeholder:"TIME"`
	ShutdownGrace    time.Duration          `help:"How long requests under way may go on after SIGTERM." default:"15s" bounds:"0s..10m" placeholder:"TIME"`
	HTTP             `embed:"" group:"HTTP"`
	Limits           `embed:"" group:"Limits"`
	Documents        `embed:"" group:"Documents"`
	Access           `embed:"" group:"Access"`

	// Credential is nil in demo mode, and where there are several or the callers' own.
	Credential atlas.Credential `kong:"-"`
	// BaseURL is where Atlas is; empty in demo mode.
	BaseURL string `kong:"-"`
	// Unknown are the variables that have no effect and look as if they were meant for the gateway.
	Unknown []UnknownVariable `kong:"-"`
}

const description = "Serves MongoDB Atlas backup restore jobs as GraphQL.\n\n" +
	"With an Atlas credential in the environment it serves Atlas: " + EnvPublicKey + " and " + EnvPrivateKey + " (API key), or " +
	EnvClientID + " and " + EnvClientSecret + " (service account), or " + EnvAccessToken + ". " +
	EnvBaseURL + " names another Atlas than " + atlas.DefaultBaseURL + ", with or without /api/atlas/v2. --atlas-credentials names several credentials. Without one, start it with --demo."

// usage is the program's description, and its commands.
func usage() string {
	return description + "\n\n" + commandsHelp() + "\nA flag wins over its variable, which stands in brackets."
}

// Parse reads args, which begin with no command, and environ, whose entries are NAME=value. Errors are one
// line and say what to do. Help that is asked for is printed to stdout, and the error is ErrHelp.
func Parse(args, environ []string, stdout io.Writer) (*Config, error) {
	c, getenv := &Config{}, Getenv(environ)
	helped := false
	parser, err := kong.New(c,
		kong.Name(program),
		kong.Description(usage()),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(getenv)),
		kong.ValueFormatter(describe),
	)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	c.Unknown = unknownVariables(environ, flagNames(parser))
	_, err = parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, fmt.Errorf("%s (--help lists the flags and the commands)", oneLine(err))
	}
	if err := cmp.Or(checkBounds(parser.Model.Flags), c.check()); err != nil {
		return nil, err
	}
	c.BaseURL = getenv(EnvBaseURL)
	if c.Credential, err = credential(getenv, c.holder()); err != nil {
		return nil, withHint(err, c.Unknown)
	}
	if c.BaseURL == "" {
		c.BaseURL = atlas.DefaultBaseURL
	}
	if !c.Demo {
		base, err := atlas.ParseBaseURL(c.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", EnvBaseURL, err)
		}
		c.BaseURL = base.String()
	}
	return c, nil
}

// flagNames are the names of all flags that have a variable.
func flagNames(parser *kong.Kong) []string {
	var names []string
	for _, flag := range parser.Model.Flags {
		if flag.Name != "help" {
			names = append(names, flag.Name)
		}
	}
	return names
}

// withHint adds to the error of a credential which variable may be the one that was meant.
func withHint(err error, unknown []UnknownVariable) error {
	for _, u := range unknown {
		if slices.Contains(atlasVariables, u.Nearest) || slices.Contains(holderVariables, u.Nearest) {
			return fmt.Errorf("%w (%q is set and is no setting: did you mean %s?)", err, u.Name, u.Nearest)
		}
	}
	return err
}

// holderVariables are those of the flags of holder.
var holderVariables = []string{"GATEWAY_DEMO", "GATEWAY_ATLAS_CREDENTIALS", "GATEWAY_AUTH"}

// check holds what neither a type nor bounds can.
func (c *Config) check() error {
	switch {
	case c.AdminListen != "" && c.AdminListen == c.Listen && !strings.HasSuffix(c.Listen, ":0"):
		return fmt.Errorf("--admin-listen must be another address than --listen, which is %s: metrics are not for the public", c.Listen)
	case c.HTTPCache == CachePublic && !slices.Equal(c.Methods(), []authz.Method{authz.None}):
		return fmt.Errorf("--http-cache=public and --auth=%s contradict each other: where callers are told apart an answer is for its caller alone; leave out --http-cache", c.Auth)
	case c.Demo && c.AtlasCredentials != "":
		return errors.New("--demo serves made-up jobs and takes no credential: leave out --demo or --atlas-credentials")
	case c.Demo && c.Has(authz.Passthrough):
		return errors.New("--demo knows nobody's access token of Atlas: leave out --demo or --auth=passthrough")
	case c.AtlasCredentials != "" && c.Has(authz.Passthrough):
		return errors.New("with --auth=passthrough the gateway holds no credential: leave out --atlas-credentials")
	}
	return cmp.Or(c.Documents.check(), c.Access.check())
}

// holder is the flag that brings the credentials of Atlas, or does without; "" when one
// is to stand in the environment.
func (c *Config) holder() string {
	switch {
	case c.Demo:
		return "--demo"
	case c.AtlasCredentials != "":
		return "--atlas-credentials"
	case c.Has(authz.Passthrough):
		return "--auth=passthrough"
	default:
		return ""
	}
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// Keep is what the settings of the cache say.
func (c *Config) Keep() restore.CacheSettings {
	return restore.CacheSettings{Bytes: c.CacheBytes, Final: c.CacheFinal, Running: c.CacheRunning, Missing: c.CacheMissing}
}
