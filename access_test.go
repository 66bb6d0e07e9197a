package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// asked is an answer to a question about the demo's first project.
type asked struct {
	status int
	body   string
}

const projectQuery = `{ project(groupId: "` + atlassim.SeedGroupID + `") { name } }`

// ask asks as a client of its own; headers are "Name: value".
func (p *process) ask(t *testing.T, client *http.Client, query string, headers ...string) asked {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	if client == nil {
		client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return asked{res.StatusCode, string(answer)}
}

func (a asked) want(t *testing.T, step string, status int, part string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, part) {
		t.Errorf("%s: %d %s, want %d and %s", step, a.status, a.body, status, part)
	}
}

// folder holds the files of a test.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(f.path(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return f.path(name)
}

// newToken makes a token by the command, and gives it and its entry.
func newToken(t *testing.T, name string) (token, entry string) {
	t.Helper()
	var out strings.Builder
	if err := run(t.Context(), []string{"token", name}, os.Getenv, &out); err != nil {
		t.Fatal(err)
	}
	token = regexp.MustCompile(`(?m)^arg_\S+$`).FindString(out.String())
	_, entry, _ = strings.Cut(out.String(), "\n- ")
	if token == "" || entry == "" {
		t.Fatalf("the command printed %s", out.String())
	}
	return token, "- " + entry
}

// tell sends the process that runs in this one a SIGHUP, and waits for what it says.
func (p *process) tell(t *testing.T, says string) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if p.output.waitFor(regexp.MustCompile(says)) == nil {
		t.Fatalf("it does not say %q: %s", says, p.output)
	}
}

func TestTokensAndPolicyAreReadAgainAndARevokedTokenIsUnknown(t *testing.T) {
	f := folder(t.TempDir())
	dashboard, dashboardEntry := newToken(t, "dashboard")
	backup, backupEntry := newToken(t, "backup")
	tokens := f.write(t, "tokens.yaml", "tokens:\n"+dashboardEntry+backupEntry)
	rule := func(token, permissions string) string {
		return fmt.Sprintf("- subject: {token: %s}\n  projects: [%s]\n  permissions: %s\n", token, atlassim.SeedGroupID, permissions)
	}
	policy := f.write(t, "policy.yaml", "rules:\n"+rule("dashboard", "[jobs:read]"))
	p := start(t, nil, "--demo", "--auth=token", "--token-file="+tokens, "--policy="+policy)

	if p.output.waitFor(regexp.MustCompile(`curl \S+ -H 'Content-Type: application/json' -H 'Authorization: Bearer …' -d`)) == nil {
		t.Error("the curl line that is printed shows no token")
	}
	p.ask(t, nil, projectQuery).want(t, "nobody", 401, "UNAUTHENTICATED")
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+dashboard).want(t, "the dashboard", 200, `"Storefront"`)
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "backup, without a rule", 200, "GROUP_NOT_FOUND")

	f.write(t, "policy.yaml", "rules:\n"+rule("dashboard", "[jobs:read]")+rule("backup", "[jobs:read]"))
	p.tell(t, `msg="a setting was read again" setting=policy`)
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "backup, with one", 200, `"Storefront"`)

	f.write(t, "policy.yaml", "rules:\n"+rule("nobody", "[jobs:read]"))
	p.tell(t, `level=ERROR msg="a setting could not be read again; the old one stays" setting=policy error="`+regexp.QuoteMeta(policy)+`:2: there is no token named`)
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "a broken policy keeps the old", 200, `"Storefront"`)

	f.write(t, "tokens.yaml", "tokens:\n"+dashboardEntry)
	p.tell(t, `msg="a setting was read again" setting=tokens`)
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "backup, revoked", 401, "UNAUTHENTICATED")
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+dashboard).want(t, "the dashboard still", 200, `"Storefront"`)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{dashboard, backup} {
		if strings.Contains(p.output.String(), secret) {
			t.Error("the output shows a token")
		}
	}
}

