package contract

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"
	"go.mongodb.org/atlas-sdk/v20250312020/auth"

	"atlas-restore-gateway/internal/atlassim"
)

// start is the moment at which every simulator starts: shortly before the sunset of the serverless API.
var start = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)

// credential is one that the simulator of an env knows, or that it does not know.
type credential struct {
	name            string
	public, private string
	serviceAccount  bool
}

var (
	ownerKey      = credential{name: "digest", public: "ownerkey", private: "0b1c2d3e-owner"}
	ownerAccount  = credential{name: "oauth", public: "mdb_sa_id_owner", private: "mdb_sa_sk_owner", serviceAccount: true}
	readerKey     = credential{name: "digest", public: "readrkey", private: "0b1c2d3e-reader"}
	readerAccount = credential{
		name: "oauth", public: "mdb_sa_id_reader", private: "mdb_sa_sk_reader", serviceAccount: true,
	}

	// owners are the kinds of credential that every test of the SDK runs with.
	owners = []credential{ownerKey, ownerAccount}
)

// reader is the credential of the same kind that may not see restore jobs.
func (c credential) reader() credential {
	if c.serviceAccount {
		return readerAccount
	}
	return readerKey
}

// env is a simulator behind an HTTP server on loopback. It keeps every exchange, and when the test ends it compares all
// of them with the official document: a difference that is in no table of deviations fails the test.
type env struct {
	*atlassim.Simulator
	url      string
	document *document
	clock    *clock
	wire     *wire
	found    map[finding]string
	logins   map[credential]*http.Client
}

func newEnv(t *testing.T, opts ...atlassim.Option) *env {
	t.Helper()
	e := &env{
		document: officialDocument(t), clock: &clock{now: start},
		found: map[finding]string{}, logins: map[credential]*http.Client{},
	}
	e.Simulator = atlassim.New(append([]atlassim.Option{
		atlassim.WithClock(e.clock.Now),
		atlassim.WithAPIKey(ownerKey.public, ownerKey.private, atlassim.ProjectOwner),
		atlassim.WithAPIKey(readerKey.public, readerKey.private, atlassim.ProjectReadOnly),
		atlassim.WithServiceAccount(ownerAccount.public, ownerAccount.private, atlassim.ProjectOwner),
		atlassim.WithServiceAccount(readerAccount.public, readerAccount.private, atlassim.ProjectReadOnly),
	}, opts...)...)
	e.wire = &wire{next: e.Simulator}
	server := httptest.NewServer(e.wire)
	e.url = server.URL
	t.Cleanup(func() {
		server.Close()
		var problems []string
		for f, example := range e.findings(t) {
			if deviationOf(f) == nil && !listed(recordedDeviations, f) {
				problems = append(problems, f.String()+" ("+example+")")
			}
		}
		slices.Sort(problems)
		for _, p := range problems {
			t.Error("an answer is not what the document says: " + p)
		}
	})
	return e
}

// findings compares all exchanges so far with the document, each of them once.
func (e *env) findings(t *testing.T) map[finding]string {
	t.Helper()
	for _, x := range e.wire.unchecked() {
		if strings.HasPrefix(x.request.URL.Path, oauthPath) {
			continue
		}
		found, err := e.document.check(x)
		if err != nil {
			t.Error(err)
		}
		for f, example := range found {
			e.found[f] = example
		}
	}
	return maps.Clone(e.found)
}

// sdk makes the official SDK's client for a credential. All clients of a credential share its login, because a service
// account may ask for ten tokens a minute. More modifiers come last.
func (e *env) sdk(t *testing.T, c credential, modifiers ...admin.ClientModifier) *admin.APIClient {
	t.Helper()
	login, ok := e.logins[c]
	if !ok {
		login = e.login(t, c)
		e.logins[c] = login
	}
	modifiers = append([]admin.ClientModifier{admin.UseBaseURL(e.url), admin.UseHTTPClient(login)}, modifiers...)
	client, err := admin.NewClient(modifiers...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// login is the HTTP client that the SDK makes of a credential.
func (e *env) login(t *testing.T, c credential) *http.Client {
	t.Helper()
	use := admin.UseDigestAuth(c.public, c.private)
	if c.serviceAccount {
		// Without an HTTP client in the context the SDK puts its own transport into http.DefaultClient, for good.
		ctx := context.WithValue(context.WithoutCancel(t.Context()), auth.HTTPClient, &http.Client{})
		use = admin.UseOAuthAuth(ctx, c.public, c.private)
	}
	// The base URL comes first: the modifier of OAuth takes the token's URL from it.
	client, err := admin.NewClient(admin.UseBaseURL(e.url), use)
	if err != nil {
		t.Fatal(err)
	}
	return client.GetConfig().HTTPClient
}

// token gets an access token as the document says: by the client credentials grant.
func (e *env) token(t *testing.T, c credential) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url+oauthPath+"token",
		strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(c.public, c.private)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body := send(t, req)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); status != http.StatusOK || err != nil || answer.AccessToken == "" {
		t.Fatalf("no token: %d %s", status, body)
	}
	return answer.AccessToken
}

func send(t *testing.T, req *http.Request) (status int, body []byte) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// clock is a clock that only set moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// wire is a handler that records requests and answers.
type wire struct {
	next http.Handler

	mu      sync.Mutex
	seen    []exchange
	checked int // of seen, the first ones
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	w.next.ServeHTTP(recorder, r)
	x := exchange{
		request: r.Clone(context.WithoutCancel(r.Context())),
		status:  recorder.Code, header: recorder.Header().Clone(), body: plain(recorder),
	}
	x.request.Body = http.NoBody
	w.mu.Lock()
	w.seen = append(w.seen, x) // before the answer is sent, so that a caller that has it also finds it here
	w.mu.Unlock()
	clear(rw.Header())
	for name, values := range recorder.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(recorder.Code)
	_, _ = rw.Write(recorder.Body.Bytes())
}

func (w *wire) all() []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]exchange(nil), w.seen...)
}

func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen, w.checked = nil, 0
}

// unchecked are the exchanges since the last call or reset.
func (w *wire) unchecked() []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	from := w.checked
	w.checked = len(w.seen)
	return append([]exchange(nil), w.seen[from:]...)
}

// last is the newest exchange.
func (w *wire) last(t *testing.T) exchange {
	t.Helper()
	all := w.all()
	if len(all) == 0 {
		t.Fatal("nothing was sent")
	}
	return all[len(all)-1]
}

// plain returns the decompressed body of an answer.
func plain(recorder *httptest.ResponseRecorder) []byte {
	body := recorder.Body.Bytes()
	if recorder.Header().Get("Content-Encoding") != "gzip" {
		return body
	}
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil // the check of the body will say that there is none
	}
	body, err = io.ReadAll(zr)
	if err != nil {
		return nil
	}
	return body
}
