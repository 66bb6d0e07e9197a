package atlas

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/icholy/digest"
)

// digestAuth puts an API key on requests by HTTP Digest. The work is done by
// icholy/digest; what is added is thrift. Asked cold by fifty callers, the
// library makes fifty challenge round trips, each of which costs a token of
// Atlas's rate limit. Here the first caller fetches the challenge and the others
// wait for that, and for nothing longer.
type digestAuth struct {
	digest *digest.Transport

	primed atomic.Bool   // a challenge is cached
	turn   chan struct{} // holds the one who fetches the challenge

	mu    sync.Mutex
	ready chan struct{} // closed when primed turns true
}

func newDigestAuth(key APIKey, next http.RoundTripper) *digestAuth {
	a := &digestAuth{turn: make(chan struct{}, 1), ready: make(chan struct{})}
	a.digest = &digest.Transport{
		Username:  key.PublicKey,
		Password:  string(key.PrivateKey),
		Transport: next,
		FindChallenge: func(h http.Header) (*digest.Challenge, error) {
			challenge, err := digest.FindChallenge(h)
			if err != nil {
				// The library drops its cached challenge now.
				a.setPrimed(false)
			}
			return challenge, err
		},
		// Called when a challenge is used, so after it was cached.
		Digest: func(_ *http.Request, c *digest.Challenge, o digest.Options) (*digest.Credentials, error) {
			a.setPrimed(true)
			return digest.Digest(c, o)
		},
	}
	return a
}

// Close has nothing to wait for.
func (a *digestAuth) Close() {}

// RoundTrip sends the request with the cached challenge, or takes part in getting one.
func (a *digestAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	for !a.primed.Load() {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-a.whenReady():
		case a.turn <- struct{}{}:
			if a.primed.Load() {
				<-a.turn
				continue
			}
			// Whoever leads gives the turn up when the answer is there. If no
			// challenge came of it (no connection, say), the next one leads.
			defer func() { <-a.turn }()
			return a.digest.RoundTrip(r)
		}
	}
	return a.digest.RoundTrip(r)
}

func (a *digestAuth) whenReady() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ready
}

func (a *digestAuth) setPrimed(yes bool) {
	if a.primed.Load() == yes {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.primed.Swap(yes) == yes {
		return
	}
	if yes {
		close(a.ready)
	} else {
		a.ready = make(chan struct{})
	}
}
