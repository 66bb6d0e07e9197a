package gateway

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/authz"
)

func TestAuthentication_rejectionHasChallengeAndError(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status int
		code   string
		header map[string]string
	}{
		"no credentials": {
			err: &authz.Error{
				Kind: authz.Unauthenticated, Message: "who calls?", Challenge: `Bearer realm="x"`, Err: errors.New("a cause"),
			}, status: 401, code: "UNAUTHENTICATED", header: map[string]string{
				"Www-Authenticate": `Bearer realm="x"`, "Retry-After": "",
			},
		},
		"forbidden": {
			err: &authz.Error{Kind: authz.Forbidden, Message: "not here"}, status: 403, code: "FORBIDDEN",
			header: map[string]string{"Www-Authenticate": ""},
		},
		"too much": {
			err: &authz.Error{Kind: authz.RateLimited, Message: "wait", RetryAfter: 1500 * time.Millisecond}, status: 429,
			code: "RATE_LIMITED", header: map[string]string{"Retry-After": "2"},
		},
		"not possible": {
			err: &authz.Error{Kind: authz.Unavailable, Message: "later", RetryAfter: time.Second}, status: 503,
			code: "UPSTREAM_UNAVAILABLE", header: map[string]string{"Retry-After": "1"},
		},
		"a mistake": {err: errors.New("wires crossed"), status: 500, code: "INTERNAL_SERVER_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, withConfig(func(c *Config) {
				c.Access = AllowAll(&lockedBuffer{})
				c.Access.Authenticate = func(*http.Request) (*authz.Caller, error) { return nil, tt.err }
			}))
			for _, accept := range []string{"application/json", "application/graphql-response+json", "text/html"} {
				r := e.send(t, "POST", "/graphql", `{"query":"{ __typename }"}`, post, "Accept: "+accept)
				if r.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: a cache may store it: %v", accept, r.Header)
				}
				if r.Status != tt.status || r.Data != nil || len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != tt.code ||
					r.Errors[0].Extensions["requestId"] != r.Header.Get("X-Request-Id") {
					t.Errorf("%s: %d %s", accept, r.Status, r.Raw)
				}
				if accept != "text/html" && !strings.HasPrefix(r.Header.Get("Content-Type"), accept) {
					t.Errorf("%s: the answer is %s", accept, r.Header.Get("Content-Type"))
				}
				for header, want := range tt.header {
					if got := r.Header.Get(header); got != want {
						t.Errorf("%s is %q", header, got)
					}
				}
				if strings.Contains(r.Raw, "wires") || strings.Contains(r.Raw, "a cause") {
					t.Errorf("the caller is told the cause: %s", r.Raw)
				}
			}
			if !strings.Contains(e.log.String(), "a cause") && !strings.Contains(e.log.String(), tt.err.Error()) {
				t.Error("the log does not say why")
			}
		})
	}
}

func TestAuthentication_isNotNeededForPagesAndHealth(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) {
		c.Access = AllowAll(&lockedBuffer{})
		c.Access.Authenticate = callerOfHeader
	}))
	for _, path := range []string{"/", "/health/live", "/health/ready"} {
		if r := e.send(t, "GET", path, ""); r.Status != 200 {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
	for _, method := range []string{"GET", "POST", "PUT"} {
		if r := e.send(t, method, "/graphql?query={__typename}", ""); r.Status != 401 {
			t.Errorf("%s /graphql: %d", method, r.Status)
		}
	}
}

func TestAccessLog_hasTheCaller(t *testing.T) {
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{"t": {"all: [jobs:read]"}}))
	e.postAs(t, "t", "{ __typename }")
	e.send(t, "POST", "/graphql", `{"query":"{ __typename }"}`, post)
	e.postAs(t, "t", "{"+jobField("a", atlassim.Example{GroupID: nowhere, ClusterName: "c", RestoreJobID: nowhere},
		"{ id }")+"}")
	log := e.log.String()
	if !regexp.MustCompile(`msg=request .*status=200.* caller=token:t`).MatchString(log) ||
		regexp.MustCompile(`msg=request .*status=401.* caller=`).MatchString(log) {
		t.Errorf("got %s", log)
	}
	e = newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{"t": {"[" + nowhere + "]: [jobs:read]"}}))
	e.postAs(t, "t", "{"+jobField("a", e.example(t, "succeeded"), "{ id }")+"}")
	if !regexp.MustCompile(`msg="access denied" caller=token:t group_id=` + atlassim.SeedGroupID + ` request_id=`).MatchString(e.log.String()) {
		t.Errorf("got %s", e.log.String())
	}
}

func TestVary_hasAuthorizationAndAccept(t *testing.T) {
	unauthenticated := AllowAll(io.Discard)
	unauthenticated.Authenticate = func(*http.Request) (*authz.Caller, error) {
		return nil, &authz.Error{Kind: authz.Unauthenticated}
	}
	for name, e := range map[string]*env{
		"an answer": newEnv(t), "a rejection": newEnv(t, withConfig(func(c *Config) { c.Access = unauthenticated })),
	} {
		r := e.post(t, "{ __typename }", nil)
		vary := strings.Split(strings.Join(r.Header.Values("Vary"), ", "), ", ")
		if !slices.Contains(vary, "Authorization") || !slices.Contains(vary, "Accept") ||
			r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %v", name, r.Header)
		}
	}
}

func TestNew_requiresAccess(t *testing.T) {
	open := AllowAll(&lockedBuffer{})
	for name, a := range map[string]*Access{
		"nothing": nil, "no policy": {Authenticate: open.Authenticate, Audit: open.Audit},
		"no authentication": {Policy: open.Policy, Audit: open.Audit},
		"no audit":          {Authenticate: open.Authenticate, Policy: open.Policy},
	} {
		if _, err := New(Config{Reader: &fullReader{}, Logger: slog.New(slog.DiscardHandler), Access: a}); err == nil {
			t.Errorf("%s: it is made", name)
		}
	}
}
