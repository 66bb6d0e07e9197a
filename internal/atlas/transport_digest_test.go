package atlas

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

var testKey = APIKey{PublicKey: "public", PrivateKey: "private-of-the-test"}

// simulator is Atlas with testKey, and a count of what it answered by status.
func simulator(t *testing.T, opts ...atlassim.Option) *atlassim.Simulator {
	t.Helper()
	return atlassim.New(append([]atlassim.Option{
		atlassim.WithAPIKey(testKey.PublicKey, string(testKey.PrivateKey), atlassim.ProjectOwner),
	}, opts...)...)
}

func countStatus(sim *atlassim.Simulator, status int) int {
	n := 0
	for _, call := range sim.Calls() {
		if call.Status == status {
			n++
		}
	}
	return n
}

// together runs n calls at once and waits for them.
func together(n int, call func()) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range n {
		wg.Go(func() { <-start; call() })
	}
	close(start)
	wg.Wait()
}

func TestDigestAuth_requestsOneChallengeForFiftyCalls(t *testing.T) {
	sim := simulator(t)
	c := newClientFor(t, testKey, sim)
	together(50, func() {
		if _, err := c.GetSystemStatus(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if challenges := countStatus(sim, 401); challenges != 1 || len(sim.Calls()) != 51 {
		t.Errorf("%d challenges in %d requests", challenges, len(sim.Calls()))
	}
}

func TestDigestAuth_goesOnWhenTheFirstCallerLeaves(t *testing.T) {
	sim := simulator(t)
	first := make(chan struct{})
	var once atomic.Bool
	c := newClientFor(t, testKey, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if once.CompareAndSwap(false, true) {
			close(first)
			<-r.Context().Done()
			return
		}
		sim.ServeHTTP(w, r)
	}))
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := c.GetSystemStatus(ctx)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != KindCanceled {
			t.Errorf("the leader got %v", err)
		}
	})
	<-first
	for range 10 {
		wg.Go(func() {
			if _, err := c.GetSystemStatus(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	leave()
	wg.Wait()
}

func TestDigestAuth_returns401ForAWrongKey(t *testing.T) {
	sim := simulator(t)
	c := newClientFor(t, APIKey{PublicKey: "public", PrivateKey: "wrong"}, sim)
	for range 3 {
		_, err := c.GetSystemStatus(t.Context())
		if e := asError(t, err); e.Status != 401 || e.Kind != KindAnswered {
			t.Errorf("got %v", e)
		}
	}
}

func TestDigestAuth_keepsTheBodyOf401WithoutAChallenge(t *testing.T) {
	c := newClientFor(t, testKey,
		answering(401, "application/json", `{"error":401,"errorCode":"UNEXPECTED_ERROR","detail":"told by Atlas"}`))
	for range 2 {
		_, err := c.GetSystemStatus(t.Context())
		if e := asError(t, err); e.Status != 401 || e.ErrorCode != "UNEXPECTED_ERROR" || e.Detail != "told by Atlas" {
			t.Errorf("got %v", e)
		}
	}
}

func TestDigestAuth_returnsAnErrorForAnUnusableChallenge(t *testing.T) {
	for _, challenge := range []string{
		`Digest realm="x"`, `Digest`, `Digest realm="x", nonce="y", algorithm=ROT13, qop="auth"`, `Basic realm="x"`,
		`Digest realm="x", nonce="y", qop="auth-int"`, strings.Repeat("Digest ", 100),
	} {
		c := newClientFor(t, testKey, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Www-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
		}))
		_, err := c.GetSystemStatus(t.Context())
		e := asError(t, err)
		if e.Kind != KindAnswered || e.Status != http.StatusUnauthorized {
			t.Errorf("got %+v", e)
		}
		if strings.Contains(e.Error(), string(testKey.PrivateKey)) {
			t.Errorf("the error shows the key: %v", e)
		}
	}
}

// A 401 for one project must cost the others nothing: neither a request for another challenge,
// nor a challenge that cannot be answered.
func TestDigestAuth_keepsTheChallengeWhenOneProjectIsRejected(t *testing.T) {
	refused := project(66)
	for name, challenge := range map[string]string{
		"no challenge":           "",
		"not to be answered":     `Digest realm="x", nonce="y", qop="auth-conf"`,
		"an unknown algorithm":   `Digest realm="x", nonce="y", algorithm=ROT13, qop="auth"`,
		"of another scheme":      `Bearer realm="x"`,
		"nothing but the scheme": `Digest`,
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulator(t)
			c := newClientFor(t, testKey, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.URL.Path, refused) {
					sim.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				if challenge != "" {
					w.Header().Set("Www-Authenticate", challenge)
				}
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = w.Write([]byte(`{"error":401,"errorCode":"USER_UNAUTHORIZED","reason":"Unauthorized"}`))
			}))
			for range 3 {
				if _, err := c.GetSystemStatus(t.Context()); err != nil {
					t.Fatal(err)
				}
				if e := asError(t, ask(t.Context(), c, refused)); e.Status != http.StatusUnauthorized ||
					e.ErrorCode != "USER_UNAUTHORIZED" {
					t.Errorf("got %+v", e)
				}
			}
			if n := len(sim.Calls()); n != 4 {
				t.Errorf("%d requests for the others, want 3 and one challenge", n)
			}
		})
	}
}
