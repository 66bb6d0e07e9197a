package atlas

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

var testAccount = ServiceAccount{ClientID: "mdb_sa_id_test", ClientSecret: "mdb_sa_sk_secret-of-the-test"}

func accountSimulator(opts ...atlassim.Option) *atlassim.Simulator {
	return atlassim.New(append([]atlassim.Option{atlassim.WithServiceAccount(testAccount.ClientID, string(testAccount.ClientSecret), atlassim.ProjectOwner)}, opts...)...)
}

func countTokens(sim *atlassim.Simulator) int {
	n := 0
	for _, call := range sim.Calls() {
		if call.Path == "/api/oauth/token" {
			n++
		}
	}
	return n
}

func TestFiftyColdCallsShareOneToken(t *testing.T) {
	sim := accountSimulator()
	c := newClientFor(t, testAccount, sim)
	together(50, func() {
		if _, _, err := c.GetSystemStatus(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if n := countTokens(sim); n != 1 {
		t.Errorf("%d tokens were made", n)
	}
}

func TestARevokedTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour}
		c := issuer.client(t)
		mustCall(t, c)
		issuer.revoked.Store(true)
		mustCall(t, c)
		if n := issuer.made.Load(); n != 2 {
			t.Errorf("%d tokens were made, want 2", n)
		}
	})
}

func TestTokensThatAreRefusedAgainAreReplacedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour}
		c := issuer.client(t)
		mustCall(t, c)
		issuer.refuseAll.Store(true)
		for minute := range 3 {
			for range 20 {
				_, _, err := c.GetSystemStatus(t.Context())
				if e := asError(t, err); e.Status != 401 {
					t.Fatal(e)
				}
			}
			// One, and what may be dropped at once, and then three a minute.
			if n, want := int(issuer.made.Load()), 1+3*(minute+1); n != want {
				t.Errorf("%d tokens were made after %d minutes, want %d", n, minute, want)
			}
			pass(time.Minute)
		}
	})
}

func TestATokenIsRenewedBeforeItExpiresAndNobodyWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour}
		c := issuer.client(t)
		mustCall(t, c)
		pass(time.Hour - tokenRenewBefore + time.Second)
		issuer.delay = 10 * time.Second
		start := time.Now()
		mustCall(t, c) // starts the renewal and uses the old token
		mustCall(t, c)
		if time.Since(start) != 0 {
			t.Errorf("a call waited %s for the renewal", time.Since(start))
		}
		pass(time.Minute)
		mustCall(t, c)
		if n := issuer.made.Load(); n != 2 {
			t.Errorf("%d tokens were made, want 2", n)
		}
	})
}

func TestShortLivedTokensAreNotRenewedAtEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Minute}
		c := issuer.client(t)
		for range 30 {
			mustCall(t, c)
			pass(time.Second)
		}
		if n := issuer.made.Load(); n != 1 {
			t.Errorf("%d tokens were made in half of a token's life, want 1", n)
		}
	})
}

func TestARefusedAccountIsNotTriedAgainByEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, tokenStatus: 401, tokenBody: `{"error":"invalid_client","error_description":"unknown client"}`}
		c := issuer.client(t)
		for range 50 {
			_, _, err := c.GetSystemStatus(t.Context())
			e := asError(t, err)
			if e.Kind != KindCredential || e.Status != 401 || e.Detail != "unknown client" || e.ErrorCode != "" {
				t.Fatalf("got %+v", e)
			}
		}
		if n := issuer.asked.Load(); n != 1 {
			t.Errorf("the token endpoint was asked %d times, want 1", n)
		}
		issuer.tokenStatus = 0
		pass(tokenRetryRefused)
		mustCall(t, c)
		want := map[string]uint64{"4xx": 1, "2xx": 1}
		if got := c.Stats().TokenRequests; !maps.Equal(got, want) {
			t.Errorf("%v are counted, want %v", got, want)
		}
	})
}

func TestFailuresOfTheTokenEndpointAreTyped(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   Kind
	}{
		"invalid client":   {401, `{"error":"invalid_client"}`, KindCredential},
		"a bad request":    {400, `{"error":"unauthorized_client"}`, KindCredential},
		"rationed":         {429, `{"error":"too_many"}`, KindAnswered},
		"broken":           {500, `oops secret-in-the-body`, KindAnswered},
		"HTML with 200":    {200, `<html>secret-in-the-body</html>`, KindMalformed},
		"no token":         {200, `{}`, KindMalformed},
		"a redirect":       {302, ``, KindAnswered},
		"a proxy's 404":    {404, `<html>secret-in-the-body</html>`, KindMalformed},
		"an error and 200": {200, `{"error":"invalid_client"}`, KindMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := &fakeIssuer{tokenStatus: tt.status, tokenBody: tt.body}
				_, _, err := issuer.client(t).GetSystemStatus(t.Context())
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

func TestOneWaiterLeavingDoesNotEndTheFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, delay: 5 * time.Second}
		c := issuer.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _, err := c.GetSystemStatus(ctx)
			if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != KindTimeout {
				t.Errorf("the one who left got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() { mustCall(t, c) })
		wg.Wait()
		if n := issuer.asked.Load(); n != 1 {
			t.Errorf("the token endpoint was asked %d times, want 1", n)
		}
	})
}

func TestCloseEndsAFetchInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, delay: time.Hour}
		c := issuer.client(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, err := c.GetSystemStatus(ctx)
		_ = asError(t, err)
		start := time.Now()
		c.Close()
		if time.Since(start) != 0 {
			t.Errorf("Close waited %s", time.Since(start))
		}
	})
}

// pass lets time go by, in a bubble of synctest, whose clock does not wait.
func pass(d time.Duration) { <-time.After(d) }

// fakeIssuer is Atlas without a network, for tests that need a clock of their own.
type fakeIssuer struct {
	lifetime    time.Duration
	delay       time.Duration
	tokenStatus int
	tokenBody   string

	asked, made        atomic.Int32
	revoked, refuseAll atomic.Bool
}

func (f *fakeIssuer) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(testAccount, WithTransport(f))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func mustCall(t *testing.T, c *Client) {
	t.Helper()
	if _, _, err := c.GetSystemStatus(t.Context()); err != nil {
		t.Error(err)
	}
}

func (f *fakeIssuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/api/oauth/token" {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if f.refuseAll.Load() || f.revoked.Load() && token == "token-1" {
			return response(401, `{"error":401}`), nil
		}
		return response(200, `{"appName":"Atlas"}`), nil
	}
	f.asked.Add(1)
	basic := base64.StdEncoding.EncodeToString([]byte(testAccount.ClientID + ":" + string(testAccount.ClientSecret)))
	if r.Header.Get("Authorization") != "Basic "+basic {
		return response(401, `{"error":"invalid_client"}`), nil
	}
	select {
	case <-time.After(f.delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if f.tokenStatus != 0 {
		return response(f.tokenStatus, f.tokenBody), nil
	}
	n := strconv.Itoa(int(f.made.Add(1)))
	return response(200, `{"access_token":"token-`+n+`","token_type":"Bearer","expires_in":`+strconv.Itoa(int(f.lifetime.Seconds()))+`}`), nil
}

func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}
