package gateway

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/restore"
)

// byHash is the URL of a GET for a document of which the gateway has the text.
func (e *env) byHash(t *testing.T, query string) string {
	t.Helper()
	if r := e.post(t, query, nil); r.Status != 200 {
		t.Fatal(r.Raw)
	}
	return "/graphql?documentId=sha256:" + document.HashOf(query).String()
}

// labelled finds an example by its label.
type labelled func(label string) atlassim.Example

func TestHTTPCache_maxAgeIsTheShortestTTL(t *testing.T) {
	keep := restore.CacheSettings{Final: time.Hour, Running: 30 * time.Minute, Missing: 10 * time.Minute}
	job := func(label string, selection string) func(labelled) string {
		return func(x labelled) string { return "{" + jobField("a", x(label), selection) + "}" }
	}
	both := func(x labelled) string {
		return "{" + jobField("a", x("succeeded"), "{id}") + jobField("b", x("running"), "{id}") + "}"
	}
	tests := map[string]struct {
		query func(labelled) string
		has   string
		most  time.Duration // of max-age
	}{
		"a finished job": {query: job("succeeded", "{id}"), has: "private, max-age=", most: time.Hour},
		"a running job": {
			query: job("running", "{id}"), has: "private, max-age=", most: 30 * time.Minute,
		},
		"both": {query: both, has: "private, max-age=", most: 30 * time.Minute},
		"a finished job and its snapshot": {
			query: job("succeeded", "{id snapshot{id}}"), has: "private, max-age=", most: time.Hour,
		},
		"a finished job and its target cluster": {
			query: job("succeeded", "{id targetCluster{name}}"), has: "private, max-age=", most: 30 * time.Minute,
		},
		"a list": {
			query: func(labelled) string { return "{dedicatedRestoreJobs(" + in("billing") + "){nodes{id}}}" },
			has:   "private, max-age=", most: 30 * time.Minute,
		},
		"a download":                {query: job("ready", "{id}"), has: "private, max-age=", most: 30 * time.Minute},
		"a download's URL":          {query: job("ready", "{id deliveryUrl}"), has: "no-store"},
		"a URL where there is none": {query: job("succeeded", "{id deliveryUrl}"), has: "private, max-age=", most: time.Hour},
		"a list with a download's URL": {query: func(labelled) string {
			return "{serverlessRestoreJobs(" + in("orders") + ",first:500){nodes{deliveryUrl}}}"
		}, has: "no-store", most: 0},
		"the parts of a sharded cluster's job": {query: func(x labelled) string {
			return "{" + rootField("a", "dedicatedRestoreJob", x("sharded"), "{components{replicaSetName downloadUrl}}") + "}"
		}, has: "private, max-age=", most: time.Hour},
		"the parts of a sharded cluster's download": {query: func(x labelled) string {
			return "{" + rootField("a", "dedicatedRestoreJob", x("shardedReady"), "{components{replicaSetName}}") + "}"
		}, has: "no-store", most: 0},
		"nothing of Atlas": {query: func(labelled) string { return "{__typename}" }, has: "private, no-cache"},
		"an error": {query: func(x labelled) string {
			missing := x("succeeded")
			missing.RestoreJobID = strings.Repeat("0", 24)
			return "{" + jobField("a", missing, "{id}") + "}"
		}, has: "no-store", most: 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, withCache(keep))
			r := e.send(t, http.MethodGet,
				e.byHash(t, tt.query(func(label string) atlassim.Example { return e.example(t, label) })), "", curl)
			got := r.Header.Get("Cache-Control")
			if r.Status != 200 || !strings.HasPrefix(got, tt.has) || (got == "no-store") != (r.Header.Get("ETag") == "") {
				t.Fatalf("got %d %s %v", r.Status, r.Raw, r.Header)
			}
			_, seconds, _ := strings.Cut(got, "max-age=")
			if tt.most == 0 {
				return
			}
			age, err := time.ParseDuration(seconds + "s")
			if err != nil || age > tt.most || age < tt.most-5*time.Minute {
				t.Errorf("a cache may store it for %s, want %s at most", seconds, tt.most)
			}
		})
	}
}

