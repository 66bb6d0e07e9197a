package app

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/diagnosis"
	"atlas-restore-gateway/internal/test/certs"
)

// findingsIn decodes the output of diagnose --json.
func findingsIn(t *testing.T, output string) (all []diagnosis.Finding) {
	t.Helper()
	if err := json.Unmarshal([]byte(output), &all); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return all
}

// diagnosed runs the command and returns its findings by their checks.
func diagnosed(t *testing.T, env map[string]string, args ...string) (byCheck map[string]diagnosis.Finding, err error) {
	t.Helper()
	var out strings.Builder
	err = Run(t.Context(), append([]string{"diagnose", "--json"}, args...), environ(env), &out, io.Discard)
	byCheck = make(map[string]diagnosis.Finding)
	for _, f := range findingsIn(t, out.String()) {
		byCheck[f.Check] = f
	}
	if strings.Contains(out.String(), "private-secret") || strings.Contains(out.String(), "https://demo-downloads") {
		t.Errorf("a secret is in %s", out.String())
	}
	return byCheck, err
}

// withKey returns the environment of a gateway whose Atlas is at a URL.
func withKey(url string) map[string]string {
	return map[string]string{
		"MONGODB_ATLAS_BASE_URL": url, "MONGODB_ATLAS_PUBLIC_API_KEY": "public",
		"MONGODB_ATLAS_PRIVATE_API_KEY": "private-secret",
	}
}

func TestDiagnose_findsNoFaultInTheDemo(t *testing.T) {
	var out strings.Builder
	args := []string{"diagnose", "--demo", "--actions", "--single-replica"}
	if err := Run(t.Context(), args, nil, &out, io.Discard); err != nil {
		t.Errorf("%v: %s", err, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if utf8.RuneCountInString(line) > 101 || strings.Contains(line, "warning") {
			t.Error(line)
		}
	}
	for _, part := range []string{"settings", "clock: 127.0.0.1", "rights: API key,", "budget: API key", "requests"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, out.String())
		}
	}
}

