package gateway

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

// TestErrorTable holds what a client is told of each way in which Atlas can fail.
func TestErrorTable(t *testing.T) {
	type extensions = map[string]any
	const jobs = "/restoreJobs/"
	tests := map[string]struct {
		fault    atlassim.Fault
		prepare  func(*env)
		job      func(*atlassim.Example)
		opts     []envOption
		want     extensions // each entry must be there; nil means that it must not
		unwanted string
	}{
		"400": {
			fault: atlassim.Fault{PathContains: jobs, Status: 400, ErrorCode: "VALIDATION_ERROR"},
			want:  extensions{"code": "BAD_REQUEST", "errorCode": "VALIDATION_ERROR", "status": 400.0, "retryable": false},
		},
		"401 on the gateway's credential": {
			fault: atlassim.Fault{
				PathContains: jobs, Status: 401,
				Body:        `{"error":401,"reason":"Unauthorized","detail":"You are not authorized for this resource."}`,
				ContentType: "application/json",
			},
			want: extensions{
				"code": "UPSTREAM_UNAUTHENTICATED", "errorCode": nil, "status": 401.0, "reason": "Unauthorized", "retryable": false,
			},
		},
		"403": {
			fault: atlassim.Fault{PathContains: jobs, Status: 403, ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
			want:  extensions{"code": "UPSTREAM_FORBIDDEN", "errorCode": "IP_ADDRESS_NOT_ON_ACCESS_LIST", "status": 403.0},
		},
		"404 of a job": {
			job: func(x *atlassim.Example) { x.RestoreJobID = strings.Repeat("0", 24) },
			want: extensions{
				"code": "NOT_FOUND", "errorCode": "RESTORE_JOB_NOT_FOUND", "status": 404.0, "reason": "Not Found",
				"retryable": false,
			},
		},
		"404 of an instance": {
			job:  func(x *atlassim.Example) { x.ClusterName = "nosuch" },
			want: extensions{"code": "NOT_FOUND", "status": 404.0},
		},
		"404 of a project": {
			job:  func(x *atlassim.Example) { x.GroupID = strings.Repeat("f", 24) },
			want: extensions{"code": "NOT_FOUND", "errorCode": "GROUP_NOT_FOUND", "parameters": []any{strings.Repeat("f", 24)}},
		},
		"404 without a code": {
			fault: atlassim.Fault{
				PathContains: jobs, Status: 404, ContentType: "application/json",
				Body: `{"error":404,"errorCode":null,"parameters":null,"detail":"gone"}`,
			},
			want: extensions{"code": "NOT_FOUND", "errorCode": nil, "parameters": nil, "detail": "gone"},
		},
		"405 with nothing": {
			fault: atlassim.Fault{PathContains: jobs, Status: 405, ContentType: "text/plain", Body: " "},
			want:  extensions{"code": "UPSTREAM_ERROR", "status": 405.0, "retryable": false},
		},
		"409": {
			fault: atlassim.Fault{PathContains: jobs, Status: 409, ErrorCode: "SOMETHING_RUNS"},
			want:  extensions{"code": "CONFLICT", "errorCode": "SOMETHING_RUNS"},
		},
		"410 after the sunset": {
			prepare: func(e *env) { e.sim.RetireServerless(true) },
			opts:    []envOption{withServerless(restore.ServerlessOn)},
			want:    extensions{"code": "GONE", "errorCode": "VERSION_GONE", "status": 410.0, "retryable": false},
		},
		"429 with a wait": {
			fault: atlassim.Fault{PathContains: jobs, Status: 429, RetryAfter: "17"},
			want:  extensions{"code": "RATE_LIMITED", "retryable": true, "retryAfterSeconds": 17.0, "status": 429.0},
		},
		"429 without": {
			fault: atlassim.Fault{
				PathContains: jobs, Status: 429, ErrorCode: "RATE_LIMITED", ContentType: "application/json",
				Body: `{"error":429,"errorCode":"RATE_LIMITED","parameters":["/x",10,1]}`,
			},
			want: extensions{"code": "RATE_LIMITED", "errorCode": "RATE_LIMITED", "retryAfterSeconds": 1.0},
		},
		"500": {
			fault: atlassim.Fault{PathContains: jobs, Status: 500},
			want:  extensions{"code": "UPSTREAM_ERROR", "errorCode": "UNEXPECTED_ERROR", "retryable": true, "status": 500.0},
		},
		"502 in HTML": {
			fault: atlassim.Fault{
				PathContains: jobs, Status: 502, ContentType: "text/html", Body: "<html><h1>502 secret-proxy</h1></html>",
			},
			want:     extensions{"code": "UPSTREAM_ERROR", "errorCode": nil, "status": 502.0, "retryable": true},
			unwanted: "secret-proxy",
		},
		"an answer cut off": {
			fault: atlassim.Fault{PathContains: jobs, Truncate: true},
			want:  extensions{"code": "UPSTREAM_ERROR", "retryable": true},
		},
		"an answer over the bound": {
			fault: atlassim.Fault{
				PathContains: jobs, Status: 200, ContentType: "application/json",
				Body: `{"id":"` + strings.Repeat("x", 5000) + `"}`,
			},
			opts: []envOption{withAtlas(atlas.WithMaxBodyBytes(2048))},
			want: extensions{"code": "UPSTREAM_ERROR", "retryable": false},
		},
		"a connection reset": {
			fault: atlassim.Fault{PathContains: jobs, Reset: true},
			want:  extensions{"code": "UPSTREAM_UNAVAILABLE", "status": nil, "retryable": true},
		},
		"no answer in time": {
			fault: atlassim.Fault{PathContains: jobs, Latency: atlas.MaxTimeout},
			opts:  []envOption{withAtlas(atlas.WithTimeout(atlas.MinTimeout))},
			want:  extensions{"code": "UPSTREAM_TIMEOUT", "status": nil, "retryable": true},
		},
		"fields that Atlas refused": {
			fault: atlassim.Fault{
				PathContains: jobs, Status: 400, ContentType: "application/json",
				Body: `{"error":400,"errorCode":"VALIDATION_ERROR","badRequestDetail":{"fields":[{"field":"f","description":"d"}` +
					`]}}`,
			},
			want: extensions{"code": "BAD_REQUEST", "fields": []any{map[string]any{"field": "f", "description": "d"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, tt.opts...)
			if tt.prepare != nil {
				tt.prepare(e)
			}
			if tt.fault != (atlassim.Fault{}) {
				defer e.sim.Inject(tt.fault)()
			}
			x := e.example(t, "succeeded")
			if tt.job != nil {
				tt.job(&x)
			}
			r := e.post(t, "{"+jobField("tile", x, "{ id }")+"}", nil)
			if r.Status != http.StatusOK || string(r.Data["tile"]) != "null" || len(r.Errors) != 1 {
				t.Fatalf("got %d %s", r.Status, r.Raw)
			}
			err := r.Errors[0]
			if diff := cmp.Diff([]any{"tile"}, err.Path); diff != "" {
				t.Error(diff)
			}
			if err.Extensions["requestId"] != r.Header.Get("X-Request-Id") {
				t.Errorf("the request id is %v", err.Extensions["requestId"])
			}
			for k, want := range tt.want {
				if diff := cmp.Diff(want, err.Extensions[k]); diff != "" {
					t.Errorf("%s: %s", k, diff)
				}
			}
			if tt.unwanted != "" && strings.Contains(r.Raw+e.log.String(), tt.unwanted) {
				t.Error("the answer or the log repeats what Atlas's proxy sent")
			}
		})
	}
}

// TestUnavailable_namesTheCause wants a message that is true, and tells where to look.
func TestUnavailable_namesTheCause(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"no connection": {err: io.EOF, want: "Atlas cannot be reached"},
		"no files left": {
			err:  &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.EMFILE)},
			want: "the gateway cannot open a connection now; its log says what it has run out of",
		},
		"one project's breaker": {
			err: &atlas.BreakerError{EndpointSet: "cloud backups", Project: "5f0000000000000000000001", Cause: "status 500"},
			want: "Atlas's API for cloud backups is left alone for this project because it failed for it, the last time with " +
				"status 500",
		},
		"everybody's breaker": {
			err: &atlas.BreakerError{
				EndpointSet: "cloud backups", Project: "5f0000000000000000000001", All: true, Cause: "no answer in time",
			},
			want: "Atlas's API for cloud backups is left alone because it failed for several projects, the last time with no " +
				"answer in time",
		},
		"a breaker without a project": {
			err:  &atlas.BreakerError{EndpointSet: "projects", Cause: "status 503"},
			want: "Atlas's API for projects is left alone because it failed, the last time with status 503",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := outcomeOf(&atlas.Error{Kind: atlas.KindUnavailable, RetryAfter: time.Second, Err: tt.err})
			if diff := cmp.Diff(tt.want, o.message); diff != "" || o.code != codeUpstreamUnavailable || !o.retryable {
				t.Errorf("got %+v: %s", o, diff)
			}
		})
	}
}