func TestNobodyIsServedUnaskedOnAnAddressThatOthersReach(t *testing.T) {
	f := folder(t.TempDir())
	_, entry := newToken(t, "a")
	tokens := f.write(t, "tokens.yaml", "tokens:\n"+entry)
	policy := f.write(t, "policy.yaml", "rules:\n- subject: {token: a}\n  projects: all\n  permissions: [jobs:read]\n")
	byToken := []string{"--token-file=" + tokens, "--policy=" + policy}
	for name, args := range map[string][]string{
		"by default":       nil,
		"none":             {"--auth=none"},
		"none beside more": append([]string{"--auth=token,none"}, byToken...),
	} {
		err := run(t.Context(), append([]string{"--demo", "--listen=0.0.0.0:0"}, args...), func(string) string { return "" }, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "--serve-everyone-without-authentication") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tt := range map[string]struct {
		args []string
		says string
	}{
		"with the word": {[]string{"--serve-everyone-without-authentication"}, "everyone who reaches this address is served without being asked who they are"},
		"with tokens":   {append([]string{"--auth=token"}, byToken...), "callers' tokens come to this address in the clear"},
	} {
		p := start(t, nil, append([]string{"--demo", "--listen=0.0.0.0:0"}, tt.args...)...)
		if p.output.waitFor(regexp.MustCompile("level=WARN.*"+tt.says)) == nil {
			t.Errorf("%s: it does not say %q", name, tt.says)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestOnLoopbackAWebsiteUnderAnotherNameIsNotServed(t *testing.T) {
	p := start(t, nil, "--demo")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/graphql?query={__typename}", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestTheTokenCommandRefusesWhatIsNoName(t *testing.T) {
	for _, args := range [][]string{{"token"}, {"token", "a", "b"}, {"token", "a b"}, {"token", ""}, {"token", "a\n"}, {"token", "--help"}} {
		if err := run(t.Context(), args, os.Getenv, io.Discard); (err == nil) == (len(args) != 2 || args[1] != "--help") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// readDownload reads the download URL of the job that the demo offers, and returns the job's id, which is another in
// each demo.
func (p *process) readDownload(t *testing.T) string {
	t.Helper()
	found := p.output.waitFor(regexp.MustCompile(`ready +clusterName: "(\S+)" +restoreJobId: "(\S+)"`))
	p.ask(t, nil, fmt.Sprintf(`{ serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { deliveryUrl } }`, atlassim.SeedGroupID, found[1], found[2])).
		want(t, "a download", 200, "https://")
	return found[2]
}

func TestTheAuditLogIsAFileOfItsOwn(t *testing.T) {
	f := folder(t.TempDir())
	p := start(t, nil, "--demo", "--audit-log="+f.path("audit.jsonl"))
	id := p.readDownload(t)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(f.path("audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(lines), `"caller":"anonymous"`) || !strings.Contains(string(lines), id) || strings.Contains(string(lines), "https://") || strings.Contains(p.output.String(), "download_url_read") {
		t.Errorf("the audit log holds %s", lines)
	}
	p = start(t, nil, "--demo")
	p.readDownload(t)
	if p.output.waitFor(regexp.MustCompile(`(?m)^\{"time":.*"event":"download_url_read"`)) == nil {
		t.Error("by default it is not on the standard output")
	}
}

// serviceToken gets an access token for a service account of the simulator.
func serviceToken(t *testing.T, sim http.Handler, id string) string {
	t.Helper()
	return accessToken(t, sim, id, "secret-of-"+id)
}

func TestWithPassthroughEachCallerReadsWithTheirOwnToken(t *testing.T) {
	sim := atlassim.New(
		atlassim.WithServiceAccount("shop", "secret-of-shop", atlassim.ProjectOwner, atlassim.SeedGroupID),
		atlassim.WithServiceAccount("support", "secret-of-support", atlassim.ProjectOwner, atlassim.SeedSecondGroupID))
	p := start(t, atlasFor(t, sim), "--auth=passthrough")
	shop, support := serviceToken(t, sim, "shop"), serviceToken(t, sim, "support")
	p.ask(t, nil, projectQuery).want(t, "nobody", 401, "UNAUTHENTICATED")
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+shop).want(t, "the shop", 200, `"Storefront"`)
	sim.ResetCalls()
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+shop).want(t, "the shop again", 200, `"Storefront"`)
	if len(sim.Calls()) != 1 {
		t.Errorf("Atlas decides each time, and was asked %d times", len(sim.Calls()))
	}
	p.ask(t, nil, projectQuery, "Authorization: Bearer "+support).want(t, "somebody else", 200, `"code":"FORBIDDEN"`)
	p.ask(t, nil, projectQuery, "Authorization: Bearer made-up").want(t, "nobody that Atlas knows", 200, `"code":"UNAUTHENTICATED"`)
	p.ask(t, nil, `{ projects { nodes { name } } }`, "Authorization: Bearer "+shop).want(t, "the shop's list", 200, `"nodes":[{"name":"Storefront"}]`)
	p.ask(t, nil, `{ projects { nodes { name } } }`, "Authorization: Bearer "+support).want(t, "the support's list", 200, `"nodes":[{"name":"Support desk"}]`)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{shop, support, "made-up"} {
		if strings.Contains(p.output.String(), secret) {
			t.Error("the output shows a token")
		}
	}
}

func TestSeveralCredentialsServeTheirProjectsAndAreRotated(t *testing.T) {
	sim := atlassim.New(
		atlassim.WithAPIKey("shop", "secret-of-shop", atlassim.ProjectOwner, atlassim.SeedGroupID),
		atlassim.WithAPIKey("shop2", "secret-of-shop2", atlassim.ProjectOwner, atlassim.SeedGroupID),
		atlassim.WithServiceAccount("support", "secret-of-support", atlassim.ProjectOwner, atlassim.SeedSecondGroupID))
	f := folder(t.TempDir())
	file := func(key string) string {
		return `credentials:
- name: shop
  projects: [` + atlassim.SeedGroupID + `]
  apiKey: {publicKey: ` + key + `, privateKey: {file: shop.key}}
- name: support
  projects: [` + atlassim.SeedSecondGroupID + `]
  serviceAccount: {clientId: support, clientSecret: {env: SUPPORT_SECRET}}
`
	}
	f.write(t, "shop.key", "secret-of-shop\n")
	path := f.write(t, "credentials.yaml", file("shop"))
	env := atlasFor(t, sim)
	env["SUPPORT_SECRET"] = "secret-of-support"
	p := start(t, env, "--atlas-credentials="+path, "--admin-listen=127.0.0.1:0")
	if p.output.waitFor(regexp.MustCompile(`msg="atlas accepts the credential" credential=support`)) == nil {
		t.Error("the credentials were not checked")
	}
	both := `{ a: project(groupId: "` + atlassim.SeedGroupID + `") { name } b: project(groupId: "` + atlassim.SeedSecondGroupID + `") { name } projects { nodes { name } } }`
	want := `{"data":{"a":{"name":"Storefront"},"b":{"name":"Support desk"},"projects":{"nodes":[{"name":"Storefront"},{"name":"Support desk"}]}}}`
	p.ask(t, nil, both).want(t, "each by its own", 200, want)

	f.write(t, "shop.key", "secret-of-nobody\n")
	p.tell(t, `setting="atlas credentials" error="atlas refuses the new credential shop`)
	p.ask(t, nil, both).want(t, "a wrong key keeps the old", 200, want)
	f.write(t, "shop.key", "secret-of-shop2\n")
	f.write(t, "credentials.yaml", file("shop2"))
	p.tell(t, `msg="a setting was read again" setting="atlas credentials"`)
	p.ask(t, nil, both).want(t, "the new key", 200, want)
	_, metrics := get(t, p.output.waitFor(metricsURL)[1]+"/metrics")
	for _, name := range []string{"shop", "support"} {
		if !regexp.MustCompile(`(?m)^restore_gateway_atlas_requests_total\{class="2xx",credential="` + name + `",endpoint_set="[^"]+"\} [1-9]`).MatchString(metrics) {
			t.Errorf("requests with the credential %s are not counted: %s", name, metrics)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(p.output.String(), "secret-of") {
		t.Error("the output shows a secret")
	}
}
