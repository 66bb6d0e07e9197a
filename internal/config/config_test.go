package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/restore"
)

func parse(args []string, env map[string]string) (*Config, error) {
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	return Parse(args, environ, io.Discard)
}

func TestParse_readsOneCompleteCredentialFromTheEnvironment(t *testing.T) {
	const secret = "hunter2"
	tests := map[string]struct {
		args []string
		env  map[string]string
		kind string // of the credential; "" means an error
		want string // in the error
	}{
		"an API key": {env: map[string]string{EnvPublicKey: "p", EnvPrivateKey: secret}, kind: "API key"},
		"a service account": {
			env: map[string]string{EnvClientID: "i", EnvClientSecret: secret}, kind: "service account",
		},
		"an access token": {env: map[string]string{EnvAccessToken: secret}, kind: "access token"},
		"a key with a line break": {
			env: map[string]string{EnvPublicKey: "p\n", EnvPrivateKey: secret + "\r\n"}, kind: "API key",
		},
		"none":             {want: "--demo"},
		"only white space": {env: map[string]string{EnvPublicKey: " "}, want: "no Atlas credential"},
		"half an API key": {
			env: map[string]string{EnvPrivateKey: secret}, want: EnvPrivateKey + " is set but " + EnvPublicKey + " is not",
		},
		"the other half": {
			env: map[string]string{EnvPublicKey: "p"}, want: EnvPublicKey + " is set but " + EnvPrivateKey + " is not",
		},
		"half a service account": {env: map[string]string{EnvClientSecret: secret}, want: EnvClientID + " is not"},
		"the other half of it":   {env: map[string]string{EnvClientID: "i"}, want: EnvClientSecret + " is not"},
		"two credentials": {
			env: map[string]string{EnvPublicKey: "p", EnvPrivateKey: secret, EnvAccessToken: secret}, want: "keep one",
		},
		"demo and a credential": {
			args: []string{"--demo"}, env: map[string]string{EnvAccessToken: secret}, want: "unset " + EnvAccessToken,
		},
		"demo and half of one": {
			args: []string{"--demo"}, env: map[string]string{EnvClientID: "i"}, want: "unset " + EnvClientID,
		},
		"demo by the environment": {env: map[string]string{"GATEWAY_DEMO": "true"}, kind: "demo"},
		"demo":                    {args: []string{"--demo"}, kind: "demo"},
		"demo denied":             {args: []string{"--demo=false"}, want: "no Atlas credential"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := parse(tt.args, tt.env)
			if tt.kind == "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				checkLine(t, err, secret)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.kind == "demo" {
				if !c.Demo || c.Credential != nil {
					t.Errorf("got %+v", c)
				}
				return
			}
			if c.Credential.Kind() != tt.kind || strings.Contains(fmt.Sprintf("%+v", c), secret) {
				t.Errorf("got %+v", c)
			}
		})
	}
}

// checkLine checks that each mistake is one line without the secret.
func checkLine(t *testing.T, err error, secret string) {
	t.Helper()
	for _, mistake := range flatten(err) {
		if text := mistake.Error(); strings.Contains(text, "\n") || strings.Contains(text, secret) {
			t.Errorf("the error has several lines or shows a secret: %v", mistake)
		}
	}
}