// TestUnavailable_namesTheOpenBreaker goes the whole way, from failing answers to the message.
func TestUnavailable_namesTheOpenBreaker(t *testing.T) {
	e := newEnv(t)
	defer e.sim.Inject(atlassim.Fault{PathContains: "restoreJobs", Status: 500})()
	query := "{" + jobField("tile", e.example(t, "succeeded"), "{ id }") + "}"
	for range atlas.DefaultBreaker().Requests {
		e.post(t, query, nil)
	}
	r := e.post(t, query, nil)
	const want = "is left alone for this project because it failed for it, the last time with status 500"
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, want) ||
		r.Errors[0].Extensions["code"] != "UPSTREAM_UNAVAILABLE" ||
		r.Errors[0].Extensions["retryable"] != true || r.Errors[0].Extensions["retryAfterSeconds"] == nil {
		t.Errorf("got %s", r.Raw)
	}
}

func TestPanic_ofAResolverIsLoggedAndHidden(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Reader = panicking{} }))
	r := e.post(t, "{"+jobField("a", e.example(t, "succeeded"), "{ id }")+"}", nil)
	if len(r.Errors) != 1 || r.Errors[0].Message != "internal server error" ||
		r.Errors[0].Extensions["code"] != "INTERNAL_SERVER_ERROR" {
		t.Fatal(r.Raw)
	}
	log := e.log.String()
	if !strings.Contains(log, "wires crossed") || !strings.Contains(log, "failing_readers_test.go") ||
		!strings.Contains(log, r.Header.Get("X-Request-Id")) {
		t.Errorf("the log lacks the panic, its stack or the request id: %s", log)
	}
}

