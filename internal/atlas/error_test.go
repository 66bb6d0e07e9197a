package atlas

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestError_hasTheFieldsOfTheResponse(t *testing.T) {
	tests := map[string]struct {
		status int
		header map[string]string
		body   string
		want   Error
	}{
		"a code, parameters and a detail": {
			status: 404, header: nil,
			body: `{"detail":"No cluster named x ` +
				`exists.","error":404,"errorCode":"CLUSTER_NOT_FOUND","parameters":["x","g"],"reason":"Not Found"}`,
			want: Error{
				Status: 404, ErrorCode: "CLUSTER_NOT_FOUND", Reason: "Not Found", Detail: "No cluster named x exists.",
				Parameters: json.RawMessage(`["x","g"]`),
			},
		},
		"errorCode null": {
			status: 404, header: nil,
			body: `{"error":404,"errorCode":null,"reason":"Not Found","detail":"gone","parameters":null}`,
			want: Error{Status: 404, Reason: "Not Found", Detail: "gone"},
		},
		"UNEXPECTED_ERROR does not mean 500": {
			status: 404, header: nil, body: `{"error":404,"errorCode":"UNEXPECTED_ERROR","reason":"Not Found"}`,
			want: Error{Status: 404, ErrorCode: "UNEXPECTED_ERROR", Reason: "Not Found"},
		},
		"parameters of any shape": {
			status: 400, header: nil, body: `{"error":400,"errorCode":"X","parameters":{"a":[1]}}`,
			want: Error{Status: 400, ErrorCode: "X", Parameters: json.RawMessage(`{"a":[1]}`)},
		},
		"fields of a bad request": {
			status: 400, header: nil,
			body: `{"error":400,"errorCode":"VALIDATION_ERROR","badRequestDetail":{"fields":[{"field":"name",` +
				`"description":"too long"}]}}`,
			want: Error{
				Status: 400, ErrorCode: "VALIDATION_ERROR", Fields: []FieldError{{Field: "name", Description: "too long"}},
			},
		},
		"fields of other types are passed over": {
			status: 409, header: nil, body: `{"error":"409","errorCode":7,"reason":[],"detail":{},"badRequestDetail":"no"}`,
			want: Error{Status: 409},
		},
		"401 without a code, indented": {
			status: 401, header: nil,
			body: "{\n  \"error\" : 401,\n  \"reason\" : \"Unauthorized\",\n  \"detail\" : \"You are not authorized.\"\n}",
			want: Error{Status: 401, Project: testGroup, Reason: "Unauthorized", Detail: "You are not authorized."},
		},
		"401 with nothing": {status: 401, header: nil, body: "", want: Error{Status: 401, Project: testGroup}},
		"405 with nothing": {status: 405, header: nil, body: "", want: Error{Status: 405}},
		"the code in the header alone": {
			status: 403, header: map[string]string{"X-Error-Code": "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
			body: `{"error":403,"reason":"Forbidden"}`,
			want: Error{Status: 403, ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST", Reason: "Forbidden"},
		},
		"410 after the sunset": {
			status: 410, header: nil, body: `{"error":410,"errorCode":"VERSION_GONE"}`,
			want: Error{Status: 410, ErrorCode: "VERSION_GONE"},
		},
		"406": {
			status: 406, header: nil, body: `{"error":406,"errorCode":"INVALID_VERSION_DATE"}`,
			want: Error{Status: 406, ErrorCode: "INVALID_VERSION_DATE"},
		},
		"500": {
			status: 500, header: nil, body: `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`,
			want: Error{Status: 500, ErrorCode: "UNEXPECTED_ERROR"},
		},
		"429 with seconds": {
			status: 429, header: map[string]string{"Retry-After": "7"}, body: `{"error":429,"errorCode":"RATE_LIMITED"}`,
			want: Error{Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: 7 * time.Second},
		},
		"429 whose body says how long": {
			status: 429, header: nil,
			body: `{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p","12","1200","500","60"]}`,
			want: Error{
				Status: 429, ErrorCode: "RATE_LIMITED_TOKEN_BUCKET", RetryAfter: 12 * time.Second,
				Parameters: json.RawMessage(`["/p","12","1200","500","60"]`),
			},
		},
		"429 with a number in the body": {
			status: 429, header: nil, body: `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",3]}`,
			want: Error{
				Status: 429, ErrorCode: "RATE_LIMITED_TOKEN_BUCKET", RetryAfter: 3 * time.Second,
				Parameters: json.RawMessage(`["/p",3]`),
			},
		},
		"429 of something before Atlas": {
			status: 429, header: map[string]string{"Retry-After": "999999"}, body: "<html>slow down</html>",
			want: Error{Status: 429, RetryAfter: time.Hour},
		},
		"503 with a wait": {
			status: 503, header: map[string]string{"Retry-After": "2"}, body: `{"error":503}`,
			want: Error{Status: 503, RetryAfter: 2 * time.Second},
		},
	}
	for name, tt := range tests {
		for _, envelope := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for k, v := range tt.header {
						w.Header().Set(k, v)
					}
					w.WriteHeader(tt.status)
					_, _ = w.Write([]byte(tt.body))
				}), WithEnvelope(envelope))
				job, err := getJob(t, c)
				if job != nil {
					t.Error("there is a job beside the error")
				}
				tt.want.Op = "getGroupServerlessBackupRestoreJob"
				if diff := cmp.Diff(&tt.want, asError(t, err), cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestError_hasTheStatusOfTheEnvelope(t *testing.T) {
	for name, body := range map[string]string{
		"with content": `{"status":404,"content":{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND","detail":"d"}}`,
		"beside":       `{"status":404,"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND","detail":"d"}`,
		"bare":         `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND","detail":"d"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := getJob(t, newClient(t, answering(200, "application/json", body), WithEnvelope(true)))
			if e := asError(t, err); e.Status != 404 || e.ErrorCode != "RESTORE_JOB_NOT_FOUND" || e.Detail != "d" ||
				e.Kind != KindAnswered {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestError_isUnavailableWithoutAConnection(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	c, err := New(AccessToken{Token: "t"}, WithBaseURL("http://"+address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	_, err = getJob(t, c)
	if e := asError(t, err); e.Kind != KindUnavailable || e.Status != 0 {
		t.Errorf("got %v", e)
	}
}

func TestError_isUnavailableWhenTheConnectionBreaks(t *testing.T) {
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	_, err := getJob(t, c)
	if e := asError(t, err); e.Kind != KindUnavailable {
		t.Errorf("got %v", e)
	}
}

// silent never answers; it only listens to the request's context.
var silent = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
})

func TestError_isATimeoutWithoutAResponse(t *testing.T) {
	tests := map[string]struct {
		caller func(context.Context) (context.Context, context.CancelFunc)
		want   Kind
		after  time.Duration
	}{
		"the client's own timeout": {
			caller: func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }, want: KindTimeout,
			after: 3 * time.Second,
		},
		"the caller's deadline": {caller: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, want: KindTimeout, after: time.Second},
		"the caller leaves": {caller: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(2*time.Second, cancel)
			return ctx, cancel
		}, want: KindCanceled, after: 2 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := New(AccessToken{Token: "t"}, WithTimeout(3*time.Second), WithTransport(silent))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				ctx, cancel := tt.caller(t.Context())
				defer cancel()
				start := time.Now()
				_, err = ServerlessRestoreJobs.Get(ctx, c, testGroup, testCluster, testJob)
				if e := asError(t, err); e.Kind != tt.want || time.Since(start) != tt.after {
					t.Errorf("got %v after %s", e, time.Since(start))
				}
			})
		})
	}
}

func TestError_isATimeoutInASlowBody(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"id":`))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	c, err := New(AccessToken{Token: "t"}, WithBaseURL(server.URL), WithTimeout(MinTimeout))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = getJob(t, c)
	if e := asError(t, err); e.Kind != KindTimeout {
		t.Errorf("got %v", e)
	}
}

// A value or a typed error; never a panic, never neither.

func FuzzErrorResponse(f *testing.F) {
	f.Add(404, "", []byte(`{"error":404,"errorCode":"CLUSTER_NOT_FOUND","parameters":["a"],`+
		`"badRequestDetail":{"fields":[{"field":"a"}]}}`))
	f.Add(429, "5", []byte(`{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p","7"]}`))
	f.Add(502, "Mon, 5 Aug 2024 00:00:00 GMT", []byte(`<html>`))
	f.Add(401, "", []byte(nil))
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		e := answerError("op", status, http.Header{"Retry-After": {after}}, body)
		if e == nil || e.Error() == "" || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Fatalf("got %+v", e)
		}
	})
}