func TestParse_rejectsAnInvalidSettingInOneLine(t *testing.T) {
	tests := map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"an unknown flag":       {args: []string{"--lisen=:1"}, want: "--lisen"},
		"an argument":           {args: []string{"serve"}, want: "serve"},
		"a time that is none":   {args: []string{"--atlas-timeout=soon"}, want: "atlas-timeout"},
		"too little time":       {args: []string{"--atlas-timeout=1ms"}, want: "from 100ms to 5m0s"},
		"too much time":         {args: []string{"--atlas-timeout=1h"}, want: "from 100ms to 5m0s"},
		"too small a bound":     {args: []string{"--atlas-max-body=1"}, want: "--atlas-max-body"},
		"too many calls":        {args: []string{"--atlas-concurrency=65"}, want: "--atlas-concurrency"},
		"no calls":              {env: map[string]string{"GATEWAY_ATLAS_CONCURRENCY": "0"}, want: "GATEWAY_ATLAS_CONCURRENCY must be"},
		"too small a request":   {args: []string{"--max-request-body=1"}, want: "--max-request-body"},
		"no tokens":             {args: []string{"--max-tokens=0"}, want: "--max-tokens"},
		"no depth":              {args: []string{"--max-depth=0"}, want: "--max-depth"},
		"no aliases":            {args: []string{"--max-aliases=0"}, want: "--max-aliases"},
		"no root fields":        {args: []string{"--max-root-fields=0"}, want: "--max-root-fields"},
		"no directives":         {args: []string{"--max-directives=0"}, want: "--max-directives"},
		"too many list items":   {args: []string{"--max-list-items=1000001"}, want: "--max-list-items"},
		"no repetitions":        {args: []string{"--max-repetitions=0"}, want: "--max-repetitions"},
		"too large a request":   {args: []string{"--max-request-body=99999999"}, want: "--max-request-body"},
		"too long operations":   {args: []string{"--operation-timeout=11m"}, want: "--operation-timeout"},
		"too short operations":  {args: []string{"--operation-timeout=1ms"}, want: "--operation-timeout"},
		"no cost":               {args: []string{"--max-cost=0"}, want: "--max-cost"},
		"no answer":             {args: []string{"--max-answer-fields=0"}, want: "--max-answer-fields"},
		"too small an answer":   {args: []string{"--max-answer-bytes=1"}, want: "--max-answer-bytes"},
		"too large an answer":   {args: []string{"--max-answer-bytes=99999999"}, want: "--max-answer-bytes"},
		"no memory for answers": {args: []string{"--max-answer-memory=1"}, want: "--max-answer-memory"},
		"too long idleness":     {args: []string{"--idle-timeout=2h"}, want: "--idle-timeout"},
		"too small a head":      {args: []string{"--max-header-bytes=1"}, want: "--max-header-bytes"},
		"a scope of caches": {
			args: []string{"--http-cache=maybe"}, want: `--http-cache must be one of "private","public","off"`,
		},
		"a mode of limits": {args: []string{"--limits=maybe"}, want: `--limits must be one of "enforce","warn"`},
		"introspection, maybe": {
			args: []string{"--introspection=maybe"}, want: `--introspection must be one of "auto","on","off"`,
		},
		"no document cache": {args: []string{"--document-cache-bytes=0"}, want: "--document-cache-bytes"},
		"no manifest":       {args: []string{"--trusted-documents=/nothing"}, want: "--trusted-documents: open /nothing"},
		"a mode of trust": {
			args: []string{"--trusted-documents-mode=maybe"}, want: `--trusted-documents-mode must be one of "enforce","audit"`,
		},
		"too many retries":     {args: []string{"--atlas-retries=99"}, want: "--atlas-retries"},
		"a negative cache":     {args: []string{"--cache-bytes=-1"}, want: "--cache-bytes"},
		"a cache for too long": {args: []string{"--cache-final=2h"}, want: "--cache-final"},
		"a stale cache":        {args: []string{"--cache-running=2m"}, want: "--cache-running"},
		"a long absence":       {args: []string{"--cache-missing=2m"}, want: "--cache-missing"},
		"an unknown mode": {
			args: []string{"--atlas-serverless=maybe"}, want: `--atlas-serverless must be one of "auto","on","off"`,
		},
		"metrics in public": {args: []string{"--listen=:9", "--admin-listen=:9"}, want: "--admin-listen"},
		"a token of no listener": {
			args: []string{"--admin-token-file=f"}, want: "without --admin-listen there is no use for --admin-token-file",
		},
		"debugging of no listener": {
			args: []string{"--admin-debug"}, want: "without --admin-listen there is no use for --admin-debug",
		},
		"a negative delay":  {args: []string{"--shutdown-delay=-1s"}, want: "--shutdown-delay"},
		"a negative grace":  {args: []string{"--shutdown-grace=-1s"}, want: "--shutdown-grace"},
		"an unknown level":  {args: []string{"--log-level=loud"}, want: "log-level"},
		"an unknown format": {args: []string{"--log-format=xml"}, want: "log-format"},
		"playground, maybe": {args: []string{"--playground=maybe"}, want: `--playground must be one of "auto","on","off"`},
		"a bad variable":    {env: map[string]string{"GATEWAY_ATLAS_TIMEOUT": "soon"}, want: "GATEWAY_ATLAS_TIMEOUT"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(append(tt.args, "--demo"), tt.env)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			checkLine(t, err, "hunter2")
		})
	}
}

