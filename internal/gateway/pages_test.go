package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/authz"
)

// text is a page of a test.
func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) })
}

// withPages serves pages, to callers who send a token.
func withPages(c *Config) {
	c.Playground, c.PlaygroundSchema, c.Dashboard = text("the playground"), text("the schema"), text("the dashboard")
	c.Access = AllowAll(&lockedBuffer{})
	c.Access.Authenticate = func(r *http.Request) (*authz.Caller, error) {
		if r.Header.Get("Authorization") == "" {
			return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "who calls?"}
		}
		return &authz.Caller{
			Method: authz.Token, Token: "tester", Expires: time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC),
		}, nil
	}
}

func TestPages_serveNoDataWithoutACaller(t *testing.T) {
	e := newEnv(t, withConfig(withPages))
	const elsewhere, token = "Sec-Fetch-Site: cross-site", "Authorization: x"
	for _, tt := range []struct {
		name, path, header string
		status             int
		want               string
	}{
		{name: "the dashboard is open", path: "/dashboard", header: "X-None: 1", status: 200, want: "the dashboard"},
		{name: "the playground is open", path: "/", header: "X-None: 1", status: 200, want: "the playground"},
		{name: "the schema is not", path: "/playground/schema", header: "X-None: 1", status: 401, want: "UNAUTHENTICATED"},
		{name: "the caller is not", path: "/caller", header: "X-None: 1", status: 401, want: "UNAUTHENTICATED"},
		{name: "the schema of a caller", path: "/playground/schema", header: token, status: 200, want: "the schema"},
		{
			name: "who a caller is", path: "/caller", header: token, status: 200,
			want: `{"name":"token:tester","method":"token","expires":"2030-01-02T03:04:05Z"}`,
		},
		{name: "the caller for another site", path: "/caller", header: elsewhere, status: 403, want: "CROSS_SITE"},
		{name: "the schema for another site", path: "/playground/schema", header: elsewhere, status: 403, want: "CROSS_SITE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := e.send(t, http.MethodGet, tt.path, "", tt.header)
			if res.Status != tt.status || !strings.Contains(res.Raw, tt.want) {
				t.Errorf("%d %s", res.Status, res.Raw)
			}
		})
	}
}

func TestPages_sendABrowserThatOpensGraphQLToThePlayground(t *testing.T) {
	const html = "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, tt := range []struct {
		name, path, accept string
		config             func(*Config)
		redirected         bool
	}{
		{name: "a browser", path: "/graphql", accept: html, config: withPages, redirected: true},
		{name: "a browser with a query", path: "/graphql?query={__typename}", accept: html, config: withPages},
		{name: "a client", path: "/graphql", accept: "application/json", config: withPages},
		{name: "no playground", path: "/graphql", accept: html, config: func(*Config) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(t, withConfig(tt.config))
			e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			res := e.send(t, http.MethodGet, tt.path, "", "Accept: "+tt.accept)
			if got := res.Status == http.StatusSeeOther && res.Header.Get("Location") == "./"; got != tt.redirected {
				t.Errorf("%d to %q", res.Status, res.Header.Get("Location"))
			}
		})
	}
}
