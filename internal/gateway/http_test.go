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

func TestARequestIsAnsweredWithTheStatusThatFits(t *testing.T) {
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
		"a query by POST":             {"POST", "/graphql", typename, []string{post}, 200, mediaTypeJSON, `"data":{"__typename":"Query"}`, "errors"},
		"with all members":            {"POST", "/graphql", `{"query":"query A { __typename }","operationName":"A","variables":{},"extensions":{}}`, []string{post}, 200, "", "Query", "errors"},
		"with null members":           {"POST", "/graphql", `{"query":"{ __typename }","operationName":null,"variables":null,"extensions":null}`, []string{post}, 200, "", "Query", "errors"},
		"with a charset":              {"POST", "/graphql", typename, []string{post + "; charset=UTF-8"}, 200, "", "Query", ""},
		"a query by GET":              {"GET", get, "", nil, 200, mediaTypeJSON, "Query", "errors"},
		"the newer media type":        {"GET", get, "", []string{graphql}, 200, mediaTypeGraphQL + "; charset=utf-8", "Query", ""},
		"any media type":              {"GET", get, "", []string{"Accept: */*"}, 200, mediaTypeJSON, "Query", ""},
		"the heavier media type":      {"GET", get, "", []string{"Accept: application/json;q=0.5, application/graphql-response+json;q=0.9"}, 200, mediaTypeGraphQL, "Query", ""},
		"a media type ruled out":      {"GET", get, "", []string{"Accept: application/json;q=0, */*"}, 200, mediaTypeGraphQL, "Query", ""},
		"no media type of ours":       {"GET", get, "", []string{"Accept: text/html"}, 406, mediaTypeJSON, "BAD_REQUEST", `"data"`},
		"another method":              {"PUT", "/graphql", typename, []string{post}, 405, "", "GET or POST", `"data"`},
		"no method":                   {"BREW", "/graphql", typename, []string{post}, 501, mediaTypeJSON, "BAD_REQUEST", `"data"`},
		"no content type":             {"POST", "/graphql", typename, nil, 415, "", "application/json", `"data"`},
		"a form":                      {"POST", "/graphql", "query=x", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "", "application/json", ""},
		"another charset":             {"POST", "/graphql", typename, []string{post + "; charset=latin1"}, 415, "", "UTF-8", ""},
		"malformed JSON":              {"POST", "/graphql", `{"query": secret-of-the-body`, []string{post}, 400, "", "BAD_REQUEST", "secret"},
		"nothing":                     {"POST", "/graphql", "", []string{post}, 400, "", "BAD_REQUEST", `"data"`},
		"two values":                  {"POST", "/graphql", typename + typename, []string{post}, 400, "", "BAD_REQUEST", `"data"`},
		"a batch":                     {"POST", "/graphql", "[" + typename + "]", []string{post}, 400, "", "batches", `"data"`},
		"no query":                    {"POST", "/graphql", `{}`, []string{post}, 400, "", `\"query\" is missing`, `"data"`},
		"a query that is no string":   {"POST", "/graphql", `{"query":{"secret":1}}`, []string{post}, 400, "", `member \"query\"`, "secret"},
		"variables that are a list":   {"POST", "/graphql", `{"query":"{a}","variables":[1]}`, []string{post}, 400, "", `member \"variables\"`, `"data"`},
		"variables by GET, malformed": {"GET", get + "&variables=%7Bsecret", "", nil, 400, "", "variables", "secret"},
		"a malformed URL":             {"GET", "/graphql?query=%zz", "", nil, 400, "", "URL", `"data"`},
		"a body over the bound":       {"POST", "/graphql", `{"query":"` + strings.Repeat(" ", DefaultMaxRequestBytes) + `"}`, []string{post}, 413, "", "larger", `"data"`},
		"a document that is none":     {"POST", "/graphql", `{"query":"{"}`, []string{post, graphql}, 400, mediaTypeGraphQL, "GRAPHQL_PARSE_FAILED", `"data"`},
		"the same, as plain JSON":     {"POST", "/graphql", `{"query":"{"}`, []string{post, plain}, 200, mediaTypeJSON, "GRAPHQL_PARSE_FAILED", `"data"`},
		"an unknown field":            {"POST", "/graphql", `{"query":"{ nope }"}`, []string{post, graphql}, 400, mediaTypeGraphQL, "GRAPHQL_VALIDATION_FAILED", `"data"`},
		"an operation too many":       {"POST", "/graphql", `{"query":"query A{__typename} query B{__typename}"}`, []string{post, graphql}, 400, "", "GRAPHQL_VALIDATION_FAILED", `"data"`},
		"another path":                {"GET", "/nothing", "", nil, 404, "", "", ""},
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

func TestABodyThatDoesNotArriveIsNotWaitedForForEver(t *testing.T) {
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

func TestRequestsAreFoundByAnIDThatCannotForgeALogLine(t *testing.T) {
	e := newEnv(t)
	tests := map[string]struct {
		id   string
		kept bool
	}{
		"a plain one":    {"0af7651916cd43dd8448eb211c80319c-b7ad6b", true},
		"none":           {"", false},
		"a long one":     {strings.Repeat("a", 200), false},
		"one with space": {"a b", false},
		"one with quote": {`a"b`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := e.send(t, http.MethodGet, "/health/live", "", "X-Request-Id: "+tt.id)
			got := r.Header.Get("X-Request-Id")
			if (got == tt.id) != tt.kept || got == "" || len(got) > 128 {
				t.Errorf("got %q", got)
			}
			if !strings.Contains(e.log.String(), "request_id="+got) {
				t.Error("the log lacks it")
			}
		})
	}
}

func TestTheOtherRoutesSayWhatTheyAreFor(t *testing.T) {
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
	for _, s := range []string{"", "*/*", "application/json;q=0.1,application/graphql-response+json", "text/html", ";;;,,,q=", "application/json;q=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		mediaType, ok := negotiate([]string{accept})
		if ok != (mediaType == mediaTypeJSON || mediaType == mediaTypeGraphQL) {
			t.Errorf("%q is answered with %q, %v", accept, mediaType, ok)
		}
	})
}