func TestDiagnose_findsFaults(t *testing.T) {
	serve := func(t *testing.T, h http.Handler) string {
		t.Helper()
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	key := func(role atlassim.Role, options ...atlassim.Option) *atlassim.Simulator {
		return atlassim.New(append(options, atlassim.WithAPIKey("public", "private-secret", role))...)
	}
	html := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	rights := "rights: API key, " + atlassim.SeedGroupID
	for name, row := range map[string]struct {
		start  func(t *testing.T) (env map[string]string, args []string)
		check  string
		result diagnosis.Result
		parts  []string
		passes bool
	}{
		"a name that does not resolve": {
			start: func(*testing.T) (map[string]string, []string) { return withKey("https://atlas.invalid"), nil },
			check: "dns: atlas.invalid", result: diagnosis.Failed, parts: []string{"no such host", "MONGODB_ATLAS_BASE_URL"},
		},
		"a certificate that is not trusted": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				server := httptest.NewUnstartedServer(key(atlassim.ProjectOwner))
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.StartTLS()
				t.Cleanup(server.Close)
				return withKey(server.URL), nil
			},
			check: "tls: 127.0.0.1", result: diagnosis.Failed,
			parts: []string{"not trusted: for example.com", "issued by Acme Co", "SSL_CERT_FILE"},
		},
		"a clock that is two minutes off": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				late := func() time.Time { return time.Now().Add(2 * time.Minute) }
				return withKey(serve(t, key(atlassim.ProjectOwner, atlassim.WithClock(late)))), nil
			},
			check: "clock: 127.0.0.1", result: diagnosis.Failed, parts: []string{"behind, more than 30s", "synchronize"},
		},
		"a wrong key": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				return withKey(serve(t, atlassim.New(atlassim.WithAPIKey("public", "another", atlassim.ProjectOwner)))), nil
			},
			check: "atlas: API key", result: diagnosis.Failed, parts: []string{"401", "check MONGODB_ATLAS_PUBLIC_API_KEY"},
		},
		"a role that is needed": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				return withKey(serve(t, key(atlassim.ProjectReadOnly))), nil
			},
			check: rights, result: diagnosis.Failed, parts: []string{
				"reads clusters, snapshots, backup schedules, Flex clusters, Flex restore jobs",
				"may not read Dedicated restore jobs (Project Backup Manager), collection restore jobs (Project Backup Manager)",
				"give it the role Project Backup Manager in the project",
			},
		},
		"a role that few need": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				return withKey(serve(t, key(atlassim.ProjectBackupManager))), []string{"--atlas-serverless=off"}
			},
			check: rights, result: diagnosis.Warning, passes: true, parts: []string{
				"reads clusters, Dedicated restore jobs", "may not read the backup compliance policy (Project Owner)",
				"needed only if",
			},
		},
		"a project that the credential does not see": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				file := folder(t.TempDir()).write(t, "credentials.yaml", "credentials:\n  - name: team\n    projects: ["+
					strings.Repeat("0", 24)+"]\n    apiKey: {publicKey: public, privateKey: {env: KEY}}\n")
				env := map[string]string{"MONGODB_ATLAS_BASE_URL": serve(t, key(atlassim.ProjectOwner)), "KEY": "private-secret"}
				return env, []string{"--atlas-credentials=" + file}
			},
			check: "rights: team, " + strings.Repeat("0", 24), result: diagnosis.Failed,
			parts: []string{"no such project", "check the project in the entry"},
		},
		"a budget that is spent": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				sim := key(atlassim.ProjectOwner)
				return withKey(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.Contains(r.URL.Path, "/backup/") {
						w.Header().Set("Retry-After", "60")
						w.WriteHeader(http.StatusTooManyRequests)
						return
					}
					sim.ServeHTTP(w, r)
				}))), nil
			},
			check: "budget: API key", result: diagnosis.Failed,
			parts: []string{"spent: cloud backups of project", "wait a minute"},
		},
		"Redis that is away": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				env := withKey(serve(t, key(atlassim.ProjectOwner)))
				env["GATEWAY_REPLICA_KEY"] = strings.Repeat("QUFB", 11) + "QUE="
				return env, []string{"--replica-redis=redis://" + freeAddress(t)}
			},
			check: "redis", result: diagnosis.Failed, parts: []string{"connection refused", "check --replica-redis"},
		},
		"a name of Redis that does not resolve": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				env := withKey(serve(t, key(atlassim.ProjectOwner)))
				env["GATEWAY_REPLICA_KEY"] = strings.Repeat("QUFB", 11) + "QUE="
				return env, []string{"--replica-redis=rediss://redis.invalid:6379"}
			},
			check: "dns: redis.invalid", result: diagnosis.Failed, parts: []string{"check the name in --replica-redis"},
		},
		"an OpenID provider that answers HTML": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				policy := folder(t.TempDir()).write(t, "policy.yaml",
					"rules:\n  - subject: {method: oidc}\n    projects: all\n    permissions: [jobs:read]\n")
				return withKey(serve(t, key(atlassim.ProjectOwner))),
					[]string{"--auth=oidc", "--oidc-issuer=" + serve(t, html), "--oidc-audience=a", "--policy=" + policy}
			},
			check: "openid provider", result: diagnosis.Failed, parts: []string{"not the JSON", "check --oidc-issuer"},
		},
		"a certificate of the gateway that ends": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				dir, cert := folder(t.TempDir()), certs.Authority().Server(x509.Certificate{DNSNames: []string{"gateway.example"}})
				return withKey(serve(t, key(atlassim.ProjectOwner))), []string{
					"--tls-cert=" + dir.write(t, "cert.pem", cert.CertPEM()), "--tls-key=" + dir.write(t, "key.pem", cert.KeyPEM()),
				}
			},
			check: "certificate of the gateway", result: diagnosis.Warning, passes: true,
			parts: []string{"for gateway.example", "it ends soon"},
		},
		"a certificate of the gateway without its key": {
			start: func(t *testing.T) (map[string]string, []string) {
				t.Helper()
				dir, cert, other := folder(t.TempDir()), certs.Authority(), certs.Authority()
				return withKey(serve(t, key(atlassim.ProjectOwner))), []string{
					"--tls-cert=" + dir.write(t, "cert.pem", cert.CertPEM()), "--tls-key=" + dir.write(t, "key.pem", other.KeyPEM()),
				}
			},
			check: "certificate of the gateway", result: diagnosis.Failed,
			parts: []string{"no certificate and its key", "--tls-key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			env, args := row.start(t)
			all, err := diagnosed(t, env, args...)
			f := all[row.check]
			if f.Result != row.result || f.OK == (row.result == diagnosis.Failed) || (err == nil) != row.passes {
				t.Errorf("got %+v, error %v, of %+v", f, err, all)
			}
			for _, part := range row.parts {
				if !strings.Contains(f.Detail+" "+f.Advice, part) {
					t.Errorf("%+v does not say %q", f, part)
				}
			}
		})
	}
}

