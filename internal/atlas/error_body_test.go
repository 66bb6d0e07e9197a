package atlas

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/test/recordings"
)

// foreignBodies are what something before Atlas answers with. %d is the status.
var foreignBodies = map[string]string{
	"empty":                      "",
	"HTML":                       "<html><body>404 page not found</body></html>",
	"text":                       "404 page not found",
	"null":                       "null",
	"a list":                     `[{"error":%d,"errorCode":"CLUSTER_NOT_FOUND"}]`,
	"an empty object":            "{}",
	"a message alone":            `{"message":"no Route matched with those values"}`,
	"a status and a text":        `{"timestamp":"2026-01-01T00:00:00Z","status":%d,"error":"Not Found","path":"/api"}`,
	"a code and a message":       `{"code":%d,"message":"not found"}`,
	"a problem document":         `{"type":"about:blank","title":"Not Found","status":%d}`,
	"an error object":            `{"error":{"code":%d,"reason":"notFound"}}`,
	"a status as error alone":    `{"error":%d,"message":"not found"}`,
	"a code without its status":  `{"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Found"}`,
	"the status of another":      `{"error":599,"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Found"}`,
	"a code of another product":  `{"errorCode":"E404","errorMessage":"not found"}`,
	"an OAuth error":             `{"error":"not_found","error_description":"no such client"}`,
	"an error of Atlas, cut off": `{"error":%d,"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Fou`,
}

func TestErrorBody_isAtlasOnlyInTheFormOfTheAPI(t *testing.T) {
	for name, body := range foreignBodies {
		for _, status := range []int{400, 402, 403, 404, 409, 410} {
			t.Run(fmt.Sprint(status, " ", name), func(t *testing.T) {
				sent := strings.ReplaceAll(body, "%d", strconv.Itoa(status))
				c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Error-Code", "CLUSTER_NOT_FOUND")
					w.WriteHeader(status)
					_, _ = w.Write([]byte(sent))
				}))
				_, err := getJob(t, c)
				e := asError(t, err)
				if e.Kind != KindMalformed || e.Status != status || e.ErrorCode != "" || e.Detail != "" || e.Reason != "" {
					t.Errorf("got %+v", e)
				}
				if AnswerOf(err) != nil || IsNotFound(err) || CodeOf(err) != "" || !IsForeign(err) {
					t.Errorf("it counts as an answer of Atlas: %v", err)
				}
			})
		}
	}
}

func TestErrorBody_isAtlasWhenAtlasSentIt(t *testing.T) {
	for _, x := range recordings.Exchanges(t) {
		if x.Status < 400 || x.Status >= 500 {
			continue
		}
		header := make(http.Header)
		for name, value := range x.Headers {
			header.Set(name, value)
		}
		e := answerError("op", x.Status, header, []byte(x.Body))
		if e.Kind != KindAnswered || IsNotFound(e) != (x.Status == 404) || CodeOf(e) != e.ErrorCode || IsForeign(e) {
			t.Errorf("%d %s: got %+v", x.Status, x.Body, e)
		}
		if x.Body != "" && (e.Reason == "" || e.Detail == "") {
			t.Errorf("%s: the words are lost: %+v", x.Body, e)
		}
	}
}

func TestIsForeign_isFalseForOtherFailures(t *testing.T) {
	tests := map[string]struct {
		err  error
		want bool
	}{
		"no error":               {err: nil},
		"an answer of Atlas":     {err: &Error{Status: 404, ErrorCode: "CLUSTER_NOT_FOUND"}},
		"no answer":              {err: &Error{Kind: KindTimeout}},
		"a job without an id":    {err: &Error{Kind: KindMalformed, Status: 200, Err: errNoID}},
		"a page instead of JSON": {err: malformedBody(t, "<html>"), want: true},
		"nothing instead of it":  {err: malformedBody(t, ""), want: true},
		"a field of another kind": {
			err: malformedBody(t, `{"id":7}`),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := IsForeign(tt.err); got != tt.want {
				t.Errorf("got %t of %v", got, tt.err)
			}
		})
	}
}

// malformedBody is the error of a job whose answer is a 200 with that body.
func malformedBody(t *testing.T, body string) error {
	t.Helper()
	_, err := getJob(t, newClient(t, answering(200, "application/json", body)))
	if e := asError(t, err); e.Kind != KindMalformed {
		t.Fatalf("got %v", e)
	}
	return err
}

// The token endpoint says nothing about a resource, whatever its status.
func TestIsNotFound_isFalseForTheTokenEndpoint(t *testing.T) {
	err := &Error{Op: opCreateToken, Status: http.StatusNotFound, ErrorCode: "CLUSTER_NOT_FOUND"}
	if IsNotFound(err) || CodeOf(err) != "" {
		t.Error("a 404 of the token endpoint counts as that of a resource")
	}
}
