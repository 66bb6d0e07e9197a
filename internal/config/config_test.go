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

func TestTheEnvironmentHoldsOneWholeCredential(t *testing.T) {
	const secret = "hunter2"
	tests := map[string]struct {
		args []string
		env  map[string]string
		kind string // of the credential; "" means an error
		want string // in the error
	}{
		"an API key":              {nil, map[string]string{EnvPublicKey: "p", EnvPrivateKey: secret}, "API key", ""},
		"a service account":       {nil, map[string]string{EnvClientID: "i", EnvClientSecret: secret}, "service account", ""},
		"an access token":         {nil, map[string]string{EnvAccessToken: secret}, "access token", ""},
		"a key with a line break": {nil, map[string]string{EnvPublicKey: "p\n", EnvPrivateKey: secret + "\r\n"}, "API key", ""},
		"none":                    {nil, nil, "", "--demo"},
		"only white space":        {nil, map[string]string{EnvPublicKey: " "}, "", "no Atlas credential"},
		"half an API key":         {nil, map[string]string{EnvPrivateKey: secret}, "", EnvPrivateKey + " is set but " + EnvPublicKey + " is not"},
		"the other half":          {nil, map[string]string{EnvPublicKey: "p"}, "", EnvPublicKey + " is set but " + EnvPrivateKey + " is not"},
		"half a service account":  {nil, map[string]string{EnvClientSecret: secret}, "", EnvClientID + " is not"},
		"the other half of it":    {nil, map[string]string{EnvClientID: "i"}, "", EnvClientSecret + " is not"},
		"two credentials":         {nil, map[string]string{EnvPublicKey: "p", EnvPrivateKey: secret, EnvAccessToken: secret}, "", "keep one"},
		"demo and a credential":   {[]string{"--demo"}, map[string]string{EnvAccessToken: secret}, "", "unset " + EnvAccessToken},
		"demo and half of one":    {[]string{"--demo"}, map[string]string{EnvClientID: "i"}, "", "unset " + EnvClientID},
		"demo by the environment": {nil, map[string]string{"GATEWAY_DEMO": "true"}, "demo", ""},
		"demo":                    {[]string{"--demo"}, nil, "demo", ""},
		"demo denied":             {[]string{"--demo=false"}, nil, "", "no Atlas credential"},
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

// checkLine wants an error of one line without the secret.
func checkLine(t *testing.T, err error, secret string) {
	t.Helper()
	if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), secret)) {
		t.Errorf("the error has several lines or shows a secret: %v", err)
	}
}

