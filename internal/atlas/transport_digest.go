package atlas

import (
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/icholy/digest"
)

// digestAuth authorizes requests with an API key by HTTP Digest. Package digest does the work. It would
// make a challenge request for each of the callers that begin at the same time, and each takes a
// token of Atlas's rate limit. So the first caller sends its request alone, and the others wait until
// that has brought a challenge. This is not a flight.Group: the first request is the caller's own,
// and only the challenge that it brings is shared.
type digestAuth struct {
	digest *digest.Transport

	primed  atomic.Bool   // the library has a challenge
	first   chan struct{} // a slot for the request that is sent alone
	isReady chan struct{} // closed when primed becomes true
}

func newDigestAuth(key APIKey, next http.RoundTripper) *digestAuth {
	a := &digestAuth{first: make(chan struct{}, 1), isReady: make(chan struct{})}
	a.digest = &digest.Transport{
		Username:  key.PublicKey,
		Password:  string(key.PrivateKey),
		Transport: challengeFilter{next},
		// The library calls this when it answers a challenge, after it has stored it.
		Digest: func(_ *http.Request, c *digest.Challenge, o digest.Options) (*digest.Credentials, error) {
			a.setPrimed()
			return digest.Digest(c, o)
		},
	}
	return a
}

// challengeFilter hides a 401 without a challenge that can be answered from the library, as an
// unchallengedError. The library would drop the challenge that it has, or keep the unusable one; in both
// cases a 401 for one project would cost the calls of all others an additional request.
type challengeFilter struct{ next http.RoundTripper }

func (c challengeFilter) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusUnauthorized || answerable(r, res.Header) {
		return res, err
	}
	return nil, &unchallengedError{res}
}

// answerable reports whether the header has a challenge that the library can answer.
func answerable(r *http.Request, h http.Header) bool {
	challenge, err := digest.FindChallenge(h)
	if err != nil {
		return false
	}
	_, err = digest.Digest(challenge, digest.Options{Method: r.Method, URI: r.URL.RequestURI(), Count: 1})
	return err == nil
}

// unchallengedError is a 401 that is the response to the call.
type unchallengedError struct{ response *http.Response }

func (*unchallengedError) Error() string { return "a 401 without a challenge" }

// Close does nothing: there are no goroutines.
func (a *digestAuth) Close() {}

// RoundTrip sends the request once a challenge is there, or alone to get one.
func (a *digestAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	for !a.primed.Load() {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-a.isReady:
		case a.first <- struct{}{}:
			if a.primed.Load() {
				<-a.first
				continue
			}
			// Without a challenge (such as without a connection) the next caller is the first one.
			defer func() { <-a.first }()
			return a.send(r)
		}
	}
	return a.send(r)
}

func (a *digestAuth) send(r *http.Request) (*http.Response, error) {
	res, err := a.digest.RoundTrip(r)
	if unchallenged := (*unchallengedError)(nil); errors.As(err, &unchallenged) {
		return unchallenged.response, nil
	}
	return res, err
}

func (a *digestAuth) setPrimed() {
	if a.primed.CompareAndSwap(false, true) {
		close(a.isReady)
	}
}
