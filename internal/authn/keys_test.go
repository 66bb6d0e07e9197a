package authn

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"atlas-restore-gateway/internal/authz"
)

func TestProvider_namesWhatIsWrong(t *testing.T) {
	k := testKeys()
	for name, tt := range map[string]struct {
		change func(*testProvider)
		want   string
	}{
		"another issuer": {
			change: func(p *testProvider) { p.document["issuer"] = "https://evil.example" }, want: "of another issuer",
		},
		"no keys address": {
			change: func(p *testProvider) { delete(p.document, "jwks_uri") }, want: "jwks_uri must be a URL",
		},
		"keys over http": {
			change: func(p *testProvider) { p.document["jwks_uri"] = "http://evil.example/keys" },
			want:   "jwks_uri must use https",
		},
		"keys from a file": {
			change: func(p *testProvider) { p.document["jwks_uri"] = "file:///etc/keys" }, want: "jwks_uri must be a URL",
		},
		"no keys there": {
			change: func(p *testProvider) { p.document["jwks_uri"] = p.URL + "/nowhere" }, want: "status 404",
		},
		"no keys": {change: func(p *testProvider) { p.keys = nil }, want: "no key that tokens can be checked with"},
		"weak keys alone": {
			change: func(p *testProvider) { p.keys = []map[string]any{jwkOf("weak", k.weak.Public())} }, want: "no key that",
		},
		"keys for others": {
			change: func(p *testProvider) { p.keys = []map[string]any{jwkOf("a", k.rsa.Public(), "use", "enc")} },
			want:   "no key that",
		},
		"a failure": {
			change: func(p *testProvider) { p.status = http.StatusInternalServerError }, want: "status 500",
		},
		"a redirect": {change: func(p *testProvider) { p.status = http.StatusFound }, want: "status 302"},
		"more than is read": {
			change: func(p *testProvider) { p.document["x"] = strings.Repeat("x", maxProviderBytes) }, want: "larger than",
		},
		"no JSON object": {change: func(p *testProvider) { p.document["issuer"] = []string{"a"} }, want: "not the JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestProvider(t)
			p.set(func() { tt.change(p) })
			o := newTestOIDC(t, p)
			if err := o.Check(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
			// No caller can be authenticated, which is not the fault of the caller.
			_, err := o.caller(t.Context(), sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims()))
			var e *authz.Error
			if !errors.As(err, &e) || e.Kind != authz.Unavailable || e.RetryAfter != minFetchInterval {
				t.Errorf("got %v", err)
			}
		})
	}
	p := newTestProvider(t)
	p.set(func() { p.document["jwks_uri"] = p.URL + "/keys?tenant=a" })
	if err := newTestOIDC(t, p).Check(t.Context()); err != nil {
		t.Errorf("a good provider: %v", err)
	}
}

func TestProvider_fetchesKeysOverTLSWhereTheIssuerHasTLS(t *testing.T) {
	p := newTestProvider(t)
	secure := httptest.NewTLSServer(p.Config.Handler)
	defer secure.Close()
	p.set(func() { p.document["issuer"] = secure.URL }) // its keys are at p.URL, which is loopback, without TLS
	o := newTestOIDC(t, p, func(c *OIDCConfig) { c.Issuer, c.Client = secure.URL, secure.Client() })
	if err := o.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "jwks_uri must use https") {
		t.Errorf("got %v", err)
	}
	if n := p.fetches.Load(); n > 0 {
		t.Errorf("they were fetched %d times", n)
	}
}

func TestProvider_boundsTheNumberOfKeys(t *testing.T) {
	p := newTestProvider(t)
	p.set(func() {
		p.keys = nil
		for i := range maxKeys + 1 {
			p.keys = append(p.keys, jwkOf(strconv.Itoa(i), testKeys().ec.Public()))
		}
	})
	o := newTestOIDC(t, p)
	for kid, want := range map[int]bool{0: true, maxKeys - 1: true, maxKeys: false} {
		if _, err := o.caller(t.Context(), sign(t, jwt.SigningMethodES256, testKeys().ec, strconv.Itoa(kid), p.claims())); (err == nil) != want {
			t.Errorf("the key %d: %v", kid, err)
		}
	}
}

// rotating is a provider in a bubble of synctest, whose keys change.
type rotating struct {
	fetches atomic.Int32
	mu      sync.Mutex
	kids    []string
	err     error
	takes   time.Duration
}

func (r *rotating) set(err error, kids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.kids = err, kids
}