func TestABadSettingIsRefusedInOneLine(t *testing.T) {
	tests := map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"an unknown flag":       {[]string{"--lisen=:1"}, nil, "--lisen"},
		"an argument":           {[]string{"serve"}, nil, "serve"},
		"a time that is none":   {[]string{"--atlas-timeout=soon"}, nil, "atlas-timeout"},
		"too little time":       {[]string{"--atlas-timeout=1ms"}, nil, "from 100ms to 5m0s"},
		"too much time":         {[]string{"--atlas-timeout=1h"}, nil, "from 100ms to 5m0s"},
		"too small a bound":     {[]string{"--atlas-max-body=1"}, nil, "--atlas-max-body"},
		"too many calls":        {[]string{"--atlas-concurrency=65"}, nil, "--atlas-concurrency"},
		"no calls":              {nil, map[string]string{"GATEWAY_ATLAS_CONCURRENCY": "0"}, "--atlas-concurrency"},
		"too small a request":   {[]string{"--max-request-body=1"}, nil, "--max-request-body"},
		"no tokens":             {[]string{"--max-tokens=0"}, nil, "--max-tokens"},
		"no depth":              {[]string{"--max-depth=0"}, nil, "--max-depth"},
		"no aliases":            {[]string{"--max-aliases=0"}, nil, "--max-aliases"},
		"no root fields":        {[]string{"--max-root-fields=0"}, nil, "--max-root-fields"},
		"no directives":         {[]string{"--max-directives=0"}, nil, "--max-directives"},
		"too many list items":   {[]string{"--max-list-items=1000001"}, nil, "--max-list-items"},
		"no repetitions":        {[]string{"--max-repetitions=0"}, nil, "--max-repetitions"},
		"too large a request":   {[]string{"--max-request-body=99999999"}, nil, "--max-request-body"},
		"too long operations":   {[]string{"--operation-timeout=11m"}, nil, "--operation-timeout"},
		"too short operations":  {[]string{"--operation-timeout=1ms"}, nil, "--operation-timeout"},
		"no cost":               {[]string{"--max-cost=0"}, nil, "--max-cost"},
		"no answer":             {[]string{"--max-answer-fields=0"}, nil, "--max-answer-fields"},
		"too small an answer":   {[]string{"--max-answer-bytes=1"}, nil, "--max-answer-bytes"},
		"too large an answer":   {[]string{"--max-answer-bytes=99999999"}, nil, "--max-answer-bytes"},
		"no memory for answers": {[]string{"--max-answer-memory=1"}, nil, "--max-answer-memory"},
		"too long idleness":     {[]string{"--idle-timeout=2h"}, nil, "--idle-timeout"},
		"too small a head":      {[]string{"--max-header-bytes=1"}, nil, "--max-header-bytes"},
		"a scope of caches":     {[]string{"--http-cache=maybe"}, nil, `--http-cache must be one of "private","public","off"`},
		"a mode of limits":      {[]string{"--limits=maybe"}, nil, `--limits must be one of "enforce","warn"`},
		"introspection, maybe":  {[]string{"--introspection=maybe"}, nil, `--introspection must be one of "auto","on","off"`},
		"no document cache":     {[]string{"--document-cache-bytes=0"}, nil, "--document-cache-bytes"},
		"no manifest":           {[]string{"--trusted-documents=/nothing"}, nil, "--trusted-documents: open /nothing"},
		"a mode of trust":       {[]string{"--trusted-documents-mode=maybe"}, nil, `--trusted-documents-mode must be one of "enforce","audit"`},
		"too many retries":      {[]string{"--atlas-retries=99"}, nil, "--atlas-retries"},
		"a negative cache":      {[]string{"--cache-bytes=-1"}, nil, "--cache-bytes"},
		"a cache for too long":  {[]string{"--cache-final=2h"}, nil, "--cache-final"},
		"a stale cache":         {[]string{"--cache-running=2m"}, nil, "--cache-running"},
		"a long absence":        {[]string{"--cache-missing=2m"}, nil, "--cache-missing"},
		"an unknown mode":       {[]string{"--atlas-serverless=maybe"}, nil, `--atlas-serverless must be one of "auto","on","off"`},
		"metrics in public":     {[]string{"--listen=:9", "--admin-listen=:9"}, nil, "--admin-listen"},
		"a negative delay":      {[]string{"--shutdown-delay=-1s"}, nil, "--shutdown-delay"},
		"a negative grace":      {[]string{"--shutdown-grace=-1s"}, nil, "--shutdown-grace"},
		"an unknown level":      {[]string{"--log-level=loud"}, nil, "log-level"},
		"an unknown format":     {[]string{"--log-format=xml"}, nil, "log-format"},
		"playground, maybe":     {[]string{"--playground=maybe"}, nil, `--playground must be one of "auto","on","off"`},
		"a bad variable":        {nil, map[string]string{"GATEWAY_ATLAS_TIMEOUT": "soon"}, "atlas-timeout"},
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

// Also where no client is made before the first caller comes.
func TestParse_refusesABaseURLThatLeadsIntoTheAPI(t *testing.T) {
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

func TestEveryFlagHasAVariableAndTheFlagWins(t *testing.T) {
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(manifest, []byte(`{"a":"{ __typename }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		EnvAccessToken: "t", EnvBaseURL: "https://cloud.mongodbgov.com/api/atlas/v2/",
		"GATEWAY_LISTEN": ":1", "GATEWAY_ADMIN_LISTEN": ":3", "GATEWAY_LOG_LEVEL": "debug", "GATEWAY_LOG_FORMAT": "json", "GATEWAY_ATLAS_TIMEOUT": "3s",
		"GATEWAY_ATLAS_MAX_BODY": "4096", "GATEWAY_ATLAS_CONCURRENCY": "3", "GATEWAY_ATLAS_ENVELOPE": "true",
		"GATEWAY_ATLAS_PRETTY": "true", "GATEWAY_MAX_REQUEST_BODY": "2048", "GATEWAY_ATLAS_RETRIES": "1", "GATEWAY_ATLAS_BUDGET": "false", "GATEWAY_ATLAS_BREAKER": "false", "GATEWAY_CACHE_BYTES": "1000", "GATEWAY_CACHE_FINAL": "4s", "GATEWAY_CACHE_RUNNING": "5s", "GATEWAY_CACHE_MISSING": "6s",
		"GATEWAY_CORS_ORIGINS": "https://a.example.com, https://b.example.com", "GATEWAY_CORS_CREDENTIALS": "true", "GATEWAY_COMPRESSION": "false",
		"GATEWAY_H2C": "true", "GATEWAY_HTTP_CACHE": "public", "GATEWAY_IDLE_TIMEOUT": "8s", "GATEWAY_MAX_HEADER_BYTES": "5000",
		"GATEWAY_LIMITS": "warn", "GATEWAY_MAX_TOKENS": "11", "GATEWAY_MAX_DEPTH": "12", "GATEWAY_MAX_ALIASES": "13", "GATEWAY_MAX_ROOT_FIELDS": "14",
		"GATEWAY_MAX_DIRECTIVES": "15", "GATEWAY_MAX_LIST_ITEMS": "16", "GATEWAY_MAX_REPETITIONS": "17", "GATEWAY_MAX_COST": "18", "GATEWAY_MAX_ANSWER_FIELDS": "19", "GATEWAY_MAX_ANSWER_BYTES": "5001", "GATEWAY_MAX_ANSWER_MEMORY": "1048577", "GATEWAY_OPERATION_TIMEOUT": "7s",
		"GATEWAY_INTROSPECTION": "on", "GATEWAY_PERSISTED_QUERIES": "false", "GATEWAY_DOCUMENT_CACHE_BYTES": "5000",
		"GATEWAY_TRUSTED_DOCUMENTS": manifest, "GATEWAY_TRUSTED_DOCUMENTS_MODE": "audit",
		"GATEWAY_ATLAS_SERVERLESS": "off", "GATEWAY_SHUTDOWN_GRACE": "1s", "GATEWAY_SHUTDOWN_DELAY": "2s",
		"GATEWAY_PLAYGROUND": "off",
	}
	c, err := parse([]string{"--listen=:2"}, env)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Listen: ":2", AdminListen: ":3", Playground: Off, LogLevel: slog.LevelDebug, LogFormat: "json", AtlasTimeout: 3 * time.Second, AtlasMaxBody: 4096, AtlasConcurrency: 3,
		AtlasServerless: restore.ServerlessOff, AtlasRetries: 1, AtlasBudget: false, AtlasBreaker: false, CacheBytes: 1000, CacheFinal: 4 * time.Second, CacheRunning: 5 * time.Second, CacheMissing: 6 * time.Second,
		AtlasEnvelope: true, AtlasPretty: true, ShutdownGrace: time.Second, ShutdownDelay: 2 * time.Second,
		HTTP: HTTP{
			CORSOrigins: "https://a.example.com, https://b.example.com", CORSCredentials: true,
			HTTPCache: gateway.CachePublic, H2C: true, IdleTimeout: 8 * time.Second, MaxHeaderBytes: 5000,
		},
		Limits: Limits{
			Limits: LimitsWarn, MaxRequestBody: 2048, MaxTokens: 11, MaxDepth: 12, MaxAliases: 13, MaxRootFields: 14, MaxDirectives: 15, MaxListItems: 16, MaxRepetitions: 17, MaxCost: 18, MaxAnswerFields: 19, MaxAnswerBytes: 5001, MaxAnswerMemory: 1048577,
			OperationTimeout: 7 * time.Second,
		},
		Documents: Documents{
			Introspection: On, DocumentCacheBytes: 5000, TrustedDocuments: manifest, TrustedDocumentsMode: document.TrustAudit,
			Trusted: []document.Trusted{{ID: "a", Text: "{ __typename }"}},
		},
		Credential: atlas.AccessToken{Token: "t"}, BaseURL: "https://cloud.mongodbgov.com",
	}
	want.Access = c.Access // has a test of its own
	if !reflect.DeepEqual(*c, want) {
		t.Errorf("got %+v, want %+v", *c, want)
	}
	if got := c.Origins(); !slices.Equal(got, []string{"https://a.example.com", "https://b.example.com"}) {
		t.Errorf("got %q", got)
	}
}

func TestDefaultsAreThoseThatTheDocumentsName(t *testing.T) {
	c, err := parse(nil, map[string]string{EnvAccessToken: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if c.CacheSettings() != restore.DefaultCacheSettings || c.AtlasRetries != atlas.DefaultRetries || !c.AtlasBudget || !c.AtlasBreaker {
		t.Errorf("got %+v", c)
	}
	if c.Listen != "127.0.0.1:8080" || c.AdminListen != "" || c.AtlasMaxBody != atlas.DefaultMaxBodyBytes || c.AtlasTimeout != atlas.DefaultTimeout || c.BaseURL != atlas.DefaultBaseURL {
		t.Errorf("got %+v", c)
	}
	if c.DocumentLimits() != document.DefaultLimits || c.Trust() != document.TrustAll || c.DocumentCacheBytes != document.DefaultCacheBytes || c.Playground != Auto {
		t.Errorf("got %+v", c)
	}
}

func TestWhatIsOnByItselfCanBeTurnedOff(t *testing.T) {
	for name, how := range map[string]struct {
		args []string
		env  map[string]string
	}{
		"by flags":            {[]string{"--no-atlas-budget", "--no-atlas-breaker", "--atlas-retries=0", "--cache-bytes=0"}, nil},
		"by flags with words": {[]string{"--atlas-budget=false", "--atlas-breaker=false", "--atlas-retries=0", "--cache-bytes=0"}, nil},
		"by variables":        {nil, map[string]string{"GATEWAY_ATLAS_BUDGET": "false", "GATEWAY_ATLAS_BREAKER": "no", "GATEWAY_ATLAS_RETRIES": "0", "GATEWAY_CACHE_BYTES": "0"}},
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

// helpOf is the help, with each run of white space as one space.
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
	for _, want := range []string{"token NAME Make a secret", "help [COMMAND] Print", EnvPublicKey, EnvClientID, EnvAccessToken, EnvBaseURL} {
		if !strings.Contains(help, want) {
			t.Errorf("the help lacks %s:\n%s", want, help)
		}
	}
}
