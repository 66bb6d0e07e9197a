package atlas

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"atlas-restore-gateway/internal/secret"
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

	// A 401 for one project is checked by a call that needs no project, so often at most, and for
	// one project again after projectRefusedFor at the earliest.
	tokenCheckEvery   = time.Second
	tokenChecks       = 3
	projectRefusedFor = time.Minute
	maxRefusals       = 1000 // projects; the least recently used are forgotten
)

// bearerAuth puts an access token on requests (RFC 6750).
type bearerAuth struct {
	source interface {
		token(ctx context.Context) (secret.Text, error)
		// replace is told of a token that Atlas refused for the call of ctx. It reports
		// whether the call makes sense with another one.
		replace(ctx context.Context, refused secret.Text) bool
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
	if err != nil || res.StatusCode != http.StatusUnauthorized || !a.source.replace(r.Context(), token) {
		return res, err
	}
	_ = res.Body.Close()
	if token, err = a.source.token(r.Context()); err != nil {
		return nil, err
	}
	return a.send(r, token)
}

func (a *bearerAuth) send(r *http.Request, token secret.Text) (*http.Response, error) {
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

type fixedToken struct{ value secret.Text }

func (t fixedToken) token(context.Context) (secret.Text, error) { return t.value, nil }
func (fixedToken) replace(context.Context, secret.Text) bool    { return false }
func (fixedToken) Close()                                       {}

// tokenSource holds the one access token of a service account.
type tokenSource struct {
	endpoint tokenEndpoint
	timeout  time.Duration
	// accepted asks Atlas whether it accepts the current token, and replaces it if not.
	accepted func(context.Context) error

	// life ends with the client; fetches belong to it and not to the caller who
	// happened to start one, so that one caller leaving fails no other.
	life context.Context //nolint:containedctx // the life of the source, not of a call
	end  context.CancelFunc
	wg   sync.WaitGroup

	drops  *rate.Limiter // of refused tokens
	checks *rate.Limiter // of tokens that were refused for one project

	mu       sync.Mutex
	current  *accessToken
	failure  *Error    // of the last fetch, nil after a success
	retryAt  time.Time // not before this after a failure
	flight   *tokenFlight
	check    *tokenCheck
	refusals *simplelru.LRU[string, time.Time] // until when a project's 401 is taken for the project's own
}

type tokenFlight struct {
	done  chan struct{}
	token *accessToken
	err   *Error
}

type tokenCheck struct {
	done chan struct{}
	err  error
}

func newTokenSource(a ServiceAccount, next http.RoundTripper, s *settings, accepted func(context.Context) error) (*tokenSource, error) {
	refusals, err := simplelru.NewLRU[string, time.Time](maxRefusals, nil)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	return &tokenSource{
		endpoint: tokenEndpoint{
			url: s.baseURL.String() + tokenPath, account: a,
			client: &http.Client{Transport: next, CheckRedirect: refuseRedirect},
		},
		timeout:  s.timeout,
		accepted: accepted,
		drops:    rate.NewLimiter(rate.Every(tokenDropEvery), tokenDrops),
		checks:   rate.NewLimiter(rate.Every(tokenCheckEvery), tokenChecks),
		refusals: refusals,
		life:     life,
		end:      end,
	}, nil
}

// Close stops a fetch in flight and waits for it.
func (s *tokenSource) Close() {
	s.end()
	s.wg.Wait()
}

func (s *tokenSource) token(ctx context.Context) (secret.Text, error) {
	s.mu.Lock()
	now := time.Now()
	usable := s.current != nil && s.current.expiry.Sub(now) > tokenUnusableAt
	fresh := usable && s.current.expiry.Sub(now) > min(tokenRenewBefore, s.current.lifetime/4)
	if s.flight == nil && !fresh {
		switch wait := s.retryAt.Sub(now); {
		case wait > 0 && !usable:
			failure := *s.failure
			s.mu.Unlock()
			if failure.RetryAfter > 0 {
				failure.RetryAfter = wait
			}
			return "", &failure
		case wait <= 0:
			s.start()
		}
	}
	current, flight := s.current, s.flight
	s.mu.Unlock()
	if usable {
		return current.value, nil
	}
	select {
	case <-flight.done:
		if flight.err != nil {
			return "", flight.err
		}
		return flight.token.value, nil
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
		flight.token, flight.err = s.endpoint.fetch(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flight, s.failure = nil, flight.err
		if flight.err == nil {
			s.current, s.retryAt = flight.token, time.Time{}
		} else {
			s.retryAt = time.Now().Add(retryTokenAfter(flight.err))
		}
		close(flight.done)
	})
}

// retryTokenAfter is how long no token is asked for after a failure: as long as the endpoint says.
func retryTokenAfter(e *Error) time.Duration {
	switch {
	case e.RetryAfter > 0:
		return e.RetryAfter
	case e.Kind == KindCredential, e.Kind == KindAnswered && e.Status == http.StatusForbidden:
		return tokenRetryRefused
	default:
		return tokenRetryFailed
	}
}

// replace forgets a refused token and reports true, or reports whether another one is current
// already. A 401 for one project can be about the project alone: there the token is forgotten only if
// Atlas refuses it for a call without a project, too.
func (s *tokenSource) replace(ctx context.Context, refused secret.Text) bool {
	info := callInfoOf(ctx)
	if info == nil || info.project == "" {
		return s.drop(refused)
	}
	if !s.isCurrent(refused) {
		return true
	}
	s.checkFor(ctx, info.project)
	return !s.isCurrent(refused)
}

func (s *tokenSource) isCurrent(token secret.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current != nil && s.current.value == token
}

// drop forgets a refused token, however young, but only some: when Atlas refuses the new
// ones too, others do not help and are rationed.
func (s *tokenSource) drop(refused secret.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.value != refused {
		return true
	}
	if !s.drops.Allow() {
		return false
	}
	s.current = nil
	return true
}

// checkFor has the current token checked, unless that was done for this project of late. Concurrent
// checks are one.
func (s *tokenSource) checkFor(ctx context.Context, project string) {
	s.mu.Lock()
	if until, known := s.refusals.Get(project); known && time.Now().Before(until) {
		s.mu.Unlock()
		return
	}
	check, leads := s.check, s.check == nil
	if leads {
		if !s.checks.Allow() {
			s.mu.Unlock()
			return
		}
		check = &tokenCheck{done: make(chan struct{})}
		s.check = check
		s.wg.Go(func() {
			err := s.accepted(s.life)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.check, check.err = nil, err
			close(check.done)
		})
	}
	s.mu.Unlock()
	select {
	case <-check.done:
	case <-ctx.Done():
		return
	}
	// A check that was under way before the 401 came may have been made before the token was revoked.
	if leads && isAccepted(check.err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refusals.Add(project, time.Now().Add(projectRefusedFor))
	}
}

// isAccepted reports whether a call with this error shows that Atlas accepts the credential.
func isAccepted(err error) bool {
	if err == nil {
		return true
	}
	e := AnswerOf(err)
	return e != nil && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound)
}
