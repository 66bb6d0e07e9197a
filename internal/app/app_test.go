package app

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/atlassim"
)

// asProgram is the variable that makes the test binary run the program.
const asProgram = "TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main())
	}
	// The client of a cluster of Redis that was not reached sleeps for a second before it ends.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*call).DelayDo.func1"))
}

func TestRun_demoAnswersTheQueryThatItPrints(t *testing.T) {
	p := start(t, nil, "--demo")
	found := p.output.waitFor(regexp.MustCompile(`-d '(.*)'`))
	if found == nil {
		t.Fatal("no curl line was printed")
	}
	header, answer := p.post(t, found[1])
	if header.Get("X-Atlas-Mode") != "demo" || !strings.Contains(answer, `"state":"SUCCEEDED"`) ||
		strings.Contains(answer, "errors") {
		t.Errorf("got %v %s", header, answer)
	}
	if !strings.Contains(p.output.String(), "mode=demo") || !strings.Contains(p.output.String(), "DEMO") {
		t.Error("the log does not say that this is a demo")
	}
	if err := p.stop(); err != nil {
		t.Errorf("it stopped with %v", err)
	}
}

// atlasFor serves an Atlas on loopback and returns the environment of its gateway.
func atlasFor(t *testing.T, h http.Handler) map[string]string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return map[string]string{"MONGODB_ATLAS_BASE_URL": server.URL}
}

func jobQuery(t *testing.T, sim *atlassim.Simulator) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": exampleQuery(sim.Examples()[0])})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestRun_servesAJobWithEachKindOfCredential(t *testing.T) {
	sim := atlassim.New(
		atlassim.WithAPIKey("public", "private-secret", atlassim.ProjectOwner),
		atlassim.WithServiceAccount("account", "account-secret", atlassim.ProjectOwner))
	token := accessToken(t, sim, "account", "account-secret")
	for name, credential := range map[string]map[string]string{
		"API key":         {"MONGODB_ATLAS_PUBLIC_API_KEY": "public", "MONGODB_ATLAS_PRIVATE_API_KEY": "private-secret"},
		"service account": {"MONGODB_ATLAS_CLIENT_ID": "account", "MONGODB_ATLAS_CLIENT_SECRET": "account-secret"},
		"access token":    {"MONGODB_ATLAS_ACCESS_TOKEN": token},
	} {
		t.Run(name, func(t *testing.T) {
			env := atlasFor(t, sim)
			for k, v := range credential {
				env[k] = v
			}
			p := start(t, env)
			header, answer := p.post(t, jobQuery(t, sim))
			if header.Get("X-Atlas-Mode") != "live" || !strings.Contains(answer, `"state":"SUCCEEDED"`) {
				t.Errorf("got %v %s", header, answer)
			}
			if p.output.waitFor(regexp.MustCompile("atlas accepts the credential")) == nil {
				t.Error("the credential was not checked")
			}
			if err := p.stop(); err != nil {
				t.Error(err)
			}
			for _, secret := range []string{"private-secret", "account-secret", token} {
				if strings.Contains(p.output.String(), secret) {
					t.Errorf("the output shows %q", secret)
				}
			}
		})
	}
}

func TestRun_logsAdviceForACredentialThatAtlasRejects(t *testing.T) {
	sim := atlassim.New(atlassim.WithAPIKey("public", "private", atlassim.ProjectOwner))
	forbidden := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","reason":"Forbidden",` +
			`"detail":"made up"}`))
	})
	website := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	key := func(env map[string]string) map[string]string {
		env["MONGODB_ATLAS_PUBLIC_API_KEY"], env["MONGODB_ATLAS_PRIVATE_API_KEY"] = "public", "wrong"
		return env
	}
	account := func(env map[string]string) map[string]string {
		env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "account", "wrong"
		return env
	}
	tests := map[string]struct {
		env        map[string]string
		line, code string
	}{
		"a wrong API key": {
			env: key(atlasFor(t, sim)), line: "check MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY",
			code: "UPSTREAM_UNAUTHENTICATED",
		},
		"a wrong service account": {
			env: account(atlasFor(t, sim)), line: "check MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET",
			code: "UPSTREAM_UNAUTHENTICATED",
		},
		"nobody there": {
			env: key(map[string]string{"MONGODB_ATLAS_BASE_URL": "http://" + freeAddress(t)}), line: "atlas cannot be reached",
			code: "UPSTREAM_UNAVAILABLE",
		},
		"an address not allowed": {env: key(atlasFor(t, forbidden)), line: "access list", code: "UPSTREAM_FORBIDDEN"},
		"a website": {
			env: key(atlasFor(t, website)), line: "does not answer like atlas", code: "UPSTREAM_ERROR",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := start(t, tt.env)
			if p.output.waitFor(regexp.MustCompile(`(?m)^.*level=ERROR.*`+regexp.QuoteMeta(tt.line)+`.*$`)) == nil {
				t.Errorf("it does not say %q: %s", tt.line, p.output)
			}
			// It serves, and its errors have the same cause.
			if _, answer := p.post(t, jobQuery(t, sim)); !strings.Contains(answer, `"code":"`+tt.code+`"`) {
				t.Errorf("got %s", answer)
			}
		})
	}
}

func TestRun_failsToStartWithAReasonInOneLine(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"no credential": {want: "--demo"},
		"a bad flag":    {args: []string{"--nope"}, want: "--help"},
		"a bad base URL": {
			env:  map[string]string{"MONGODB_ATLAS_ACCESS_TOKEN": "t", "MONGODB_ATLAS_BASE_URL": "http://cloud.mongodb.com"},
			want: "MONGODB_ATLAS_BASE_URL",
		},
		"all origins with credentials": {
			args: []string{"--demo", "--cors-origins=*", "--cors-credentials"}, want: "cannot go with credentials",
		},
		"an origin that is none": {args: []string{"--demo", "--cors-origins=example.com"}, want: "is no origin"},
		"a taken address":        {args: []string{"--demo", "--listen=" + taken.Addr().String()}, want: "--listen"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := Run(t.Context(), tt.args, environ(tt.env), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, tt.want)
			}
		})
	}
	if err := Run(t.Context(), []string{"--help"}, nil, io.Discard, io.Discard); err != nil {
		t.Errorf("--help ended with %v", err)
	}
}

func TestRun_endsRequestsInProgressBeforeItStops(t *testing.T) {
	sim := atlassim.New(atlassim.WithAPIKey("public", "private", atlassim.ProjectOwner))
	arrived, release := make(chan struct{}), make(chan struct{})
	env := atlasFor(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "restoreJobs") && r.Header.Get("Authorization") != "" {
			close(arrived)
			<-release
		}
		sim.ServeHTTP(w, r)
	}))
	env["MONGODB_ATLAS_PUBLIC_API_KEY"], env["MONGODB_ATLAS_PRIVATE_API_KEY"] = "public", "private"
	p := start(t, env)
	answered := make(chan string)
	go func() {
		_, answer := p.post(t, jobQuery(t, sim))
		answered <- answer
	}()
	<-arrived
	stopped := make(chan error)
	go func() { stopped <- p.stop() }()
	p.output.waitFor(regexp.MustCompile("stopping"))
	close(release)
	if answer := <-answered; !strings.Contains(answer, "SUCCEEDED") {
		t.Errorf("got %s", answer)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func accessToken(t *testing.T, sim http.Handler, id, secret string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/oauth/token",
		strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		t.Fatal(err, w.Body.String())
	}
	return token.AccessToken
}
