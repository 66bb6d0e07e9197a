package gateway

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	dashboard = "https://dashboard.example.com"
	evil      = "https://evil.example.net"
	browser   = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)"
	curl      = "User-Agent: curl/8"
	noAgent   = "User-Agent: " // net/http sends none for an empty one
)

func allowing(origins ...string) envOption {
	return withConfig(func(c *Config) { c.CORS.Allowed = origins })
}

func TestCSRF_rejectsPagesOfOtherOrigins(t *testing.T) {
	strict, open := newEnv(t, allowing(dashboard)), newEnv(t, allowing("*"))
	const get = "GET /graphql?query={__typename}"
	const head = "HEAD /graphql?query={__typename}"
	const json = "POST /graphql"
	tests := map[string]struct {
		request string
		headers []string
		status  int // where dashboard alone is allowed
	}{
		"a GET from no browser":        {request: get, headers: []string{curl}, status: 200},
		"a GET from a browser":         {request: get, headers: []string{browser}, status: 403},
		"a GET without any User-Agent": {request: get, headers: []string{noAgent}, status: 200},
		"the same with what a browser adds": {
			request: get, headers: []string{noAgent, "Sec-Fetch-Site: cross-site"}, status: 403,
		},
		"the same with an origin": {
			request: get, headers: []string{noAgent, "Origin: " + evil}, status: 403,
		},
		"a HEAD from no browser": {request: head, headers: []string{curl}, status: 200},
		"a HEAD from a browser":  {request: head, headers: []string{browser}, status: 403},
		"a HEAD of a page that is not": {
			request: head, headers: []string{browser, "Origin: " + evil, "Sec-Fetch-Site: cross-site"}, status: 403,
		},
		"a HEAD of a page that is allowed": {
			request: head, headers: []string{browser, "Origin: " + dashboard, "Sec-Fetch-Site: cross-site"}, status: 200,
		},
		"a GET of an image on another site": {
			request: get, headers: []string{browser, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"}, status: 403,
		},
		"a GET of a page of a sibling": {
			request: get, headers: []string{browser, "Sec-Fetch-Site: same-site"}, status: 403,
		},
		"a GET of the gateway's own page": {
			request: get, headers: []string{browser, "Sec-Fetch-Site: same-origin"}, status: 200,
		},
		"a GET that a person typed in": {
			request: get, headers: []string{browser, "Sec-Fetch-Site: none"}, status: 200,
		},
		"a GET with a header that says no browser": {
			request: get, headers: []string{curl, "Sec-Fetch-Site: cross-site"}, status: 403,
		},
		"a GET with another one": {request: get, headers: []string{curl, "Origin: " + evil}, status: 403},
		"a GET with Apollo's header": {
			request: get, headers: []string{browser, "Sec-Fetch-Site: cross-site", "Apollo-Require-Preflight: true"},
			status: 200,
		},
		"a GET with the name of an operation": {
			request: get, headers: []string{browser, "X-Apollo-Operation-Name: A"}, status: 200,
		},
		"a GET with an empty header": {
			request: get, headers: []string{browser, "Apollo-Require-Preflight: "}, status: 403,
		},
		"a GET with a content type of JSON": {request: get, headers: []string{browser, post}, status: 200},
		"a GET with a content type of a form": {
			request: get, headers: []string{browser, "Content-Type: text/plain; charset=utf-8"}, status: 403,
		},
		"a GET with a content type that is none": {
			request: get, headers: []string{browser, "Content-Type: ;application/json"}, status: 403,
		},
		"a GET of a page that is allowed": {
			request: get, headers: []string{browser, "Origin: " + dashboard, "Sec-Fetch-Site: cross-site"}, status: 200,
		},
		"a GET of a page that is not": {
			request: get, headers: []string{browser, "Origin: " + evil, "Sec-Fetch-Site: cross-site"}, status: 403,
		},
		"a GET of an unknown page": {request: get, headers: []string{browser, "Origin: null"}, status: 403},
		"a POST from no browser":   {request: json, headers: []string{curl, post}, status: 200},
		"a POST of the gateway's own page": {
			request: json, headers: []string{browser, post, "Origin: " + dashboard, "Sec-Fetch-Site: same-origin"}, status: 200,
		},
		"a POST of a page that is allowed": {
			request: json, headers: []string{browser, post, "Origin: " + dashboard, "Sec-Fetch-Site: cross-site"}, status: 200,
		},
		"a POST of a page that is not": {
			request: json, headers: []string{browser, post, "Origin: " + evil, "Sec-Fetch-Site: cross-site"}, status: 403,
		},
		"the same from an older browser": {
			request: json, headers: []string{browser, post, "Origin: " + evil}, status: 403,
		},
		"a POST of an unknown page": {request: json, headers: []string{browser, post, "Origin: null"}, status: 403},
		"a form on a page that is not": {
			request: json, headers: []string{browser, "Content-Type: text/plain", "Origin: " + evil}, status: 403,
		},
		"a form on a page that is allowed": {
			request: json, headers: []string{browser, "Content-Type: text/plain", "Origin: " + dashboard}, status: 415,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			method, path, _ := strings.Cut(tt.request, " ")
			body := ""
			if method == "POST" {
				body = `{"query":"{__typename}"}`
			}
			strict.sim.ResetCalls()
			r := strict.send(t, method, path, body, tt.headers...)
			if method == http.MethodHead {
				if r.Status != tt.status || r.Raw != "" {
					t.Errorf("got %d %s", r.Status, r.Raw)
				}
				return
			}
			if r.Status != tt.status || (r.Status == 403) != strings.Contains(r.Raw, "CROSS_SITE_REQUEST") {
				t.Errorf("got %d %s", r.Status, r.Raw)
			}
			// Where every page may ask, nothing is left to be prevented.
			if r := open.send(t, method, path, body, tt.headers...); r.Status == 403 {
				t.Errorf("where all are allowed: got %d %s", r.Status, r.Raw)
			}
		})
	}
}

