package app

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// newToken returns a token of the command token, and its entry for a file.
func newToken(t *testing.T, name string) (token, entry string) {
	t.Helper()
	var out strings.Builder
	if err := Run(t.Context(), []string{"token", name}, os.Environ(), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	token = regexp.MustCompile(`(?m)^arg_\S+$`).FindString(out.String())
	_, entry, _ = strings.Cut(out.String(), "\n- ")
	if token == "" || entry == "" {
		t.Fatalf("the command printed %s", out.String())
	}
	return token, "- " + entry
}

func TestRun_reloadsTokensAndPolicyAndRejectsARevokedToken(t *testing.T) {
	f := folder(t.TempDir())
	dashboard, dashboardEntry := newToken(t, "dashboard")
	backup, backupEntry := newToken(t, "backup")
	tokens := f.write(t, "tokens.yaml", "tokens:\n"+dashboardEntry+backupEntry)
	rule := func(token, permissions string) string {
		return fmt.Sprintf("- subject: {token: %s}\n  projects: [%s]\n  permissions: %s\n", token, atlassim.SeedGroupID,
			permissions)
	}
	policy := f.write(t, "policy.yaml", "rules:\n"+rule("dashboard", "[jobs:read]"))
	p := start(t, nil, "--demo", "--auth=token", "--token-file="+tokens, "--policy="+policy)

	if p.output.waitFor(regexp.MustCompile(`curl \S+ -H 'Content-Type: application/json' -H 'Authorization: Bearer …' -d`)) == nil {
		t.Error("the curl line that is printed shows no token")
	}
	p.query(t, nil, projectQuery).want(t, "nobody", 401, "UNAUTHENTICATED")
	p.query(t, nil, projectQuery, "Authorization: Bearer "+dashboard).want(t, "the dashboard", 200, `"Storefront"`)
	p.query(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "backup, without a rule", 200,
		"GROUP_NOT_FOUND")

	f.write(t, "policy.yaml", "rules:\n"+rule("dashboard", "[jobs:read]")+rule("backup", "[jobs:read]"))
	p.hangup(t, `msg="a setting was read again" setting=policy`)
	p.query(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "backup, with one", 200, `"Storefront"`)

	f.write(t, "policy.yaml", "rules:\n"+rule("nobody", "[jobs:read]"))
	p.hangup(t, `level=ERROR msg="a setting could not be read again; the old one stays" setting=policy error="`+
		regexp.QuoteMeta(policy)+`:2:20: there is no token named`)
	p.query(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "a broken policy keeps the old", 200,
		`"Storefront"`)

	f.write(t, "tokens.yaml", "tokens:\n"+dashboardEntry)
	p.hangup(t, `msg="a setting was read again" setting=tokens`)
	p.query(t, nil, projectQuery, "Authorization: Bearer "+backup).want(t, "backup, revoked", 401, "UNAUTHENTICATED")
	p.query(t, nil, projectQuery, "Authorization: Bearer "+dashboard).want(t, "the dashboard still", 200, `"Storefront"`)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{dashboard, backup} {
		if strings.Contains(p.output.String(), secret) {
			t.Error("the output shows a token")
		}
	}
}

func TestRun_rejectsAnExposedAddressWithoutAuthentication(t *testing.T) {
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
		err := Run(t.Context(), append([]string{"--demo", "--listen=0.0.0.0:0"}, args...), nil, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "--serve-everyone-without-authentication") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tt := range map[string]struct {
		args []string
		says string
	}{
		"with the word": {
			args: []string{"--serve-everyone-without-authentication"},
			says: "everyone who reaches this address is served without being asked who they are",
		},
		"with tokens": {
			args: append([]string{"--auth=token"}, byToken...), says: "callers' tokens come to this address in the clear",
		},
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

// getStatus returns the status of a GET with another Host header.
func getStatus(t *testing.T, host, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	return do(t, nil, req).status
}

func TestRun_rejectsOtherHostsOnLoopback(t *testing.T) {
	f := folder(t.TempDir())
	_, entry := newToken(t, "a")
	byToken := []string{
		"--auth=token", "--token-file=" + f.write(t, "tokens.yaml", "tokens:\n"+entry),
		"--policy=" + f.write(t, "policy.yaml",
			"rules:\n- subject: {token: a}\n  projects: all\n  permissions: [jobs:read]\n"),
	}
	public := []string{"/graphql?query={__typename}", "/", "/playground/", "/dashboard", "/dashboard/"}
	admin := []string{"/metrics", "/health/live", "/health/ready"}
	for name, tt := range map[string]struct {
		args   []string
		public bool // the pages are served for every host
		admin  bool // the metrics are served for every host
	}{
		"on loopback": {args: []string{"--admin-listen=127.0.0.1:0"}},
		"with the word": {
			args: []string{"--admin-listen=127.0.0.1:0", "--serve-everyone-without-authentication"}, public: true,
		},
		"where callers are asked":         {args: append([]string{"--admin-listen=127.0.0.1:0"}, byToken...), public: true},
		"with metrics on other addresses": {args: []string{"--admin-listen=0.0.0.0:0"}, admin: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, nil, append([]string{"--demo"}, tt.args...)...)
			adminURL := p.output.waitFor(metricsURL)[1]
			for _, host := range []string{
				"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.1",
				"[2001:db8::1]:80",
			} {
				for _, path := range public {
					got := getStatus(t, host, p.url+path)
					if want := !tt.public; (got == http.StatusForbidden) != want {
						t.Errorf("%s%s: got %d, refused should be %t", host, path, got, want)
					}
				}
				for _, path := range admin {
					if got, want := getStatus(t, host, adminURL+path), !tt.admin; (got == http.StatusForbidden) != want {
						t.Errorf("%s%s of the admin: got %d, refused should be %t", host, path, got, want)
					}
				}
				if got := getStatus(t, host, p.url+"/health/live"); got != http.StatusOK {
					t.Errorf("%s/health/live: got %d", host, got)
				}
			}
			for _, host := range []string{"localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:80", "[::1]:80"} {
				for _, url := range []string{p.url + "/", p.url + "/dashboard", adminURL + "/metrics", adminURL + "/health/ready"} {
					if got := getStatus(t, host, url); got != http.StatusOK {
						t.Errorf("%s under %s: got %d", url, host, got)
					}
				}
			}
		})
	}
}

func TestRun_tokenRejectsAnInvalidName(t *testing.T) {
	for _, args := range [][]string{
		{"token"}, {"token", "a", "b"}, {"token", "a b"}, {"token", ""}, {"token", "a\n"}, {"token", "--help"},
	} {
		if err := Run(t.Context(), args, os.Environ(), io.Discard, io.Discard); (err == nil) == (len(args) != 2 ||
			args[1] != "--help") {
			t.Errorf("%q: %v", args, err)
		}
	}
}
