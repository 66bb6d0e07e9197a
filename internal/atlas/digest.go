package atlas

import (
	"errors"
	"net/http"
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
	ready  chan struct{} // closed when primed turns true
}

func newDigestAuth(key APIKey, next http.RoundTripper) *digestAuth {
	a := &digestAuth{turn: make(chan struct{}, 1), ready: make(chan struct{})}
	a.digest = &digest.Transport{
		Username:  key.PublicKey,
		Password:  string(key.PrivateKey),
		Transport: challenged{next},
		// Called when a challenge is used, so after it was cached.
		Digest: func(_ *http.Request, c *digest.Challenge, o digest.Options) (*digest.Credentials, error) {
			a.setPrimed()
			return digest.Digest(c, o)
		},
	}
	return a
}

// challenged hands a 401 without a challenge that can be answered past the library, as an
// unchallengedError. The library would drop the challenge that is cached, or keep the one that cannot be
// answered: either way the refusal of one project would cost the calls of all others.
type challenged struct{ next http.RoundTripper }

func (c challenged) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusUnauthorized || answerable(r, res.Header) {
		return res, err
	}
	return nil, &unchallengedError{res}
}

func answerable(r *http.Request, h http.Header) bool {
	challenge, err := digest.FindChallenge(h)
	if err != nil {
		return false
	}
	_, err = digest.Digest(challenge, digest.Options{Method: r.Method, URI: r.URL.RequestURI(), Count: 1})
	return err == nil
}

// unchallengedError is a 401 that is an answer.
type unchallengedError struct{ answer *http.Response }

func (*unchallengedError) Error() string { return "a 401 without a challenge" }

// Close has nothing to wait for.
func (a *digestAuth) Close() {}

// RoundTrip sends the request with the cached challenge, or takes part in getting one.
func (a *digestAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	for !a.primed.Load() {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-a.ready:
		case a.turn <- struct{}{}:
			if a.primed.Load() {
				<-a.turn
				continue
			}
			// Whoever leads gives the turn up when the answer is there. If no
			// challenge came of it (no connection, say), the next one leads.
			defer func() { <-a.turn }()
			return a.send(r)
		}
	}
	return a.send(r)
}

func (a *digestAuth) send(r *http.Request) (*http.Response, error) {
	res, err := a.digest.RoundTrip(r)
	if unchallenged := (*unchallengedError)(nil); errors.As(err, &unchallenged) {
		return unchallenged.answer, nil
	}
	return res, err
}

func (a *digestAuth) setPrimed() {
	if a.primed.CompareAndSwap(false, true) {
		close(a.ready)
	}
}
