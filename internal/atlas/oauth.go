package atlas

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/time/rate"
)

// Atlas grants ten tokens a minute and lets a hundred live, so one is kept and
// renewed early, and a refusal is not tried again by each caller.
const (
	tokenRenewBefore  = 2 * time.Minute
	tokenUnusableAt   = 10 * time.Second
	tokenDropEvery    = 20 * time.Second
	tokenDrops        = 3
	tokenRetryRefused = 10 * time.Second
	tokenRetryFailed  = time.Second
)

const opCreateToken = "createAccessToken"

// bearerAuth puts an access token on requests (RFC 6750).
type bearerAuth struct {
	source interface {
		token(ctx context.Context) (Secret, error)
		// drop forgets a token that Atlas refused. It reports whether asking for
		// another one makes sense.
		drop(Secret) bool
		Close()
	}
	next http.RoundTripper
}

func (a *bearerAuth) Close() { a.source.Close() }

// RoundTrip sends the request with the token. A token that was revoked before its
// time is replaced once; the second refusal is the answer.
func (a *bearerAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := a.source.token(r.Context())
	if err != nil {
		return nil, err
	}
	res, err := a.send(r, token)
	if err != nil || res.StatusCode != http.StatusUnauthorized || !a.source.drop(token) {
		return res, err
	}
	_ = res.Body.Close()
	if token, err = a.source.token(r.Context()); err != nil {
		return nil, err
	}
	return a.send(r, token)
}

func (a *bearerAuth) send(r *http.Request, token Secret) (*http.Response, error) {
	clone := r.Clone(r.Context())
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		clone.Body = body
	}
	clone.Header.Set("Authorization", "Bearer "+string(token))
	return a.next.RoundTrip(clone)
}

type fixedToken Secret

func (t fixedToken) token(context.Context) (Secret, error) { return Secret(t), nil }
func (fixedToken) drop(Secret) bool                        { return false }
func (fixedToken) Close()                                  {}

// tokenSource holds the one access token of a service account.
type tokenSource struct {
	config  clientcredentials.Config
	client  *http.Client
	timeout time.Duration

	// life ends with the client; fetches belong to it and not to the caller who
	// happened to start one, so that one caller leaving fails no other.
	life context.Context //nolint:containedctx // the life of the source, not of a call
	end  context.CancelFunc
	wg   sync.WaitGroup

	drops *rate.Limiter // of refused tokens

	mu      sync.Mutex
	current *oauth2.Token
	since   time.Time
	failure error     // of the last fetch, nil after a success
	retryAt time.Time // not before this after a failure
	flight  *tokenFlight
}

type tokenFlight struct {
	done  chan struct{}
	token *oauth2.Token
	err   error
}

func newTokenSource(a ServiceAccount, next http.RoundTripper, s *settings) *tokenSource {
	life, end := context.WithCancel(context.Background())
	return &tokenSource{
		config: clientcredentials.Config{
			ClientID:     a.ClientID,
			ClientSecret: string(a.ClientSecret),
			TokenURL:     s.baseURL.String() + "/api/oauth/token",
			// Said outright: the library would else find out by failing once.
			AuthStyle: oauth2.AuthStyleInHeader,
		},
		client:  &http.Client{Transport: next, CheckRedirect: refuseRedirect},
		timeout: s.timeout,
		drops:   rate.NewLimiter(rate.Every(tokenDropEvery), tokenDrops),
		life:    life,
		end:     end,
	}
}

// Close stops a fetch in flight and waits for it.
func (s *tokenSource) Close() {
	s.end()
	s.wg.Wait()
}

func (s *tokenSource) token(ctx context.Context) (Secret, error) {
	s.mu.Lock()
	now := time.Now()
	usable := s.current != nil && s.current.Expiry.Sub(now) > tokenUnusableAt
	fresh := usable && s.current.Expiry.Sub(now) > min(tokenRenewBefore, s.current.Expiry.Sub(s.since)/4)
	if s.flight == nil && !fresh {
		switch {
		case now.Before(s.retryAt) && !usable:
			defer s.mu.Unlock()
			return "", s.failure
		case !now.Before(s.retryAt):
			s.start()
		}
	}
	current, flight := s.current, s.flight
	s.mu.Unlock()
	if usable {
		return Secret(current.AccessToken), nil
	}
	select {
	case <-flight.done:
		if flight.err != nil {
			return "", flight.err
		}
		return Secret(flight.token.AccessToken), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// start fetches a token beside the callers. The lock is held.
func (s *tokenSource) start() {
	flight := &tokenFlight{done: make(chan struct{})}
	s.flight = flight
	s.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, s.timeout)
		defer cancel()
		flight.token, flight.err = s.fetch(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flight, s.failure = nil, flight.err
		switch {
		case flight.err == nil:
			s.current, s.since, s.retryAt = flight.token, time.Now(), time.Time{}
		case isRefusal(flight.err):
			s.retryAt = time.Now().Add(tokenRetryRefused)
		default:
			s.retryAt = time.Now().Add(tokenRetryFailed)
		}
		close(flight.done)
	})
}

func (s *tokenSource) fetch(ctx context.Context) (*oauth2.Token, error) {
	token, err := s.config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client))
	if err != nil {
		return nil, tokenError(ctx, err)
	}
	if token.Expiry.IsZero() {
		// expires_in is missing; an hour is what Atlas documents.
		token.Expiry = time.Now().Add(time.Hour)
	}
	return token, nil
}

// drop forgets a refused token, however young, but only some: when Atlas refuses the new
// ones too, others do not help and are rationed.
func (s *tokenSource) drop(refused Secret) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.AccessToken != string(refused) {
		return true
	}
	if !s.drops.Allow() {
		return false
	}
	s.current = nil
	return true
}

func isRefusal(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindCredential
}

// tokenError makes an *Error of a failed fetch. The library's own error is not
// kept where Atlas answered, because it repeats the body of the answer.
func tokenError(ctx context.Context, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		if unanswered := new(url.Error); errors.As(err, &unanswered) {
			return transportError(ctx, opCreateToken, err)
		}
		return &Error{Op: opCreateToken, Kind: KindMalformed, Err: errors.New("the answer holds no access token")}
	}
	e := &Error{
		Op:         opCreateToken,
		Status:     refused.Response.StatusCode,
		Detail:     refused.ErrorDescription,
		RetryAfter: retryAfter(refused.Response.Header, "", nil),
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		e.Kind = KindCredential
	case http.StatusOK, http.StatusNotFound, http.StatusGone, http.StatusConflict:
		// Nothing that the endpoint defines, as of a proxy: it says nothing of the
		// credential, and nothing of what was asked for.
		e.Kind = KindMalformed
	}
	return e
}
