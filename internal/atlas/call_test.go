package atlas

import (
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCall_requestsTheEscapedPathAndVersion(t *testing.T) {
	type seen struct{ Path, Query, Accept, UserAgent, Method string }
	tests := map[string]struct {
		opts  []Option
		group string
		want  seen
	}{
		"plain": {
			group: testGroup,
			want: seen{
				Path: "/api/atlas/v2/groups/" + testGroup + "/serverless/instance-1/backup/restoreJobs/" + testJob, Query: "",
				Accept: "application/vnd.atlas.2023-01-01+json", UserAgent: "atlas-restore-gateway", Method: "GET",
			},
		},
		"with envelope and pretty": {
			opts:  []Option{WithEnvelope(true), WithPretty(true)},
			group: testGroup,
			want: seen{
				Path:  "/api/atlas/v2/groups/" + testGroup + "/serverless/instance-1/backup/restoreJobs/" + testJob,
				Query: "envelope=true&pretty=true", Accept: "application/vnd.atlas.2023-01-01+json",
				UserAgent: "atlas-restore-gateway", Method: "GET",
			},
		},
		"an argument that would leave its segment": {
			group: "../../orgs?x#y",
			want: seen{
				Path: "/api/atlas/v2/groups/..%2F..%2Forgs%3Fx%23y/serverless/instance-1/backup/restoreJobs/" + testJob, Query: "",
				Accept: "application/vnd.atlas.2023-01-01+json", UserAgent: "atlas-restore-gateway", Method: "GET",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got seen
			c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = seen{
					Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Accept: r.Header.Get("Accept"), UserAgent: r.UserAgent(),
					Method: r.Method,
				}
				_, _ = w.Write([]byte(`{"id":"` + testJob + `"}`))
			}), tt.opts...)
			if _, err := ServerlessRestoreJobs.Get(t.Context(), c, tt.group, testCluster, testJob); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCall_rejectsArgumentsOfDots(t *testing.T) {
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }))
	for _, arg := range []string{"", ".", "..", "..."} {
		_, err := ServerlessRestoreJobs.Get(t.Context(), c, arg, testCluster, testJob)
		_ = asError(t, err)
	}
}

func TestCall_readsEveryFormOfABody(t *testing.T) {
	const compact = `{"id":"` + testJob + `","cancelled":false,"finishedAt":"2025-05-04T09:42:00.25Z"}`
	indented := "\n{\n  \"id\" : \"" + testJob +
		"\",\n  \"cancelled\" : false,\n  \"finishedAt\" : \"2025-05-04T09:42:00.25Z\"\n}\n"
	tests := map[string]struct {
		handler http.Handler
		opts    []Option
	}{
		"compact":  {handler: answering(200, "application/vnd.atlas.2023-01-01+json;charset=utf-8", compact)},
		"indented": {handler: answering(200, "application/json", indented)},
		"gzip that nobody asked for": {handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Accept-Encoding"); got != "identity" {
				t.Errorf("asked for %q", got)
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte(compact))
			_ = z.Close()
		})},
		"in an envelope": {
			handler: answering(200, "application/json", `{"content":`+indented+`,"status":200}`),
			opts:    []Option{WithEnvelope(true)},
		},
		"in an envelope that a proxy mislabels": {
			handler: answering(500, "application/json", `{"status":200,"content":`+compact+`}`),
			opts:    []Option{WithEnvelope(true)},
		},
		"without the envelope asked for": {
			handler: answering(200, "application/json", compact), opts: []Option{WithEnvelope(true)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			job, err := getJob(t, newClient(t, tt.handler, tt.opts...))
			if err != nil {
				t.Fatal(err)
			}
			if job.ID != testJob || job.Cancelled == nil || *job.Cancelled || job.FinishedAt == nil ||
				job.FinishedAt.Nanosecond() != 250e6 {
				t.Errorf("got %+v", job)
			}
			if job.Failed != nil || job.ExpiresAt != nil || job.Links != nil {
				t.Error("what was absent is not nil")
			}
		})
	}
}

