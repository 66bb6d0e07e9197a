package gateway

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const post = "Content-Type: application/json"

func TestHTTP_status(t *testing.T) {
	e := newEnv(t)
	const graphql, plain = "Accept: application/graphql-response+json", "Accept: application/json"
	typename := `{"query":"{ __typename }"}`
	get := "/graphql?query=" + url.QueryEscape("{ __typename }")
	tests := map[string]struct {
		method, path, body string
		headers            []string
		status             int
		contentType        string // by its beginning
		has, hasNot        string
	}{
		"a query by POST": {
			method: "POST", path: "/graphql", body: typename, headers: []string{post}, status: 200, contentType: mediaTypeJSON,
			has: `"data":{"__typename":"Query"}`, hasNot: "errors",
		},
		"with all members": {
			method: "POST", path: "/graphql",
			body:    `{"query":"query A { __typename }","operationName":"A","variables":{},"extensions":{}}`,
			headers: []string{post}, status: 200, contentType: "", has: "Query", hasNot: "errors",
		},
		"with null members": {
			method: "POST", path: "/graphql",
			body: `{"query":"{ __typename }","operationName":null,"variables":null,"extensions":null}`, headers: []string{post},
			status: 200, contentType: "", has: "Query", hasNot: "errors",
		},
		"with a charset": {
			method: "POST", path: "/graphql", body: typename, headers: []string{post + "; charset=UTF-8"}, status: 200,
			contentType: "", has: "Query", hasNot: "",
		},
		"a query by GET": {
			method: "GET", path: get, status: 200, contentType: mediaTypeJSON, has: "Query", hasNot: "errors",
		},
		"the newer media type": {
			method: "GET", path: get, body: "", headers: []string{graphql}, status: 200,
			contentType: mediaTypeGraphQL + "; charset=utf-8", has: "Query", hasNot: "",
		},
		"any media type": {
			method: "GET", path: get, body: "", headers: []string{"Accept: */*"}, status: 200, contentType: mediaTypeJSON,
			has: "Query", hasNot: "",
		},
		"the heavier media type": {
			method: "GET", path: get, body: "",
			headers: []string{"Accept: application/json;q=0.5, application/graphql-response+json;q=0.9"}, status: 200,
			contentType: mediaTypeGraphQL, has: "Query", hasNot: "",
		},
		"a media type ruled out": {
			method: "GET", path: get, body: "", headers: []string{"Accept: application/json;q=0, */*"}, status: 200,
			contentType: mediaTypeGraphQL, has: "Query", hasNot: "",
		},
		"no media type of ours": {
			method: "GET", path: get, body: "", headers: []string{"Accept: text/html"}, status: 406, contentType: mediaTypeJSON,
			has: "BAD_REQUEST", hasNot: `"data"`,
		},
		"another method": {
			method: "PUT", path: "/graphql", body: typename, headers: []string{post}, status: 405, contentType: "",
			has: "GET or POST", hasNot: `"data"`,
		},
		"no method": {
			method: "BREW", path: "/graphql", body: typename, headers: []string{post}, status: 501, contentType: mediaTypeJSON,
			has: "BAD_REQUEST", hasNot: `"data"`,
		},
		"no content type": {
			method: "POST", path: "/graphql", body: typename, status: 415, has: "application/json", hasNot: `"data"`,
		},
		"a form": {
			method: "POST", path: "/graphql", body: "query=x",
			headers: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 415, contentType: "",
			has: "application/json", hasNot: "",
		},
		"another charset": {
			method: "POST", path: "/graphql", body: typename, headers: []string{post + "; charset=latin1"}, status: 415,
			contentType: "", has: "UTF-8", hasNot: "",
		},
		"malformed JSON": {
			method: "POST", path: "/graphql", body: `{"query": secret-of-the-body`, headers: []string{post}, status: 400,
			contentType: "", has: "BAD_REQUEST", hasNot: "secret",
		},
		"nothing": {
			method: "POST", path: "/graphql", body: "", headers: []string{post}, status: 400, contentType: "",
			has: "BAD_REQUEST", hasNot: `"data"`,
		},
		"two values": {
			method: "POST", path: "/graphql", body: typename + typename, headers: []string{post}, status: 400, contentType: "",
			has: "BAD_REQUEST", hasNot: `"data"`,
		},
		"a batch": {
			method: "POST", path: "/graphql", body: "[" + typename + "]", headers: []string{post}, status: 400, contentType: "",
			has: "batches", hasNot: `"data"`,
		},
		"no query": {
			method: "POST", path: "/graphql", body: `{}`, headers: []string{post}, status: 400, contentType: "",
			has: `\"query\" is missing`, hasNot: `"data"`,
		},
		"a query that is no string": {
			method: "POST", path: "/graphql", body: `{"query":{"secret":1}}`, headers: []string{post}, status: 400,
			contentType: "", has: `member \"query\"`, hasNot: "secret",
		},
		"variables that are a list": {
			method: "POST", path: "/graphql", body: `{"query":"{a}","variables":[1]}`, headers: []string{post}, status: 400,
			contentType: "", has: `member \"variables\"`, hasNot: `"data"`,
		},
		"variables by GET, malformed": {
			method: "GET", path: get + "&variables=%7Bsecret", status: 400, has: "variables", hasNot: "secret",
		},
		"a malformed URL": {method: "GET", path: "/graphql?query=%zz", status: 400, has: "URL", hasNot: `"data"`},
		"a body over the bound": {
			method: "POST", path: "/graphql", body: `{"query":"` + strings.Repeat(" ", DefaultMaxRequestBytes) + `"}`,
			headers: []string{post}, status: 413, contentType: "", has: "larger", hasNot: `"data"`,
		},
		"a document that is none": {
			method: "POST", path: "/graphql", body: `{"query":"{"}`, headers: []string{post, graphql}, status: 400,
			contentType: mediaTypeGraphQL, has: "GRAPHQL_PARSE_FAILED", hasNot: `"data"`,
		},
		"the same, as plain JSON": {
			method: "POST", path: "/graphql", body: `{"query":"{"}`, headers: []string{post, plain}, status: 200,
			contentType: mediaTypeJSON, has: "GRAPHQL_PARSE_FAILED", hasNot: `"data"`,
		},
		"an unknown field": {
			method: "POST", path: "/graphql", body: `{"query":"{ nope }"}`, headers: []string{post, graphql}, status: 400,
			contentType: mediaTypeGraphQL, has: "GRAPHQL_VALIDATION_FAILED", hasNot: `"data"`,
		},
		"an operation too many": {
			method: "POST", path: "/graphql", body: `{"query":"query A{__typename} query B{__typename}"}`,
			headers: []string{post, graphql}, status: 400, contentType: "", has: "GRAPHQL_VALIDATION_FAILED", hasNot: `"data"`,
		},
		"another path": {method: "GET", path: "/nothing", status: 404},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := e.send(t, tt.method, tt.path, tt.body, tt.headers...)
			if r.Status != tt.status || !strings.HasPrefix(r.Header.Get("Content-Type"), tt.contentType) {
				t.Errorf("got %d %s", r.Status, r.Header.Get("Content-Type"))
			}
			if tt.has != "" && !strings.Contains(r.Raw, tt.has) || tt.hasNot != "" && strings.Contains(r.Raw, tt.hasNot) {
				t.Errorf("got %s", r.Raw)
			}
			if r.Status == 405 && r.Header.Get("Allow") == "" {
				t.Error("Allow is missing")
			}
		})
	}
	if strings.Contains(e.log.String(), "secret") {
		t.Error("a malformed body stands in the log")
	}
}