// TestDiagnose_outputIsThatOfTheGuide holds the example of docs/operations.md to the output, but for numbers.
func TestDiagnose_outputIsThatOfTheGuide(t *testing.T) {
	env := atlasFor(t, atlassim.New(atlassim.WithServiceAccount(
		"account", "account-secret", atlassim.ProjectBackupManager, atlassim.SeedGroupID)))
	env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "account", "account-secret"
	var out strings.Builder
	if err := Run(t.Context(), []string{"diagnose"}, environ(env), &out, io.Discard); err != nil {
		t.Error(err)
	}
	_, guide, _ := strings.Cut(readFile(t, "docs/operations.md"), "in the place of Atlas:\n\n```\n")
	guide, _, _ = strings.Cut(guide, "```\n")
	withoutNumbers := func(text string) string { return regexp.MustCompile(`[\d.]+m?s?`).ReplaceAllString(text, "N") }
	if diff := cmp.Diff(withoutNumbers(guide), withoutNumbers(out.String())); diff != "" {
		t.Errorf("%s\n%s", diff, out.String())
	}
}

// One project costs at most ten calls, and the count is right: a diagnosis takes its calls from the gateway's budget.
func TestDiagnose_countsItsRequests(t *testing.T) {
	var requests, others atomic.Int64
	sim := actionsSimulator()
	sent := &methods{next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/oauth/token" {
			others.Add(1)
		} else {
			requests.Add(1)
		}
		sim.ServeHTTP(w, r)
	})}
	env := atlasFor(t, sent)
	env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "reads", "secret-of-reads"
	all, err := diagnosed(t, env)
	if err != nil {
		t.Error(err)
	}
	counts := regexp.MustCompile(`\d+`).FindAllString(all["requests"].Detail, -1)
	want := []string{strconv.FormatInt(requests.Load()-1, 10), "1", strconv.FormatInt(others.Load(), 10)}
	if strings.Join(counts, " ") != strings.Join(want, " ") || requests.Load() > 60 {
		t.Errorf("it says %q, want %q", all["requests"].Detail, want)
	}
	if len(sent.all) > 0 {
		t.Errorf("%q were sent", sent.all)
	}
}

// No more than MaxProjects of many projects are read.
func TestDiagnose_boundsTheProjects(t *testing.T) {
	env := atlasFor(t, atlassim.New(atlassim.WithoutSeed(), atlassim.WithProjects(50),
		atlassim.WithServiceAccount("reads", "secret-of-reads", atlassim.ProjectOwner)))
	env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "reads", "secret-of-reads"
	all, err := diagnosed(t, env)
	rows := 0
	for check := range all {
		if strings.HasPrefix(check, "rights: ") {
			rows++
		}
	}
	f := all["projects: service account"]
	if err != nil || rows != diagnosis.MaxProjects || !strings.Contains(f.Detail, "for 50 projects") {
		t.Errorf("%d rows, %+v, error %v", rows, f, err)
	}
}

// A signal ends the diagnosis, although Atlas does not answer.
func TestDiagnose_endsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{}, 100)
	env := atlasFor(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	env["MONGODB_ATLAS_ACCESS_TOKEN"] = "a-token-of-a-test"
	go func() { <-asked; cancel() }()
	var out strings.Builder
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, []string{"diagnose"}, environ(env), &out, io.Discard) }()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "was ended") || out.Len() > 0 {
			t.Errorf("error %v, %s", err, out.String())
		}
	case <-time.After(diagnosis.Timeout * 2 / 3):
		t.Fatal("it goes on until its checks time out")
	}
}
