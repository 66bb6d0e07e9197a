package atlas

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTokenEndpoint_returnsTypedErrors(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   Kind
	}{
		"invalid client":  {status: 401, body: `{"error":"invalid_client"}`, want: KindCredential},
		"a bad request":   {status: 400, body: `{"error":"unauthorized_client"}`, want: KindCredential},
		"rationed":        {status: 429, body: `{"error":"too_many"}`, want: KindAnswered},
		"broken":          {status: 500, body: `oops secret-in-the-body`, want: KindMalformed}, // it is unknown who said so
		"broken, says it": {status: 500, body: `{"error":500,"reason":"Internal Server Error"}`, want: KindAnswered},
		"a proxy's page":  {status: 403, body: `<html>secret-in-the-body</html>`, want: KindMalformed},
		"a proxy's 401":   {status: 401, body: `<html>secret-in-the-body</html>`, want: KindCredential},
		"a proxy's 400":   {status: 400, body: `<html>secret-in-the-body</html>`, want: KindMalformed},
		"an access list": {
			status: 403, body: `{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","reason":"Forbidden"}`,
			want: KindAnswered,
		},
		"forbidden": {status: 403, body: `{"error":"unauthorized_client"}`, want: KindCredential},
		"too much": {
			status: 200, body: `{"access_token":"` + strings.Repeat("a", maxTokenBytes) + `"}`, want: KindMalformed,
		},
		"HTML with 200":    {status: 200, body: `<html>secret-in-the-body</html>`, want: KindMalformed},
		"no token":         {status: 200, body: `{}`, want: KindMalformed},
		"a redirect":       {status: 302, body: ``, want: KindMalformed}, // as of every other call
		"a proxy's 404":    {status: 404, body: `<html>secret-in-the-body</html>`, want: KindMalformed},
		"an error and 200": {status: 200, body: `{"error":"invalid_client"}`, want: KindMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := &fakeIssuer{tokenStatus: tt.status, tokenBody: tt.body}
				_, err := issuer.client(t).GetSystemStatus(t.Context())
				e := asError(t, err)
				if e.Kind != tt.want {
					t.Errorf("got %+v", e)
				}
				if strings.Contains(e.Error(), "secret") {
					t.Errorf("the error repeats the body: %v", e)
				}
			})
		})
	}
}

// The errors of the token endpoint come in the shape of the API as well, and say as much.
func TestTokenEndpoint_returnsTheFieldsOfAnErrorOfTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{
			tokenStatus: 403, tokenBody: `{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","reason":"Forbidden",` +
				`"detail":"IP address 203.0.113.7 is not allowed to access this resource.","parameters":["203.0.113.7"],` +
				`"badRequestDetail":{"fields":[{"field":"ip","description":"not listed"}]}}`}
		_, err := issuer.client(t).GetSystemStatus(t.Context())
		want := &Error{
			Op: opCreateToken, Status: 403, ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST", Reason: "Forbidden",
			Detail: "IP address 203.0.113.7 is not allowed to access this resource.", Parameters: []byte(`["203.0.113.7"]`),
			Fields: []FieldError{{Field: "ip", Description: "not listed"}},
		}
		if diff := cmp.Diff(want, asError(t, err)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTokenEndpoint_waitsForAShortRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{
			lifetime: time.Hour, tokenStatus: 429, tokenBody: `{"error":"slow_down"}`, retryAfter: "2", failures: 1,
		}
		c := issuer.client(t)
		start := time.Now()
		mustCall(t, c)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestTokenEndpoint_retriesOverAnotherConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, times := range []int32{1, 2} {
			issuer := &fakeIssuer{lifetime: time.Hour, lost: times}
			_, err := issuer.client(t).GetSystemStatus(t.Context())
			if times == 1 && err != nil {
				t.Errorf("after one: %v", err)
			}
			if times == 2 && asError(t, err).Kind != KindUnavailable {
				t.Errorf("after two: %v", err)
			}
			if n := issuer.asked.Load(); n != 2 {
				t.Errorf("it was asked %d times", n)
			}
		}
	})
}

func TestTokenLifetime_readsEveryFormOfExpiresIn(t *testing.T) {
	tests := map[string]time.Duration{
		``: time.Minute, `null`: time.Minute, `0`: time.Minute, `-1`: time.Minute, `-3600`: time.Minute,
		`"soon"`: time.Minute, `{}`: time.Minute,
		`"NaN"`: time.Minute, `"Inf"`: time.Minute, `""`: time.Minute, `5`: time.Minute, `true`: time.Minute,
		`3600`: time.Hour, `"3600"`: time.Hour, `3600.0`: time.Hour, `3.6e3`: time.Hour, `90.5`: 90500 * time.Millisecond,
		`1e300`: maxTokenLifetime, `99999999999999999999`: maxTokenLifetime,
	}
	for raw, want := range tests {
		if got := tokenLifetime(json.RawMessage(raw)); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
