package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/replica"
)

// admin is the admin listener of a process.
type admin struct{ url string }

func (p *process) admin() admin { return admin{p.output.waitFor(metricsURL)[1]} }

// do sends a request; headers are "Name: value".
func (a admin) do(t *testing.T, method, path, body string, headers ...string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	return do(t, nil, req)
}

func TestDebug_isOffWithoutItsFlag(t *testing.T) {
	p := start(t, nil, "--demo", "--admin-listen=127.0.0.1:0")
	for _, path := range []string{"/debug/config", "/debug/pprof/", "/debug/pprof/heap"} {
		p.admin().do(t, "GET", path, "").want(t, path, 404, "--admin-debug")
		if status, _ := get(t, p.url+path); status != http.StatusNotFound {
			t.Errorf("the public gets %d at %s", status, path)
		}
	}
	p.admin().do(t, "GET", "/debug/", "").want(t, "/debug/", 404, "")
}

func TestDebug_servesProfilesAndSettingsOnTheAdminAddressAlone(t *testing.T) {
	p := start(t, map[string]string{"GATEWAY_CACHE_FINAL": "7m"}, "--demo", "--admin-listen=127.0.0.1:0", "--admin-debug")
	for _, path := range []string{"/debug/config", "/debug/pprof/heap", "/debug/log-level"} {
		if status, _ := get(t, p.url+path); status != http.StatusNotFound {
			t.Errorf("the public gets %d at %s", status, path)
		}
	}
	a := p.admin()
	a.do(t, "GET", "/debug/pprof/", "").want(t, "the index", 200, "goroutine")
	a.do(t, "GET", "/debug/pprof/goroutine?debug=1", "").want(t, "a profile", 200, "goroutine profile: total")
	a.do(t, "GET", "/debug/pprof/profile?seconds=121", "").want(t, "a long profile", 400, "from 1 to 120")
	a.do(t, "GET", "/debug/pprof/heap", "", "Sec-Fetch-Site: cross-site").want(t, "a page", 403, "loopback")
	a.do(t, "GET", "/debug/pprof/heap", "", "Host: evil.example").want(t, "DNS rebinding", 403, "")
	a.do(t, "POST", "/debug/config", "").want(t, "POST", 405, "")

	shown := a.do(t, "GET", "/debug/config", "")
	var got configAnswer
	if err := json.Unmarshal([]byte(shown.body), &got); err != nil || shown.status != http.StatusOK {
		t.Fatal(shown.status, err, shown.body)
	}
	want := map[string]config.Setting{
		"admin-debug": {Value: true, Source: "flag"}, "cache-final": {Value: "7m0s", Source: "GATEWAY_CACHE_FINAL"},
		"max-depth": {Value: 20.0, Source: config.DefaultSource}, "log-format": {Value: "text", Source: config.DefaultSource},
	}
	for _, s := range got.Settings {
		if w, is := want[s.Name]; is && (s.Value != w.Value || s.Source != w.Source) {
			t.Errorf("%s is %v by %s", s.Name, s.Value, s.Source)
		}
		delete(want, s.Name)
	}
	if len(want) > 0 || got.Build.Go == "" {
		t.Errorf("it lacks %v: %+v", want, got.Build)
	}
	if shown.header.Get("Cache-Control") != "no-store" {
		t.Error("the settings may be cached")
	}
	for _, line := range []string{
		`was rejected" remote=127[^\n]* path=/debug/pprof/heap`, `"a request to debug" remote=127[^\n]* path=/debug/config`,
	} {
		if p.output.waitFor(regexp.MustCompile(line)) == nil {
			t.Errorf("the log has no %s", line)
		}
	}
}

