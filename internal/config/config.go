package config

import (
	"cmp"
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
	ConfigFile        string                 `name:"config" help:"File of settings, in YAML: its keys are the names of the flags. Flags and variables win over it." placeholder:"FILE"`
	Listen            string                 `help:"Address to serve on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	AdminListen       string                 `help:"Address to serve metrics (/metrics) and health on, such as 127.0.0.1:9464; never the public one." unset:"none" placeholder:"HOST:PORT"`
	AdminTokenFile    string                 `help:"File with a secret that clients of --admin-listen send as a bearer token to change the log level and to debug." unset:"none: clients on this machine alone" placeholder:"FILE"`
	AdminDebug        bool                   `help:"Serve profiles (/debug/pprof/) and the settings (/debug/config) on --admin-listen, to clients on this machine, or with --admin-token-file to those with the token: see docs/operations.md."`
	Demo              bool                   `help:"Serve made-up jobs from an Atlas simulator inside this process; needs no credential, and is an error together with one."`
	Playground        Switch                 `help:"Whether the playground is served at /: auto is on in demo mode and off otherwise." enum:"auto,on,off" default:"auto"`
	Dashboard         Switch                 `help:"Whether the dashboard is served at /dashboard: auto is on in demo mode and off otherwise." enum:"auto,on,off" default:"auto"`
	LogLevel          slog.Level             `help:"Least level that is logged; debug has a line for each request to Atlas." default:"info" placeholder:"debug|info|warn|error"`
	LogFormat         string                 `help:"Format of the log." enum:"text,json" default:"text"`
	AtlasBaseURL      string                 `name:"atlas-base-url" variable:"MONGODB_ATLAS_BASE_URL" help:"Another Atlas, with or without /api/atlas/v2." unset:"https://cloud.mongodb.com" placeholder:"URL"`
	AtlasTimeout      time.Duration          `help:"Longest time for one call of Atlas." default:"20s" bounds:"100ms..5m"`
	AtlasMaxBody      int64                  `help:"Largest answer taken from Atlas, in bytes after decompression." default:"8388608" bounds:"1024..268435456" placeholder:"BYTES"`
	AtlasConcurrency  int                    `help:"Calls of Atlas that one operation has under way at once." default:"16" bounds:"1..64"`
	AtlasServerless   restore.ServerlessMode `help:"Whether to ask the serverless API, which Atlas retired: auto asks it while it answers, on asks no other for serverless jobs, off never asks it." enum:"auto,on,off" default:"auto"`
	AtlasRetries      int                    `help:"Attempts that may follow one with a temporary failure (429 with a short wait, 502, 503, 504, no connection, no answer or half of one); 0 makes none." default:"2" bounds:"0..5"`
	AtlasBudget       bool                   `help:"Reject calls (RATE_LIMITED) when what Atlas allows a project is nearly spent, instead of spending the last of it." default:"true" negatable:""`
	AtlasBreaker      bool                   `help:"Send an API of Atlas no calls for a while (UPSTREAM_UNAVAILABLE) when it keeps failing: for one project, and for all when it fails for several." default:"true" negatable:""`
	CacheBytes        int64                  `help:"Size of the cache of Atlas's answers, in bytes, about; 0 caches nothing." default:"16777216" bounds:"0..17179869184" placeholder:"BYTES"`
	CacheFinal        time.Duration          `help:"How long a job or a snapshot is cached that cannot change any more." default:"5m" bounds:"0s..1h"`
	CacheRunning      time.Duration          `help:"How long everything else is cached, and so how long a change may stay unseen." default:"2s" bounds:"0s..1m"`
	CacheClusters     time.Duration          `help:"How long the lists of a project's clusters are cached, and so how long a new cluster may stay unseen in lists." default:"1m" bounds:"0s..1h"`
	CacheMissing      time.Duration          `help:"How long it is cached that something does not exist." default:"1s" bounds:"0s..1m"`
	AtlasEnvelope     bool                   `help:"Ask Atlas to repeat the status in the body (envelope=true), for networks whose proxies hide it."`
	AtlasPretty       bool                   `help:"Ask Atlas for indented bodies (pretty=true), to be read on the wire."`
	AtlasTraceContext bool                   `help:"Send Atlas the trace context (traceparent) of each request, where traces are exported by OpenTelemetry."`
	ShutdownDelay     time.Duration          `help:"How long requests are still accepted after SIGTERM, while /health/ready says no: the time that a load balancer needs to see it." default:"0s" bounds:"0s..10m"`
	ShutdownGrace     time.Duration          `help:"How long requests in progress may go on after SIGTERM." default:"15s" bounds:"0s..10m"`
	HTTP              `embed:"" group:"HTTP"`
	Limits            `embed:"" group:"Limits"`
	Streams           `embed:"" group:"Subscriptions"`
	Documents         `embed:"" group:"Documents"`
	Access            `embed:"" group:"Access"`
	Replicas          `embed:"" group:"Replicas"`
	Actions           `embed:"" group:"Actions"`

	// Credential is nil in demo mode, with --atlas-credentials and with --auth=passthrough.
	Credential atlas.Credential `kong:"-"`
	// BaseURL is where Atlas is; empty in demo mode.
	BaseURL string `kong:"-"`
	// Unknown are the variables without effect that look like settings of the gateway.
	Unknown []UnknownVariable `kong:"-"`

	settings []setting
	secrets  []SecretVariable
	sources  map[string]source // of the settings that are set, by the names of their flags
}

// FileSetting is the name of the setting that names the file of settings.
const FileSetting = "config"

const description = "Serves MongoDB Atlas backup restore jobs as GraphQL.\n\n" +
	"With an Atlas credential in the environment it serves Atlas: " + EnvPublicKey + " and " + EnvPrivateKey +
	" (API key), or " +
	EnvClientID + " and " + EnvClientSecret + " (service account), or " + EnvAccessToken + ". " +
	EnvBaseURL + " names another Atlas than " + atlas.DefaultBaseURL +
	", with or without /api/atlas/v2. --atlas-credentials names several credentials. Without one, start it with --demo."

// usage returns the description of the program and of its commands.
func usage() string {
	return description + "\n\n" + commandsHelp() +
		"\nA flag wins over its variable, which stands in brackets, and a variable over the file of --config."
}

// Parse reads args, which begin with no command, environ, whose entries are NAME=value, and the file of --config. The
// error is one line that says what to do, or Errors. With --help the help is printed to stdout, and the error is
// ErrHelp.
func Parse(args, environ []string, stdout io.Writer) (*Config, error) {
	c, err := Read(args, environ, stdout)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Read is Parse for a command that looks for more mistakes: beside those in the settings it returns what could be read.
// It returns nil where the command line is wrong.
func Read(args, environ []string, stdout io.Writer) (*Config, error) {
	c, getenv := &Config{}, Getenv(environ)
	helped := false
	parser, settings, err := newParser(c,
		kong.Name(program),
		kong.Description(usage()),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.ValueFormatter(describe),
	)
	if err != nil {
		return nil, err
	}
	c.settings, c.Unknown = settings, unknownVariables(environ, settings)
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, fmt.Errorf("%s (--help lists the flags and the commands)", oneLine(err))
	}
	c.readSecrets(getenv)
	c.secrets = secretsIn(getenv)
	mistakes := c.readSources(parsed, getenv)
	wrong := make(map[string]bool, len(mistakes))
	for _, m := range mistakes {
		wrong[m.flag] = m.flag != ""
	}
	for _, err := range c.check(getenv) {
		// A contradiction of a setting that is wrong by itself would only repeat that.
		if flag := c.flagIn(err); !wrong[flag] {
			mistakes = append(mistakes, mistake{flag, c.locate(flag, err)})
		}
	}
	return c, asError(mistakes)
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

// check returns the mistakes of settings that contradict each other, and completes c.
func (c *Config) check(getenv func(string) string) []error {
	var errs mistakeList
	errs.addIf(c.AdminListen != "" && c.AdminListen == c.Listen && !strings.HasSuffix(c.Listen, ":0"),
		"--admin-listen must be another address than --listen, which is %s: metrics are not for the public", c.Listen)
	errs.addIf(c.AdminListen == "" && c.AdminTokenFile != "",
		"without --admin-listen there is no use for --admin-token-file")
	errs.addIf(c.AdminListen == "" && c.AdminDebug, "without --admin-listen there is no use for --admin-debug")
	errs.addIf(c.HTTPCache == gateway.CachePublic && !slices.Equal(c.Methods(), []authz.Method{authz.None}),
		"--http-cache=public and --auth=%s contradict each other: where callers are told apart an answer is for its caller "+
			"alone; leave out --http-cache", c.Auth)
	errs.addIf(c.Demo && c.AtlasCredentials != "",
		"--demo serves made-up jobs and takes no credential: leave out --demo or --atlas-credentials")
	errs.addIf(c.Demo && c.Has(authz.Passthrough),
		"--demo has no access tokens of Atlas to pass through: leave out --demo or --auth=passthrough")
	errs.addIf(c.AtlasCredentials != "" && c.Has(authz.Passthrough),
		"with --auth=passthrough the gateway holds no credential: leave out --atlas-credentials")
	errs = slices.Concat(errs, c.Documents.check(), c.Access.check(), c.Replicas.check(), c.Actions.check(c))
	var err error
	if c.Credential, err = credential(getenv, c.credentialFlag()); err != nil {
		errs = append(errs, withHint(err, c.Unknown))
	}
	c.BaseURL = cmp.Or(c.AtlasBaseURL, atlas.DefaultBaseURL)
	if !c.Demo {
		base, err := atlas.ParseBaseURL(c.BaseURL)
		if err != nil {
			return append(errs, fmt.Errorf("--atlas-base-url: %w", err))
		}
		c.BaseURL = base.String()
	}
	return errs
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