func TestHTTPCache_onlyForGETWithAHash(t *testing.T) {
	e := newEnv(t, withCache(restore.DefaultCacheSettings))
	query := "{" + strings.TrimSpace(jobField("a", e.example(t, "succeeded"), "{id}")) + "}"
	hash := e.byHash(t, query)
	text := "/graphql?query=" + url.QueryEscape(query)
	for name, r := range map[string]result{
		"a POST with a hash": e.send(t, http.MethodPost, "/graphql", hashRequest(document.HashOf(query).String(), ""),
			post),
		"a POST":                   e.send(t, http.MethodPost, "/graphql", bodyOf(t, query, nil), post),
		"a GET with a text":        e.send(t, http.MethodGet, text, "", curl),
		"a GET with both":          e.send(t, http.MethodGet, text+"&"+strings.TrimPrefix(hash, "/graphql?"), "", curl),
		"a hash that is not known": e.send(t, http.MethodGet, "/graphql?documentId=x", "", curl),
	} {
		if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("ETag") != "" {
			t.Errorf("%s: got %d %v", name, r.Status, r.Header)
		}
	}
	if r := e.send(t, http.MethodGet, hash, "", curl); !strings.HasPrefix(r.Header.Get("Cache-Control"),
		"private, max-age=") {
		t.Errorf("a GET with a hash: got %v", r.Header)
	}
}

func TestHTTPCache_authenticatedResponsesArePrivate(t *testing.T) {
	for name, tt := range map[string]struct {
		caller authz.Caller
		has    string
	}{
		"no authentication":   {caller: authz.Caller{Method: authz.None}, has: "public, max-age="},
		"by a token":          {caller: authz.Caller{Method: authz.Token, Token: "t"}, has: "private, max-age="},
		"through a router":    {caller: authz.Caller{Method: authz.Router, Router: "r", Subject: "alice"}, has: "no-store"},
		"both":                {caller: authz.Caller{Method: authz.OIDC, Router: "r", Subject: "alice"}, has: "no-store"},
		"by a certificate":    {caller: authz.Caller{Method: authz.Router, Router: "r"}, has: "no-store"},
		"by a token of Atlas": {caller: authz.Caller{Method: authz.Passthrough, Subject: "s"}, has: "private, max-age="},
	} {
		e := newEnv(t, withCache(restore.DefaultCacheSettings), withConfig(func(c *Config) {
			c.Cache, c.Access = CachePublic, AllowAll(io.Discard)
			c.Access.Authenticate = func(*http.Request) (*authz.Caller, error) { return &tt.caller, nil }
		}))
		r := e.send(t, http.MethodGet, e.byHash(t, "{"+jobField("a", e.example(t, "succeeded"), "{id}")+"}"), "", curl)
		if got := r.Header.Get("Cache-Control"); !strings.HasPrefix(got, tt.has) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestHTTPCache_etagOfAnotherCallerTellsNothing has a caller ask whether what another caller saw is
// still so. The document is one for all; the answer is not.
func TestHTTPCache_etagOfAnotherCallerTellsNothing(t *testing.T) {
	e := newEnv(t, withCache(restore.DefaultCacheSettings), withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{
		"reader": {"all: [jobs:read]"}, "stranger": {"[" + nowhere + "]: [jobs:read]"},
	}))
	query := "{" + jobField("a", e.example(t, "succeeded"), "{id}") + "}"
	e.postAs(t, "reader", query) // from now on its hash is known
	get := func(caller, etag string) result {
		return e.send(t, http.MethodGet, "/graphql?documentId=sha256:"+document.HashOf(query).String(), "", curl,
			"X-Test-Caller: "+caller, "If-None-Match: "+etag)
	}
	etag := get("reader", "").Header.Get("ETag")
	if r := get("reader", etag); etag == "" || r.Status != 304 ||
		!strings.HasPrefix(r.Header.Get("Cache-Control"), "private") {
		t.Errorf("the caller itself: %q %d %v", etag, r.Status, r.Header)
	}
	for _, seen := range []string{etag, "*", `"x", ` + etag} {
		if r := get("stranger", seen); r.Status != 200 || r.codes()["[a]"] != "NOT_FOUND" || r.Header.Get("ETag") != "" ||
			r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("who may not see it, with %s: %d %s %v", seen, r.Status, r.Raw, r.Header)
		}
		if r := get("", seen); r.Status != 401 || r.Header.Get("ETag") != "" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("without a caller, with %s: %d %s", seen, r.Status, r.Raw)
		}
	}
}

