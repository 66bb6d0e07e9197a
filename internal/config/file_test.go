package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// writeConfig writes a file of settings, and returns its path.
func writeConfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParse_readsTheFileBehindFlagsAndVariables(t *testing.T) {
	path := writeConfig(t, `# yaml-language-server: $schema=../schema/config.json
demo: true
listen: localhost:1
log-format: json
log-level: warn
cache-final: 4m
atlas-retries: 1
compression: false
playground: off
dashboard: true
cors-origins: [https://a.example.com, https://b.example.com]
callback-origins: https://c.example.com,https://d.example.com
oidc-scopes: []
audit-log: audit.log
tls-cert: /etc/cert.pem
tls-key: key.pem
`)
	env := map[string]string{"GATEWAY_CONFIG": path, "GATEWAY_CACHE_FINAL": "3m", "GATEWAY_LISTEN": "localhost:2"}
	c, err := parse([]string{"--listen=localhost:3"}, env)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	for name, is := range map[string]bool{
		"a flag wins":            c.Listen == "localhost:3",
		"a variable wins":        c.CacheFinal == 3*time.Minute,
		"a text":                 c.LogFormat == "json",
		"a level":                c.LogLevel.String() == "WARN",
		"a number":               c.AtlasRetries == 1,
		"a boolean":              c.Demo && !c.Compression,
		"off":                    c.Playground == Off,
		"true for on":            c.Dashboard == On,
		"a list":                 slices.Equal(c.Origins(), []string{"https://a.example.com", "https://b.example.com"}),
		"a list as a text":       len(c.StreamSettings().CallbackOrigins) == 2,
		"an empty list":          len(c.Scopes()) == 0,
		"a path beside the file": c.AuditLog == filepath.Join(dir, "audit.log") && c.TLSKey == filepath.Join(dir, "key.pem"),
		"an absolute path":       c.TLSCert == "/etc/cert.pem",
		"a default":              c.AtlasTimeout == 20*time.Second,
		"the name of the file":   c.ConfigFile == path,
	} {
		if !is {
			t.Errorf("%s: got %+v", name, c)
		}
	}
	sources := make(map[string]string)
	for _, s := range c.Settings() {
		sources[s.Name] = s.Source
	}
	for name, want := range map[string]string{
		"listen": "flag", "cache-final": "GATEWAY_CACHE_FINAL", "log-format": path + ":4", "atlas-timeout": "default",
	} {
		if sources[name] != want {
			t.Errorf("%s is from %q, want %q", name, sources[name], want)
		}
	}
}

func TestParse_prefersTheFlagThatNamesTheFile(t *testing.T) {
	path := writeConfig(t, "demo: true\n")
	if _, err := parse([]string{"--config=" + path}, map[string]string{"GATEWAY_CONFIG": "/nosuch"}); err != nil {
		t.Error(err)
	}
}

func TestParse_reportsEveryMistakeOfTheFileWithItsPlace(t *testing.T) {
	path := writeConfig(t, `demo: yes
listen: 8080
log-format: xml
cache-final: 5
cache-running: 1h
atlas-retries: many
lisen: localhost:1
GATEWAY_LISTEN: a
mdb_sa_sk_hunter2hunter2hunter2: a
auth: [oidc, "a,b", ""]
max-depth: [1]
tls-key: key.pem
http-cache: {a: b}
config: other.yaml
policy:
`)
	_, err := parse(nil, map[string]string{"GATEWAY_CONFIG": path, "GATEWAY_MAX_COST": "0"})
	var got []string
	for _, mistake := range flatten(err) {
		got = append(got, strings.TrimPrefix(mistake.Error(), path))
	}
	want := []string{
		":1:7: demo must be true or false",
		":2:9: listen must be a text: put it in quotes",
		`:3:13: log-format must be one of "text","json" but got "xml"`,
		":4:14: cache-final must be a time with its unit, such as 30s or 5m",
		":5:16: cache-running must be from 0s to 1m0s, not 1h0m0s",
		":6:16: atlas-retries must be a whole number",
		":7:1: unknown setting: did you mean listen?",
		":8:1: unknown setting: keys are the names of flags, such as log-level, and secrets are set by variables or files " +
			"alone (--help lists them)",
		":9:1: unknown setting: keys are the names of flags, such as log-level, and secrets are set by variables or files " +
			"alone (--help lists them)",
		":10:14: an element of auth is not empty and has no comma",
		":11:12: max-depth is one value and no list",
		":12:10: without --tls-cert there is no use for tls-key",
		":13:13: http-cache must be a value, or a list of values",
		":14:1: a file cannot name another one: config is a flag alone",
		":15:8: policy must have a value",
		"GATEWAY_MAX_COST must be from 1 to 1000000, not 0",
		errNoCredential.Error(),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	checkLine(t, err, "hunter2")
}

func TestParse_rejectsAFileThatCannotBeRead(t *testing.T) {
	for name, path := range map[string]string{"no file": "/nosuch/config.yaml", "a folder": t.TempDir()} {
		if _, err := parse([]string{"--demo", "--config=" + path}, nil); err == nil ||
			!strings.Contains(err.Error(), "--config: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, content := range map[string]string{"no YAML": "a: [", "an empty file": "", "a list": "- demo"} {
		if _, err := parse([]string{"--demo", "--config=" + writeConfig(t, content)}, nil); err == nil ||
			!strings.Contains(err.Error(), "config.yaml:") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// FuzzReadFile checks that no content is accepted whose settings the flags would reject, and that mistakes are in lines.
func FuzzReadFile(f *testing.F) {
	for _, content := range []string{"demo: true\n", "auth: [oidc]\n", "listen: 1\n", "a: &b c\n", "cache-final: 5m\nlimits: x"} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content string) {
		path := writeConfig(t, content)
		c, err := parse([]string{"--demo", "--config=" + path}, nil)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v", c, err)
		}
		for _, mistake := range flatten(err) {
			if strings.Contains(mistake.Error(), "\n") {
				t.Errorf("several lines: %q", mistake)
			}
		}
		if err != nil {
			return
		}
		var args []string
		for _, s := range c.Settings() {
			if strings.HasPrefix(s.Source, path) {
				args = append(args, "--"+s.Name+"="+fmt.Sprint(s.Value))
			}
		}
		if _, err := parse(append(args, "--demo"), nil); err != nil {
			t.Errorf("the flags of the same settings are rejected: %v", err)
		}
	})
}