func TestCall_requestsListsCompressedOverANetwork(t *testing.T) {
	for base, want := range map[string]string{"https://atlas.example": "", "http://127.0.0.1:1": "identity"} {
		asked := ""
		c, err := New(AccessToken{Token: "t"}, WithBaseURL(base),
			WithTransport(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				asked = r.Header.Get("Accept-Encoding")
				return response(200, `{"results":[]}`), nil
			})))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := ServerlessRestoreJobs.List(t.Context(), c, ListOptions{}, testGroup, testCluster); err != nil ||
			asked != want {
			t.Errorf("of %s asked for %q, %v; want %q, which net/http makes gzip of", base, asked, err, want)
		}
	}
}

func TestCall_isMalformedForResponsesOutsideTheAPI(t *testing.T) {
	html := "<html><body>sign in</body></html>"
	tests := map[string]http.Handler{
		"HTML with 200":    answering(200, "text/html", html),
		"HTML with 404":    answering(404, "text/html", html),
		"HTML with 502":    answering(502, "text/html", html),
		"nothing":          answering(200, "application/json", ""),
		"null":             answering(200, "application/json", "null"),
		"a list":           answering(200, "application/json", `[{"id":"x"}]`),
		"JSON cut off":     answering(200, "application/json", `{"id":"`+testJob),
		"an error cut off": answering(404, "application/json", `{"error":404,"errorCode":"CLUST`),
		"two values":       answering(200, "application/json", `{"id":"x"}{"id":"y"}`),
		"a field of another type": answering(200, "application/json",
			`{"id":"x","failed":"https://secret.example/backup.tgz"}`),
		"no id":           answering(200, "application/json", `{}`),
		"another success": answering(202, "application/json", `{"id":"x"}`),
		"a redirect": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/some/base/elsewhere", http.StatusFound)
		}),
		"fewer bytes than promised": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = w.Write([]byte(`{"id":"` + testJob + `"}`))
		}),
		"too large": answering(200, "application/json", `{"id":"`+strings.Repeat("a", 2000)+`"}`),
		"too large, compressed": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte(`{"id":"` + strings.Repeat("a", 1<<20) + `"}`))
			_ = z.Close()
		}),
	}
	for name, h := range tests {
		t.Run(name, func(t *testing.T) {
			job, err := getJob(t, newClient(t, h, WithMaxBodyBytes(MinMaxBodyBytes)))
			e := asError(t, err)
			if e.Kind != KindMalformed || job != nil {
				t.Errorf("got %v, %v", job, e)
			}
			if strings.Contains(e.Error(), "secret.example") || strings.Contains(e.Error(), "<html>") {
				t.Errorf("the error repeats the body: %v", e)
			}
		})
	}
}

func TestCall_followsNoRedirect(t *testing.T) {
	followed := false
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed = true
		}
		http.Redirect(w, r, basePath+"/elsewhere", http.StatusTemporaryRedirect)
	}))
	_, err := getJob(t, c)
	if e := asError(t, err); followed || e.Status != http.StatusTemporaryRedirect {
		t.Errorf("followed: %v, error: %v", followed, e)
	}
}

func FuzzGetJob(f *testing.F) {
	f.Add([]byte(`{"id":"650000000000000000000001","deliveryUrl":[],"desiredTimestamp":{"date":null,"increment":null,` +
		`"time":null},"failed":false,"timestamp":"2025-05-04T09:42:00Z","oplogTs":1}`))
	f.Add([]byte(`{"id":null}`))
	f.Add([]byte(` [1]`))
	var answer []byte
	c, err := New(AccessToken{Token: "t"}, WithBudget(false), WithRetries(0), WithBreaker(Breaker{}),
		WithTransport(roundTripperFunc(func(*http.Request) (*http.Response, error) {
			return response(200, string(answer)), nil
		})))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer = body
		job, err := ServerlessRestoreJobs.Get(t.Context(), c, testGroup, testCluster, testJob)
		switch {
		case err != nil:
			if e := asError(t, err); e.Kind != KindMalformed || job != nil {
				t.Fatalf("got %+v beside %v", job, e)
			}
		case job == nil || job.ID == "":
			t.Fatalf("got %+v", job)
		}
	})
}