func TestHTTP_bodyTimeout(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.BodyTimeout = time.Millisecond }))
	for _, coding := range []string{"identity", "gzip"} {
		t.Run(coding, func(t *testing.T) {
			body, unfinished := io.Pipe()
			defer func() { _ = unfinished.Close() }()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url+"/graphql", body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Content-Encoding", coding)
			res, err := e.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusRequestTimeout {
				t.Errorf("got %d", res.StatusCode)
			}
		})
	}
}

func TestRequestID_cannotForgeALogLine(t *testing.T) {
	e := newEnv(t)
	tests := map[string]struct {
		id       string
		accepted bool
	}{
		"a plain one":    {id: "0af7651916cd43dd8448eb211c80319c-b7ad6b", accepted: true},
		"none":           {},
		"a long one":     {id: strings.Repeat("a", 200)},
		"one with space": {id: "a b"},
		"one with quote": {id: `a"b`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := e.send(t, http.MethodGet, "/health/live", "", "X-Request-Id: "+tt.id)
			got := r.Header.Get("X-Request-Id")
			if (got == tt.id) != tt.accepted || got == "" || len(got) > 128 {
				t.Errorf("got %q", got)
			}
			if !strings.Contains(e.log.String(), "request_id="+got) {
				t.Error("the log lacks it")
			}
		})
	}
}

func TestRoutes_besideGraphQL(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Mode = ModeDemo }))
	for path, want := range map[string]string{"/": "/graphql", "/health/live": "live", "/health/ready": "ready"} {
		r := e.send(t, http.MethodGet, path, "")
		if r.Status != 200 || !strings.Contains(r.Raw, want) || r.Header.Get("X-Atlas-Mode") != "demo" {
			t.Errorf("%s: got %d %s %v", path, r.Status, r.Raw, r.Header)
		}
	}
	e.gateway.Drain()
	if r := e.send(t, http.MethodGet, "/health/ready", ""); r.Status != http.StatusServiceUnavailable {
		t.Errorf("while it stops, ready answers %d", r.Status)
	}
	if r := e.send(t, http.MethodGet, "/health/live", ""); r.Status != http.StatusOK {
		t.Errorf("while it stops, live answers %d", r.Status)
	}
}

func FuzzNegotiation(f *testing.F) {
	for _, s := range []string{
		"", "*/*", "application/json;q=0.1,application/graphql-response+json", "text/html", ";;;,,,q=",
		"application/json;q=2",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		mediaType, ok := negotiate([]string{accept})
		if ok != (mediaType == mediaTypeJSON || mediaType == mediaTypeGraphQL) {
			t.Errorf("%q is answered with %q, %v", accept, mediaType, ok)
		}
	})
}