func (r *rotating) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	r.fetches.Add(1)
	select {
	case <-time.After(r.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := make([]jwkset.JWK, len(r.kids))
	for i, kid := range r.kids {
		key, err := jwkset.NewJWKFromKey(testKeys().ec.Public(), jwkset.JWKOptions{
			Metadata: jwkset.JWKMetadataOptions{KID: kid},
		})
		if err != nil {
			return nil, err
		}
		keys[i] = key
	}
	return keys, r.err
}

// bubble tests a key set in a bubble of synctest. The keys are made outside, because other tests use them, too.
func bubble(t *testing.T, test func(t *testing.T, r *rotating, k *keySet)) {
	t.Helper()
	testKeys()
	synctest.Test(t, func(t *testing.T) {
		r := &rotating{kids: []string{"old"}, takes: time.Second}
		k := newKeySet(r.fetch, slog.New(slog.DiscardHandler))
		defer k.close()
		test(t, r, k)
	})
}

func (r *rotating) want(t *testing.T, k *keySet, kid string, want error, fetches int32) {
	t.Helper()
	if _, err := k.KeyRead(t.Context(), kid); !errors.Is(err, want) {
		t.Errorf("the key %s: %v, want %v", kid, err, want)
	}
	synctest.Wait()
	if n := r.fetches.Load(); n != fetches {
		t.Errorf("%d fetches, want %d", n, fetches)
	}
}

func TestKeySet_fetchesTheKeysWhenATokenNamesANewOne(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		r.set(nil, "old", "new")
		r.want(t, k, "new", errUnknownKey, 1) // within minFetchInterval
		<-time.After(minFetchInterval)
		r.want(t, k, "new", nil, 2)
		r.want(t, k, "old", nil, 2)
	})
}

func TestKeySet_boundsTheFetchesForUnknownKeys(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		start := time.Now()
		for time.Since(start) < time.Minute {
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					if _, err := k.KeyRead(t.Context(), "made-up"); !errors.Is(err, errUnknownKey) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			<-time.After(100 * time.Millisecond)
		}
		if n := r.fetches.Load(); n > 7 {
			t.Errorf("%d fetches in a minute", n)
		}
	})
}

func TestKeySet_fetchesOnceForConcurrentCallers(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := k.KeyRead(t.Context(), "old"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := r.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestKeySet_acceptsAWithdrawnKeyForTenMinutesAtMost(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		r.set(nil, "new")
		<-time.After(refreshKeysAfter - time.Second)
		r.want(t, k, "old", nil, 1)
		<-time.After(2 * time.Second)
		// From now on the keys are fetched in the background.
		r.want(t, k, "old", nil, 2)
		<-time.After(2 * time.Second)
		r.want(t, k, "old", errUnknownKey, 2)
	})
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		r.set(nil, "new")
		<-time.After(waitForKeysAfter + time.Second)
		r.want(t, k, "old", errUnknownKey, 2)
	})
}

func TestKeySet_acceptsTheLastKeysForAnHourWhileTheProviderIsAway(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		r.set(errors.New("away"))
		<-time.After(waitForKeysAfter + time.Second)
		r.want(t, k, "old", nil, 2)
		r.want(t, k, "old", nil, 2) // within minFetchInterval
		<-time.After(trustKeysFor - waitForKeysAfter)
		r.want(t, k, "old", errNoKeys, 3)
		r.want(t, k, "old", errNoKeys, 3)
		r.set(nil, "old")
		<-time.After(minFetchInterval)
		r.want(t, k, "old", nil, 4)
	})
}

// TestKeySet_returnsNoUnknownKeyWhereTheFetchFailed has a provider that fails and signs with a new key, as
// when it restarts. It is not known whether the provider has the key.
func TestKeySet_returnsNoUnknownKeyWhereTheFetchFailed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		r.set(errors.New("away"))
		<-time.After(minFetchInterval)
		r.want(t, k, "new", errNoKeys, 2)
		r.want(t, k, "new", errNoKeys, 2) // within minFetchInterval
		r.want(t, k, "old", nil, 2)
		r.set(nil, "new")
		<-time.After(minFetchInterval)
		r.want(t, k, "new", nil, 3)
		r.want(t, k, "made-up", errUnknownKey, 3)
	})
}

func TestKeySet_boundsTheWaitForAProviderThatHangs(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.takes = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.KeyRead(ctx, "old"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		start := time.Now()
		if _, err := k.KeyRead(t.Context(), "old"); !errors.Is(err, errNoKeys) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited > fetchTimeout {
			t.Errorf("it took %s", waited)
		}
	})
}

func TestKeySet_waitsOnceForAProviderThatHangsWhileItHasKeys(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotating, k *keySet) {
		t.Helper()
		r.want(t, k, "old", nil, 1)
		r.takes = time.Hour
		<-time.After(waitForKeysAfter + time.Second)
		start := time.Now()
		for time.Since(start) < 5*time.Minute {
			asked := time.Now()
			if _, err := k.KeyRead(t.Context(), "old"); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(asked); waited > 0 && asked != start {
				t.Fatalf("after %s a caller waited again, for %s", asked.Sub(start), waited)
			}
			<-time.After(time.Second)
		}
		if n := r.fetches.Load(); n < 15 {
			t.Errorf("it was tried %d times", n)
		}
	})
}