func TestCSRF_emptyUserAgentMayBeABrowser(t *testing.T) {
	e := newEnv(t)
	for _, tt := range []struct {
		name   string
		agents []string
		status int
	}{
		{name: "none", status: 200},
		{name: "an empty one", agents: []string{""}, status: 403},
		{name: "another and an empty one", agents: []string{"curl/8", ""}, status: 403},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql?query={__typename}", http.NoBody)
		r.Header["User-Agent"] = tt.agents
		w := httptest.NewRecorder()
		if e.gateway.ServeHTTP(w, r); w.Code != tt.status {
			t.Errorf("%s: got %d %s", tt.name, w.Code, w.Body)
		}
	}
}

func TestCORS_allowsConfiguredOriginsOnly(t *testing.T) {
	none, some, all := newEnv(t), newEnv(t, allowing(dashboard)), newEnv(t, allowing("*"))
	cookies := newEnv(t, withConfig(func(c *Config) { c.CORS = CORS{Allowed: []string{dashboard}, Credentials: true} }))
	preflight := func(origin string) []string {
		return []string{
			"Origin: " + origin, "Access-Control-Request-Method: POST",
			"Access-Control-Request-Headers: content-type,authorization,x-atlas-cost",
		}
	}
	for _, tt := range []struct {
		name        string
		env         *env
		origin      string
		allowed     string // Access-Control-Allow-Origin
		credentials string
	}{
		{name: "no authentication", env: none, origin: dashboard},
		{name: "one", env: some, origin: dashboard, allowed: dashboard},
		{name: "another one", env: some, origin: evil},
		{name: "one in disguise", env: some, origin: dashboard + ".evil.net"},
		{name: "none", env: some, origin: "null"},
		{name: "all", env: all, origin: evil, allowed: "*"},
		{name: "one with credentials", env: cookies, origin: dashboard, allowed: dashboard, credentials: "true"},
		{name: "another one with credentials", env: cookies, origin: evil},
	} {
		r := tt.env.send(t, http.MethodOptions, "/graphql", "", preflight(tt.origin)...)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != tt.allowed ||
			r.Header.Get("Access-Control-Allow-Credentials") != tt.credentials {
			t.Errorf("%s may ask: %v", tt.name, r.Header)
		}
		if tt.allowed != "" && (r.Status != 200 || r.Header.Get("Access-Control-Allow-Methods") != "POST" ||
			!strings.Contains(r.Header.Get("Access-Control-Allow-Headers"), "Authorization")) {
			t.Errorf("%s may ask: %d %v", tt.name, r.Status, r.Header)
		}
		r = tt.env.send(t, http.MethodPost, "/graphql", `{"query":"{__typename}"}`, post, "Origin: "+tt.origin)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != tt.allowed || (r.Status == 200) != (tt.allowed != "") {
			t.Errorf("%s may read: %d %v", tt.name, r.Status, r.Header)
		}
		if tt.allowed != "" && !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: it is cached for others, too: %v", tt.name, r.Header)
		}
	}
}

func TestCORS_rejectsMalformedOrigins(t *testing.T) {
	for want, o := range map[string]CORS{
		"cannot go with credentials":            {Allowed: []string{"*"}, Credentials: true},
		"name it alone":                         {Allowed: []string{dashboard, "*"}},
		"credentials need origins":              {Credentials: true},
		`"dashboard.example.com" is no origin`:  {Allowed: []string{"dashboard.example.com"}},
		`"https://a.example.com/" is no origin`: {Allowed: []string{"https://a.example.com/"}},
		`"https://*.example.com" is no origin`:  {Allowed: []string{"https://*.example.com"}},
		`"https://A.example.com" is no origin`:  {Allowed: []string{"https://A.example.com"}},
		`"a.example.com" is no origin`:          {Allowed: []string{"https://user:hunter2@a.example.com"}},
		`"null" is no origin`:                   {Allowed: []string{"null"}},
	} {
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, o := range []CORS{
		{}, {Allowed: []string{"*"}}, {Allowed: []string{dashboard, "http://localhost:5173"}, Credentials: true},
	} {
		if err := o.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestSecurityHeaders_areInEveryResponse(t *testing.T) {
	e := newEnv(t)
	for _, path := range []string{"/", "/graphql", "/health/live", "/nothing"} {
		r := e.send(t, http.MethodGet, path, "")
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy":            "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := r.Header.Values(name); len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	for name, value := range secureHeaders {
		if len(value) != cap(value) {
			t.Errorf("to add to %s would change it for all", name)
		}
	}
}

func TestRequest_upgradeToHTTP2IsIgnored(t *testing.T) {
	e := newEnv(t)
	// A client that would rather speak HTTP/2 is served as it came.
	if r := e.send(t, http.MethodGet, "/graphql?query={__typename}", "", curl, "Connection: Upgrade", "Upgrade: h2c"); r.Status != 200 {
		t.Errorf("got %d %s", r.Status, r.Raw)
	}
}
