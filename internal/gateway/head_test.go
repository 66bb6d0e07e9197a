package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/document"
)

// changing are headers that differ between two answers to the same request.
var changing = []string{"Date", requestIDHeader}

// sameEachTime are the headers of an answer that are the same each time.
func sameEachTime(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range changing {
		h.Del(name)
	}
	return h
}

func TestHead_isGetWithoutContent(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.NoCompression = true }))
	x := e.example(t, "succeeded")
	text := "{" + jobField("job", x, "{ id state }") + "}"
	e.post(t, text, nil)
	hash := document.HashOf(text).String()
	persisted := "/graphql?extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`)
	many := "/graphql?query=" + url.QueryEscape(
		`{restoreJobs(groupId:"`+atlassim.SeedGroupID+`",first:100){nodes{id state links{href}}}}`)
	etag := e.send(t, "GET", persisted, "", curl).Header.Get("ETag")
	if etag == "" {
		t.Fatal("there is no ETag")
	}
	for name, tt := range map[string]struct {
		path    string
		headers []string
		status  int
	}{
		"the root":                {path: "/", status: 200},
		"liveness":                {path: "/health/live", status: 200},
		"readiness":               {path: "/health/ready", status: 200},
		"a query":                 {path: "/graphql?query={__typename}", status: 200},
		"a large answer":          {path: many, status: 200},
		"one by its hash":         {path: persisted, status: 200},
		"one that did not change": {path: persisted, headers: []string{"If-None-Match: " + etag}, status: 304},
		"a malformed query":       {path: "/graphql?query={", headers: []string{asGraphQL}, status: 400},
		"no query":                {path: "/graphql", status: 400},
		"a mutation":              {path: "/graphql?query=mutation{a}", headers: []string{asGraphQL}, status: 400},
		"nothing acceptable":      {path: "/graphql?query={__typename}", headers: []string{"Accept: text/html"}, status: 406},
		"another path":            {path: "/nothing", status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			headers := append([]string{curl}, tt.headers...)
			want := e.send(t, "GET", tt.path, "", headers...)
			got := e.send(t, "HEAD", tt.path, "", headers...)
			if want.Status != tt.status || got.Status != tt.status || got.Raw != "" {
				t.Errorf("got %d %q, GET is %d", got.Status, got.Raw, want.Status)
			}
			if diff := cmp.Diff(sameEachTime(want.Header), sameEachTime(got.Header)); diff != "" {
				t.Errorf("-GET +HEAD:\n%s", diff)
			}
			if tt.status != 304 && got.Header.Get("Content-Length") == "" {
				t.Errorf("there is no Content-Length: %v", got.Header)
			}
		})
	}
}

func TestHead_isInTheAllowHeader(t *testing.T) {
	e := newEnv(t)
	for _, path := range []string{"/", "/health/live", "/health/ready", "/graphql"} {
		r := e.send(t, "DELETE", path, "", curl)
		allowed := strings.Split(strings.ReplaceAll(strings.Join(r.Header.Values("Allow"), ","), " ", ""), ",")
		if r.Status != 405 || !slices.Contains(allowed, "GET") || !slices.Contains(allowed, "HEAD") {
			t.Errorf("%s: got %d %v", path, r.Status, r.Header.Values("Allow"))
		}
	}
}