// Passthrough makes no client before the first caller.
func TestParse_rejectsABaseURLWithAPathOfTheAPI(t *testing.T) {
	for name, credential := range map[string]map[string]string{
		"one credential":  {EnvAccessToken: "t"},
		"the callers own": {"GATEWAY_AUTH": "passthrough"},
	} {
		for _, base := range []string{"https://cloud.mongodb.com/api/atlas/v1.0", "https://u:opensesame@cloud.mongodb.com"} {
			env := maps.Clone(credential)
			env[EnvBaseURL] = base
			_, err := parse(nil, env)
			if err == nil || !strings.HasPrefix(err.Error(), EnvBaseURL+": the base URL ") {
				t.Errorf("%s: got %v", name, err)
			}
			checkLine(t, err, "opensesame")
		}
	}
}

func TestParse_readsVariablesAndPrefersFlags(t *testing.T) {
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(manifest, []byte(`{"a":"{ __typename }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		EnvAccessToken: "t", EnvBaseURL: "https://cloud.mongodbgov.com/api/atlas/v2/",
		"GATEWAY_LISTEN": ":1", "GATEWAY_ADMIN_LISTEN": ":3", "GATEWAY_ADMIN_DEBUG": "true",
		"GATEWAY_ADMIN_TOKEN_FILE": "token", "GATEWAY_LOG_LEVEL": "debug", "GATEWAY_LOG_FORMAT": "json",
		"GATEWAY_ATLAS_TIMEOUT":  "3s",
		"GATEWAY_ATLAS_MAX_BODY": "4096", "GATEWAY_ATLAS_CONCURRENCY": "3", "GATEWAY_ATLAS_ENVELOPE": "true",
		"GATEWAY_ATLAS_PRETTY": "true", "GATEWAY_MAX_REQUEST_BODY": "2048", "GATEWAY_ATLAS_RETRIES": "1",
		"GATEWAY_ATLAS_BUDGET": "false", "GATEWAY_ATLAS_BREAKER": "false", "GATEWAY_CACHE_BYTES": "1000",
		"GATEWAY_CACHE_FINAL": "4s", "GATEWAY_CACHE_RUNNING": "5s", "GATEWAY_CACHE_MISSING": "6s",
		"GATEWAY_CORS_ORIGINS": "https://a.example.com, https://b.example.com", "GATEWAY_CORS_CREDENTIALS": "true",
		"GATEWAY_COMPRESSION": "false",
		"GATEWAY_H2C":         "true", "GATEWAY_HTTP_CACHE": "public", "GATEWAY_IDLE_TIMEOUT": "8s",
		"GATEWAY_MAX_HEADER_BYTES": "5000",
		"GATEWAY_LIMITS":           "warn", "GATEWAY_MAX_TOKENS": "11", "GATEWAY_MAX_DEPTH": "12",
		"GATEWAY_MAX_ALIASES": "13", "GATEWAY_MAX_ROOT_FIELDS": "14",
		"GATEWAY_MAX_DIRECTIVES": "15", "GATEWAY_MAX_LIST_ITEMS": "16", "GATEWAY_MAX_REPETITIONS": "17",
		"GATEWAY_MAX_COST": "18", "GATEWAY_MAX_ANSWER_FIELDS": "19", "GATEWAY_MAX_ANSWER_BYTES": "5001",
		"GATEWAY_MAX_ANSWER_MEMORY": "1048577", "GATEWAY_OPERATION_TIMEOUT": "7s",
		"GATEWAY_INTROSPECTION": "on", "GATEWAY_PERSISTED_QUERIES": "false", "GATEWAY_DOCUMENT_CACHE_BYTES": "5000",
		"GATEWAY_TRUSTED_DOCUMENTS": manifest, "GATEWAY_TRUSTED_DOCUMENTS_MODE": "audit",
		"GATEWAY_ATLAS_SERVERLESS": "off", "GATEWAY_SHUTDOWN_GRACE": "1s", "GATEWAY_SHUTDOWN_DELAY": "2s",
		"GATEWAY_PLAYGROUND": "off", "GATEWAY_DASHBOARD": "on", "GATEWAY_CACHE_CLUSTERS": "7s", "GATEWAY_SDL_AUTHORIZATION": "false",
		"GATEWAY_MAX_STREAMS": "20", "GATEWAY_MAX_STREAMS_PER_CALLER": "21", "GATEWAY_MAX_STREAMS_PER_CONNECTION": "22",
		"GATEWAY_STREAM_LIFE": "2m", "GATEWAY_STALE_AFTER": "10s", "GATEWAY_CALLBACK_ORIGINS": "https://r.example.com",
	}
	c, err := parse([]string{"--listen=:2"}, env)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Listen: ":2", AdminListen: ":3", AdminDebug: true, AdminTokenFile: "token",
		Playground: Off, Dashboard: On, LogLevel: slog.LevelDebug, LogFormat: "json",
		AtlasTimeout: 3 * time.Second, AtlasMaxBody: 4096, AtlasConcurrency: 3,
		AtlasServerless: restore.ServerlessOff, AtlasRetries: 1, AtlasBudget: false, AtlasBreaker: false, CacheBytes: 1000,
		CacheFinal: 4 * time.Second, CacheRunning: 5 * time.Second, CacheClusters: 7 * time.Second,
		CacheMissing:  6 * time.Second,
		AtlasEnvelope: true, AtlasPretty: true, ShutdownGrace: time.Second, ShutdownDelay: 2 * time.Second,
		HTTP: HTTP{
			CORSOrigins: "https://a.example.com, https://b.example.com", CORSCredentials: true,
			HTTPCache: gateway.CachePublic, H2C: true, IdleTimeout: 8 * time.Second, MaxHeaderBytes: 5000,
		},
		Limits: Limits{
			Limits: LimitsWarn, MaxRequestBody: 2048, MaxTokens: 11, MaxDepth: 12, MaxAliases: 13, MaxRootFields: 14,
			MaxDirectives: 15, MaxListItems: 16, MaxRepetitions: 17, MaxCost: 18, MaxAnswerFields: 19, MaxAnswerBytes: 5001,
			MaxAnswerMemory:  1048577,
			OperationTimeout: 7 * time.Second,
		},
		Streams: Streams{
			MaxStreams: 20, MaxStreamsPerCaller: 21, MaxStreamsPerConnection: 22, StreamLife: 2 * time.Minute,
			StaleAfter: 10 * time.Second, CallbackOrigins: "https://r.example.com",
		},
		Documents: Documents{
			Introspection: On, DocumentCacheBytes: 5000, TrustedDocuments: manifest, TrustedDocumentsMode: document.TrustAudit,
			Trusted: []document.Trusted{{ID: "a", Text: "{ __typename }"}},
		},
		AtlasBaseURL: "https://cloud.mongodbgov.com/api/atlas/v2/",
		Credential:   atlas.AccessToken{Token: "t"}, BaseURL: "https://cloud.mongodbgov.com",
	}
	want.Access, want.Replicas, want.Actions = c.Access, c.Replicas, c.Actions // have tests of their own
	want.settings, want.sources, want.secrets = c.settings, c.sources, c.secrets
	if !reflect.DeepEqual(*c, want) {
		t.Errorf("got %+v, want %+v", *c, want)
	}
	if got := c.Origins(); !slices.Equal(got, []string{"https://a.example.com", "https://b.example.com"}) {
		t.Errorf("got %q", got)
	}
}

func TestParse_hasTheDefaultsOfThePackagesThatUseThem(t *testing.T) {
	c, err := parse(nil, map[string]string{EnvAccessToken: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if c.CacheSettings() != restore.DefaultCacheSettings || c.AtlasRetries != atlas.DefaultRetries || !c.AtlasBudget ||
		!c.AtlasBreaker {
		t.Errorf("got %+v", c)
	}
	if c.Listen != "127.0.0.1:8080" || c.AdminListen != "" || c.AtlasMaxBody != atlas.DefaultMaxBodyBytes ||
		c.AtlasTimeout != atlas.DefaultTimeout || c.BaseURL != atlas.DefaultBaseURL {
		t.Errorf("got %+v", c)
	}
	if c.DocumentLimits() != document.DefaultLimits || c.Trust() != document.TrustAll ||
		c.DocumentCacheBytes != document.DefaultCacheBytes || c.Playground != Auto {
		t.Errorf("got %+v", c)
	}
}

func TestParse_turnsOffWhatIsOnByDefault(t *testing.T) {
	for name, how := range map[string]struct {
		args []string
		env  map[string]string
	}{
		"by flags": {
			args: []string{"--no-atlas-budget", "--no-atlas-breaker", "--atlas-retries=0", "--cache-bytes=0"},
		},
		"by flags with words": {
			args: []string{"--atlas-budget=false", "--atlas-breaker=false", "--atlas-retries=0", "--cache-bytes=0"},
		},
		"by variables": {
			env: map[string]string{
				"GATEWAY_ATLAS_BUDGET": "false", "GATEWAY_ATLAS_BREAKER": "no", "GATEWAY_ATLAS_RETRIES": "0",
				"GATEWAY_CACHE_BYTES": "0",
			},
		},
	} {
		c, err := parse(append(how.args, "--demo"), how.env)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.AtlasBudget || c.AtlasBreaker || c.AtlasRetries != 0 || c.CacheSettings().Bytes != 0 {
			t.Errorf("%s: got %+v", name, c)
		}
	}
	c, err := parse([]string{"--demo", "--atlas-budget"}, map[string]string{"GATEWAY_ATLAS_BUDGET": "false"})
	if err != nil || !c.AtlasBudget {
		t.Errorf("the flag does not win: %+v, %v", c, err)
	}
}

// helpOf returns the help, with each run of white space as one space.
func helpOf(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	if _, err := Parse([]string{"--help"}, nil, &out); !errors.Is(err, ErrHelp) {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func TestHelp_namesTheCommandsAndTheVariablesOfTheCredential(t *testing.T) {
	help := helpOf(t)
	for _, want := range []string{
		"token NAME Make a secret", "help [COMMAND] Print", EnvPublicKey, EnvClientID, EnvAccessToken, EnvBaseURL,
	} {
		if !strings.Contains(help, want) {
			t.Errorf("the help lacks %s:\n%s", want, help)
		}
	}
}

func TestCacheSettings_cachesNoListOfClustersFor0s(t *testing.T) {
	for flag, want := range map[string]time.Duration{"0s": -1, "7s": 7 * time.Second} {
		c, err := parse([]string{"--demo", "--cache-clusters=" + flag}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.CacheSettings().Clusters; got != want {
			t.Errorf("%s is %s, want %s", flag, got, want)
		}
	}
}
