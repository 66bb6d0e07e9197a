package atlassim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const (
	publicKey  = "abcdefgh"
	privateKey = "0f1e2d3c-secret"
	ownerID    = "mdb_sa_id_owner"
	readerID   = "mdb_sa_id_reader"
	saSecret   = "mdb_sa_sk_a+b/c d"

	apiRoot = "/api/atlas/v2"
	groups  = apiRoot + "/groups/"
	orders  = groups + atlassim.SeedGroupID + "/serverless/" + atlassim.SeedClusterName
	jobs    = orders + "/backup/restoreJobs"
	snaps   = orders + "/backup/snapshots"
	accept  = "application/vnd.atlas.2025-03-12+json"
	noID    = "000000000000000000000000"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// clock is a clock that moves when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// atlas is a simulator under test, with one API key, two service accounts and its own clock.
type atlas struct {
	*atlassim.Simulator
	t      testing.TB
	clock  *clock
	bearer map[string]string
}

func newAtlas(tb testing.TB, opts ...atlassim.Option) *atlas {
	tb.Helper()
	a := &atlas{t: tb, clock: &clock{now: noon}, bearer: map[string]string{}}
	a.Simulator = atlassim.New(append([]atlassim.Option{
		atlassim.WithClock(a.clock.Now),
		atlassim.WithAPIKey(publicKey, privateKey, atlassim.ProjectOwner),
		atlassim.WithServiceAccount(ownerID, saSecret, atlassim.ProjectOwner),
		atlassim.WithServiceAccount(readerID, saSecret, atlassim.ProjectReadOnly),
	}, opts...)...)
	return a
}

// with changes a request before it is sent.
type with func(*http.Request)

func header(name, value string) with {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
}

// send sends a request as it is.
func (a *atlas) send(method, target string, changes ...with) *httptest.ResponseRecorder {
	a.t.Helper()
	r := httptest.NewRequestWithContext(a.t.Context(), method, "http://atlas.test"+target, nil)
	r.Header.Set("Accept", accept)
	for _, change := range changes {
		change(r)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// get asks as the project owner.
func (a *atlas) get(target string, changes ...with) *httptest.ResponseRecorder {
	a.t.Helper()
	return a.send(http.MethodGet, target, append([]with{a.as(ownerID)}, changes...)...)
}

// as authenticates as a service account, with one token for the whole test.
func (a *atlas) as(id string) with {
	a.t.Helper()
	if a.bearer[id] == "" {
		w := a.requestToken(id)
		a.bearer[id] = decode[struct {
			AccessToken string `json:"access_token"`
		}](a.t, w).AccessToken
	}
	return header("Authorization", "Bearer "+a.bearer[id])
}

func (a *atlas) requestToken(id string) *httptest.ResponseRecorder {
	a.t.Helper()
	return a.postForm("/api/oauth/token", id, url.Values{"grant_type": {"client_credentials"}})
}

func (a *atlas) postForm(target, id string, form url.Values) *httptest.ResponseRecorder {
	a.t.Helper()
	return a.send(http.MethodPost, target, func(r *http.Request) {
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(saSecret))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body = io.NopCloser(strings.NewReader(form.Encode()))
	})
}

// example finds a job by the stage that it shows.
func (a *atlas) example(label string) atlassim.Example {
	a.t.Helper()
	for _, e := range a.Examples() {
		if e.Label == label {
			return e
		}
	}
	a.t.Fatalf("no example %q", label)
	return atlassim.Example{}
}

// job fetches an example as loose JSON, from the API that serves it.
func (a *atlas) job(label string) map[string]any {
	a.t.Helper()
	e := a.example(label)
	w := a.get(jobPath(e))
	wantStatus(a.t, w, http.StatusOK)
	return decode[map[string]any](a.t, w)
}

// tierPath is where the clusters of a tier are found in a project.
var tierPath = map[string]string{
	atlassim.TierServerless: "/serverless/",
	atlassim.TierFlex:       "/flexClusters/",
	atlassim.TierDedicated:  "/clusters/",
	atlassim.TierFree:       "/clusters/",
}

// jobPath is where an example is found while its cluster has that tier.
func jobPath(e atlassim.Example) string {
	return groups + e.GroupID + tierPath[e.Tier] + e.ClusterName + "/backup/restoreJobs/" + e.RestoreJobID
}

func decode[T any](tb testing.TB, w *httptest.ResponseRecorder) T {
	tb.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		tb.Fatalf("body is not JSON: %v\n%s", err, w.Body)
	}
	return v
}

func wantStatus(tb testing.TB, w *httptest.ResponseRecorder, status int) {
	tb.Helper()
	if w.Code != status {
		tb.Fatalf("status %d, want %d; body %s", w.Code, status, w.Body)
	}
}

// wantError checks an error's status, its code in body and header, and its form.
func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	wantStatus(t, w, status)
	e := decode[map[string]any](t, w)
	if e["errorCode"] != code {
		t.Errorf("errorCode %v, want %s", e["errorCode"], code)
	}
	if got := w.Header().Get("X-Error-Code"); got != code {
		t.Errorf("X-Error-Code %q, want %s", got, code)
	}
	if e["error"] != float64(status) || e["reason"] != http.StatusText(status) {
		t.Errorf("error %v, reason %v, want %d, %s", e["error"], e["reason"], status, http.StatusText(status))
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q, want application/json", got)
	}
}