// Every secret that a gateway can have is set, and shown by no path of the admin listener and by no log.
func TestDebug_showsNoSecret(t *testing.T) {
	f, marker := folder(t.TempDir()), "marker-of-a-secret"
	env := map[string]string{
		"READ_KEY": marker + "-1", config.EnvReplicaKey: replica.NewSecret(), config.EnvReplicaPassword: marker + "-2",
	}
	credentials := f.write(t, "credentials.yaml", `credentials:
  - name: reads
    projects: ["`+strings.Repeat("a", 24)+`"]
    apiKey: { publicKey: { file: public }, privateKey: { env: READ_KEY } }
`)
	f.write(t, "public", marker+"-3")
	token := marker + "-4-" + strings.Repeat("0", 32)
	p := start(t, env, "--atlas-credentials="+credentials, "--atlas-base-url=http://127.0.0.1:9",
		"--admin-listen=127.0.0.1:0", "--admin-debug", "--admin-token-file="+f.write(t, "token", token),
		"--replica-redis=redis://reader@127.0.0.1:9?db=1")
	bearer := "Authorization: Bearer " + token
	a := p.admin()
	var shown strings.Builder
	for _, path := range []string{
		"config", "log-level", "pprof/", "pprof/goroutine?debug=2", "pprof/heap?debug=1", "pprof/allocs?debug=1",
	} {
		answer := a.do(t, "GET", "/debug/"+path, "", bearer)
		answer.want(t, path, 200, "")
		shown.WriteString(answer.body)
		rejected := a.do(t, "GET", "/debug/"+path, "")
		rejected.want(t, path+" without the token", 401, "Authorization: Bearer")
		if rejected.header.Get("WWW-Authenticate") == "" {
			t.Error("there is no challenge")
		}
		shown.WriteString(rejected.body)
		a.do(t, "GET", "/debug/"+path, "", bearer+"x").want(t, path+" with another token", 401, "not the secret")
	}
	for _, want := range []string{"?db=1", config.EnvReplicaPassword, credentials} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("it does not show %s", want)
		}
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{marker, env[config.EnvReplicaKey]} {
		if text := shown.String() + p.output.String() + p.audit.String(); strings.Contains(text, secret) {
			t.Errorf("it shows %s", secret)
		}
	}
}

func TestDebug_changesTheLogLevel(t *testing.T) {
	p := start(t, nil, "--demo", "--admin-listen=127.0.0.1:0", "--log-level=info")
	a := p.admin()
	// The log is written beside the answer: put waits for the line of its change, and returns the log up to it.
	n := 0
	put := func(level string) (answer response, log string) {
		t.Helper()
		answer = a.do(t, "PUT", "/debug/log-level", level)
		if answer.status == http.StatusOK {
			n++
			log = p.output.waitFor(regexp.MustCompile(fmt.Sprintf(`(?s)^(?:.*?the log level was set[^\n]*\n){%d}`, n)))[0]
		}
		return answer, log
	}
	logsDebug := func(level string) bool {
		_, before := put(level)
		_, _ = get(t, p.url+"/health/live")
		_, after := put(level)
		return strings.Contains(after[len(before):], "path=/health/live")
	}
	for level, want := range map[string]bool{"debug": true, "info": false, "warn": false, "error": false} {
		if logsDebug(level) != want {
			t.Errorf("at %s the level debug is logged: %t", level, !want)
		}
	}
	put("info")
	for _, step := range []struct {
		method, body string
		status       int
		want         string
		logged       string // in the line of a change
	}{
		{method: "GET", status: 200, want: "info\n"},
		{method: "PUT", body: "debug", status: 200, want: "debug\n", logged: "log_level=debug before=info"},
		{method: "GET", status: 200, want: "debug\n"},
		{method: "PUT", body: " error\n", status: 200, want: "error\n", logged: "log_level=error before=debug"},
		{method: "PUT", body: "error", status: 200, want: "error\n", logged: "log_level=error before=error"},
		{method: "PUT", body: "warn", status: 200, want: "warn\n", logged: "log_level=warn before=error"},
		{method: "PUT", body: "verbose", status: 400, want: "debug, info, warn or error"},
		{method: "PUT", body: "", status: 400, want: "debug, info, warn or error"},
		{method: "PUT", body: strings.Repeat(" ", 100) + "debug", status: 400, want: "debug, info, warn or error"},
		{method: "POST", body: "debug", status: 405},
		{method: "GET", status: 200, want: "warn\n"},
	} {
		if step.method != http.MethodPut {
			a.do(t, step.method, "/debug/log-level", step.body).want(t, step.method, step.status, step.want)
			continue
		}
		answer, log := put(step.body)
		answer.want(t, "PUT "+step.body, step.status, step.want)
		if step.logged != "" && !strings.Contains(log, step.logged+" remote=127.0.0.1:") {
			t.Errorf("after %q the log has no %s: %s", step.body, step.logged, log)
		}
	}
	a.do(t, "PUT", "/debug/log-level", "debug", "Sec-Fetch-Site: cross-site").want(t, "a page", 403, "loopback")
}
