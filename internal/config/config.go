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
	"atlas-restore-gateway/internal/gateway"
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

// Config has all settings.
type Config struct {
	Listen           string                 `help:"Address to serve on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	AdminListen      string                 `help:"Address to serve metrics (/metrics) and health on, such as 127.0.0.1:9464; never the public one." unset:"none" placeholder:"HOST:PORT"`
	Demo             bool                   `help:"Serve made-up jobs from an Atlas simulator inside this process; needs no credential, and is an error together with one."`
	Playground       Switch                 `help:"Whether the playground is served at /: auto is on in demo mode and off otherwise." enum:"auto,on,off" default:"auto"`
	Dashboard        Switch                 `help:"Whether the dashboard is served at /dashboard: auto is on in demo mode and off otherwise." enum:"auto,on,off" default:"auto"`
	LogLevel         slog.Level             `help:"Least level that is logged; debug has a line for each request to Atlas." default:"info" placeholder:"debug|info|warn|error"`
	LogFormat        string                 `help:"Format of the log." enum:"text,json" default:"text"`
	AtlasTimeout     time.Duration          `help:"Longest time for one call of Atlas." default:"20s" bounds:"100ms..5m"`
	AtlasMaxBody     int64                  `help:"Largest answer taken from Atlas, in bytes after decompression." default:"8388608" bounds:"1024..268435456" placeholder:"BYTES"`
	AtlasConcurrency int                    `help:"Calls of Atlas that one operation has under way at once." default:"16" bounds:"1..64"`
	AtlasServerless  restore.ServerlessMode `help:"Whether to ask the serverless API, which Atlas retired: auto asks it while it answers, on asks no other for serverless jobs, off never asks it." enum:"auto,on,off" default:"auto"`
	AtlasRetries     int                    `help:"Attempts that may follow one with a temporary failure (429 with a short wait, 502, 503, 504, no connection, no answer or half of one); 0 makes none." default:"2" bounds:"0..5"`
	AtlasBudget      bool                   `help:"Reject calls (RATE_LIMITED) when what Atlas allows a project is nearly spent, instead of spending the last of it." default:"true" negatable:""`
	AtlasBreaker     bool                   `help:"Send an API of Atlas no calls for a while (UPSTREAM_UNAVAILABLE) when it keeps failing: for one project, and for all when it fails for several." default:"true" negatable:""`
	CacheBytes       int64                  `help:"Size of the cache of Atlas's answers, in bytes, about; 0 caches nothing." default:"16777216" bounds:"0..17179869184" placeholder:"BYTES"`
	CacheFinal       time.Duration          `help:"How long a job or a snapshot is cached that cannot change any more." default:"5m" bounds:"0s..1h"`
	CacheRunning     time.Duration          `help:"How long everything else is cached, and so how long a change may stay unseen." default:"2s" bounds:"0s..1m"`
	CacheClusters    time.Duration          `help:"How long the lists of a project's clusters are cached, and so how long a new cluster may stay unseen in lists." default:"1m" bounds:"0s..1h"`
	CacheMissing     time.Duration          `help:"How long it is cached that something does not exist." default:"1s" bounds:"0s..1m"`
	AtlasEnvelope    bool                   `help:"Ask Atlas to repeat the status in the body (envelope=true), for networks whose proxies hide it."`
	AtlasPretty      bool                   `help:"Ask Atlas for indented bodies (pretty=true), to be read on the wire."`
	ShutdownDelay    time.Duration          `help:"How long requests are still accepted after SIGTERM, while /health/ready says no: the time that a load balancer needs to see it." default:"0s" bounds:"0s..10m"`
	ShutdownGrace    time.Duration          `help:"How long requests in progress may go on after SIGTERM." default:"15s" bounds:"0s..10m"`
	HTTP             `embed:"" group:"HTTP"`
	Limits           `embed:"" group:"Limits"`
	Streams          `embed:"" group:"Subscriptions"`
	Documents        `embed:"" group:"Documents"`
	Access           `embed:"" group:"Access"`
	Replicas         `embed:"" group:"Replicas"`
	Actions          `embed:"" group:"Actions"`

	// Credential is nil in demo mode, with --atlas-credentials and with --auth=passthrough.
	Credential atlas.Credential `kong:"-"`
	// BaseURL is where Atlas is; empty in demo mode.
	BaseURL string `kong:"-"`
	// Unknown are the variables without effect that look like settings of the gateway.
	Unknown []UnknownVariable `kong:"-"`
}

const description = "Serves MongoDB Atlas backup restore jobs as GraphQL.\n\n" +
	"With an Atlas credential in the environment it serves Atlas: " + EnvPublicKey + " and " + EnvPrivateKey +
	" (API key), or " +
	EnvClientID + " and " + EnvClientSecret + " (service account), or " + EnvAccessToken + ". " +
	EnvBaseURL + " names another Atlas than " + atlas.DefaultBaseURL +
	", with or without /api/atlas/v2. --atlas-credentials names several credentials. Without one, start it with --demo."

// usage returns the description of the program and of its commands.
func usage() string {
	return description + "\n\n" + commandsHelp() + "\nA flag wins over its variable, which stands in brackets."
}

// Parse reads args, which begin with no command, and environ, whose entries are NAME=value. An error is one line and
// says what to do. With --help the help is printed to stdout, and the error is ErrHelp.
func Parse(args, environ []string, stdout io.Writer) (*Config, error) {
	c, getenv := &Config{}, Getenv(environ)
	helped := false
	parser, settings, err := newParser(c,
		kong.Name(program),
		kong.Description(usage()),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(getenv)),
		kong.ValueFormatter(describe),
	)
	if err != nil {
		return nil, err
	}
	c.Unknown = unknownVariables(environ, settings)
	_, err = parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, fmt.Errorf("%s (--help lists the flags and the commands)", oneLine(err))
	}
	c.readSecrets(getenv)
	if err := cmp.Or(checkBounds(settings), c.check()); err != nil {
		return nil, err
	}
	c.BaseURL = getenv(EnvBaseURL)
	if c.Credential, err = credential(getenv, c.credentialFlag()); err != nil {
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

// withHint adds to the error of a credential which known variable an unknown one may mean.
func withHint(err error, unknown []UnknownVariable) error {
	for _, u := range unknown {
		if slices.Contains(atlasVariables, u.Nearest) || slices.Contains(credentialFlagVariables, u.Nearest) {
			return fmt.Errorf("%w (%q is set and is no setting: did you mean %s?)", err, u.Name, u.Nearest)
		}
	}
	return err
}

// credentialFlagVariables are the variables of the flags of credentialFlag.
var credentialFlagVariables = []string{"GATEWAY_DEMO", "GATEWAY_ATLAS_CREDENTIALS", "GATEWAY_AUTH"}

// check returns an error for settings that contradict each other.
func (c *Config) check() error {
	switch {
	case c.AdminListen != "" && c.AdminListen == c.Listen && !strings.HasSuffix(c.Listen, ":0"):
		return fmt.Errorf("--admin-listen must be another address than --listen, which is %s: metrics are not for the public",
			c.Listen)
	case c.HTTPCache == gateway.CachePublic && !slices.Equal(c.Methods(), []authz.Method{authz.None}):
		return fmt.Errorf("--http-cache=public and --auth=%s contradict each other: where callers are told apart an answer "+
			"is for its caller alone; leave out --http-cache", c.Auth)
	case c.Demo && c.AtlasCredentials != "":
		return errors.New("--demo serves made-up jobs and takes no credential: leave out --demo or --atlas-credentials")
	case c.Demo && c.Has(authz.Passthrough):
		return errors.New("--demo has no access tokens of Atlas to pass through: leave out --demo or --auth=passthrough")
	case c.AtlasCredentials != "" && c.Has(authz.Passthrough):
		return errors.New("with --auth=passthrough the gateway holds no credential: leave out --atlas-credentials")
	}
	return cmp.Or(c.Documents.check(), c.Access.check(), c.Replicas.check(), c.Actions.check(c))
}

// credentialFlag returns the flag that takes the place of a credential in the environment; "" where one must be set
// there.
func (c *Config) credentialFlag() string {
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

// CacheSettings returns the settings of the cache of Atlas's answers.
func (c *Config) CacheSettings() restore.CacheSettings {
	clusters := c.CacheClusters
	if clusters == 0 {
		clusters = -1 // 0 would mean that of everything else
	}
	return restore.CacheSettings{
		Bytes: c.CacheBytes, Final: c.CacheFinal, Running: c.CacheRunning, Clusters: clusters,
		Missing: c.CacheMissing, ShareDownloads: c.ReplicaDownloads,
	}
}
