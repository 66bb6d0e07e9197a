package atlas

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testGroup   = "5f0000000000000000000001"
	testCluster = "instance-1"
	testJob     = "650000000000000000000001"
)

// basePath is below the host on purpose: a request that forgets the base URL's path
// does not reach the handler.
const basePath = "/some/base"

// newClient is a client with a fixed token whose every request h answers.
func newClient(t *testing.T, h http.Handler, opts ...Option) *Client {
	t.Helper()
	return newClientFor(t, AccessToken{Token: "token-of-the-test"}, h, opts...)
}

func newClientFor(t *testing.T, credential Credential, h http.Handler, opts ...Option) *Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(basePath+"/", http.StripPrefix(basePath, h))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	// These tests are about one answer to one request, on a clock that does not wait for
	// them. Attempts that follow others have tests of their own, in retry_test.go.
	once := WithRetries(0)
	c, err := New(credential, append([]Option{WithBaseURL(server.URL + basePath + "/"), once}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// answering answers everything with one status and body.
func answering(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func getJob(t *testing.T, c *Client) (*ServerlessRestoreJob, error) {
	t.Helper()
	return ServerlessRestoreJobs.Get(t.Context(), c, testGroup, testCluster, testJob)
}

// asError fails the test unless err is an *Error.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %T %v, not an *Error", err, err)
	}
	return e
}