func TestUnknownError_isLoggedAndHidden(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Reader = failing{} }))
	r := e.post(t, "{"+jobField("a", e.example(t, "succeeded"), "{ id }")+"}", nil)
	if len(r.Errors) != 1 || r.Errors[0].Message != "internal server error" || strings.Contains(r.Raw, "wires") {
		t.Fatal(r.Raw)
	}
	if !strings.Contains(e.log.String(), "wires crossed") {
		t.Error("the log lacks the cause")
	}
}

func TestPanic_outsideOfResolversIs500WithoutData(t *testing.T) {
	log := &lockedBuffer{}
	gw, err := New(Config{
		Reader: panicking{}, Logger: slog.New(LogHandler(slog.NewTextHandler(log, nil))), Access: AllowAll(io.Discard),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", panickingBody{})
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	gw.ServeHTTP(w, r)
	id := w.Header().Get("X-Request-Id")
	want := `{"errors":[{"message":"internal server error","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"` +
		id + `","retryable":false}}]}`
	if w.Code != http.StatusInternalServerError || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "wires crossed") || !strings.Contains(log.String(), "failing_readers_test.go") ||
		!strings.Contains(log.String(), id) {
		t.Errorf("the log lacks the panic, its stack or the request id: %s", log)
	}
}

// The refusal of one project says nothing about the credential, nor about the caller's token.
func TestOutcomeFor_distinguishesA401OfAProjectFromOneOfTheCredential(t *testing.T) {
	tests := map[string]struct {
		method  authz.Method
		project string
		code    string
		message string
	}{
		"a project": {
			method: authz.Token, project: "p", code: codeUpstreamUnauthenticated,
			message: "Atlas does not accept the gateway's credential for this project",
		},
		"the credential": {
			method: authz.Token, code: codeUpstreamUnauthenticated, message: "Atlas does not accept the gateway's credential",
		},
		"a project, the caller's own": {
			method: authz.Passthrough, project: "p", code: codeUnauthenticated,
			message: "Atlas does not accept your access token for this project",
		},
		"the caller's own credential": {
			method: authz.Passthrough, code: codeUnauthenticated, message: "Atlas does not accept your access token",
		},
	}
	for name, tt := range tests {
		got := outcomeFor(&authz.Caller{Method: tt.method}, &atlas.Error{
			Status: http.StatusUnauthorized, Project: tt.project,
		})
		if got.code != tt.code || got.message != tt.message || got.retryable {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