func TestHTTPCache_scopeIsConfigurable(t *testing.T) {
	for _, tt := range []struct {
		scope   CacheScope
		headers []string
		has     string
	}{
		{scope: CachePrivate, has: "private, max-age="},
		{scope: CachePublic, has: "public, max-age="},
		{scope: CachePublic, headers: []string{"Authorization: Bearer a"}, has: "private, max-age="},
		{scope: CachePublic, headers: []string{"Cookie: a=b"}, has: "private, max-age="},
		{scope: CacheOff, has: "no-store"},
	} {
		e := newEnv(t, withCache(restore.DefaultCacheSettings), withConfig(func(c *Config) { c.Cache = tt.scope }))
		path := e.byHash(t, "{"+jobField("a", e.example(t, "succeeded"), "{id}")+"}")
		r := e.send(t, http.MethodGet, path, "", append(tt.headers, curl)...)
		if got := r.Header.Get("Cache-Control"); !strings.HasPrefix(got, tt.has) {
			t.Errorf("%v with %v: got %q", tt.scope, tt.headers, got)
		}
		if vary := strings.Join(r.Header.Values("Vary"), ","); tt.scope != CacheOff &&
			!strings.Contains(vary, "Authorization") {
			t.Errorf("%v: the answer to one may be given to another: %s", tt.scope, vary)
		}
	}
}

func TestHTTPCache_ifNoneMatchIs304(t *testing.T) {
	e := newEnv(t, withCache(restore.DefaultCacheSettings))
	path := e.byHash(t, "{"+jobField("a", e.example(t, "succeeded"), "{id}")+"}")
	etag := e.send(t, http.MethodGet, path, "", curl).Header.Get("ETag")
	for value, status := range map[string]int{
		etag:                           304,
		strings.TrimPrefix(etag, "W/"): 304,
		`"a", ` + etag:                 304,
		"*":                            304,
		`W/"other"`:                    200,
		"":                             200,
	} {
		r := e.send(t, http.MethodGet, path, "", curl, "If-None-Match: "+value)
		if r.Status != status || r.Header.Get("ETag") != etag || (status == 304) != (r.Raw == "") ||
			!strings.HasPrefix(r.Header.Get("Cache-Control"), "private, max-age=") {
			t.Errorf("%q: got %d %s %v", value, r.Status, r.Raw, r.Header)
		}
	}
	other := e.byHash(t, "{"+jobField("a", e.example(t, "failed"), "{id}")+"}")
	if r := e.send(t, http.MethodGet, other, "", curl, "If-None-Match: "+etag); r.Status != 200 ||
		r.Header.Get("ETag") == etag {
		t.Errorf("another answer: got %d %v", r.Status, r.Header)
	}
}

// TestHTTPCache_maxAgeCountsTheAgeOfCachedResults has a clock that does not wait.
func TestHTTPCache_maxAgeCountsTheAgeOfCachedResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))
		client, err := atlas.New(atlas.APIKey{PublicKey: testPublicKey, PrivateKey: testPrivateKey},
			atlas.WithBaseURL("http://127.0.0.1"), atlas.WithTransport(inProcess{sim}))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		service, err := restore.NewService(client, restore.Options{
			Cache: restore.CacheSettings{
				Bytes: 1 << 20, Final: 300 * time.Second, Running: 2 * time.Second, Missing: time.Second,
			},
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer service.Close()
		gw, err := New(Config{
			Reader: service, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Access: AllowAll(io.Discard),
		})
		if err != nil {
			t.Fatal(err)
		}
		query := "{" + jobField("a", sim.Examples()[0], "{id}") + "}"
		get := func() string {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
				"/graphql?documentId="+document.HashOf(query).String(), http.NoBody)
			r.Header.Set("User-Agent", "test")
			w := httptest.NewRecorder()
			gw.ServeHTTP(w, r)
			return w.Header().Get("Cache-Control")
		}
		register := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
			strings.NewReader(bodyOf(t, query, nil)))
		register.Header.Set("Content-Type", "application/json")
		gw.ServeHTTP(httptest.NewRecorder(), register)
		for _, want := range []string{
			"private, max-age=300", "private, max-age=200", "private, max-age=100", "private, max-age=300",
		} {
			if got := get(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			<-time.After(100 * time.Second)
		}
	})
}

// inProcess hands requests to a handler.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	return res, nil
}
