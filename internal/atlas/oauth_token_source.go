package atlas

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/lru"
	"atlas-restore-gateway/internal/secret"
)

// Atlas allows ten token requests a minute and a hundred tokens at a time. So the client has one token,
// renews it early, and makes no request for each caller when one fails.
const (
	tokenRenewBefore   = 2 * time.Minute
	tokenUnusableAt    = 10 * time.Second
	tokenDropEvery     = 20 * time.Second
	maxTokenDrops      = 3
	tokenRetryRejected = 10 * time.Second
	tokenRetryFailed   = time.Second

	// A 401 for one project is checked by a call that needs no project, at most this often, and again
	// for the same project after projectRejectedFor at the earliest.
	tokenCheckEvery     = time.Second
	maxTokenChecks      = 3
	projectRejectedFor  = time.Minute
	maxRejectedProjects = 1000 // the least recently used one is evicted
)

// tokenSource has the access token of a service account.
type tokenSource struct {
	endpoint tokenEndpoint
	timeout  time.Duration
	// verify calls Atlas with the current token, which is dropped if Atlas rejects it.
	verify func(context.Context) error

	// Token requests and checks belong to the client, and go on when a caller leaves.
	requests flight.Group[struct{}, *accessToken]
	checks   flight.Group[struct{}, struct{}]

	dropLimit  *rate.Limiter // of rejected tokens
	checkLimit *rate.Limiter // of tokens that were rejected for one project

	mu      sync.Mutex
	current *accessToken
	failure *Error    // of the last request, nil after a success
	retryAt time.Time // of the next request after a failure
	// rejectedProjects has, for each project whose 401 is about the project and not the token, until
	// when that is not checked again.
	rejectedProjects *lru.Map[string, time.Time]
}

func newTokenSource(a ServiceAccount,
	next http.RoundTripper, s *settings, verify func(context.Context) error) *tokenSource {
	return &tokenSource{
		endpoint: tokenEndpoint{
			url: s.baseURL.String() + tokenPath, account: a,
			client: &http.Client{Transport: next, CheckRedirect: rejectRedirect},
		},
		timeout:          s.timeout,
		verify:           verify,
		dropLimit:        rate.NewLimiter(rate.Every(tokenDropEvery), maxTokenDrops),
		checkLimit:       rate.NewLimiter(rate.Every(tokenCheckEvery), maxTokenChecks),
		rejectedProjects: lru.New[string, time.Time](maxRejectedProjects),
	}
}

// Close stops requests and checks that are being made, and waits for them.
func (s *tokenSource) Close() {
	s.requests.Close()
	s.checks.Close()
}

// token returns the current token. Shortly before it expires another one is requested in the
// background; callers wait only where there is none that can be used. After a failed request its
// error is returned until retryAt.
func (s *tokenSource) token(ctx context.Context) (secret.Text, error) {
	s.mu.Lock()
	now := time.Now()
	current, wait := s.current, s.retryAt.Sub(now)
	usable := current != nil && current.expiry.Sub(now) > tokenUnusableAt
	fresh := usable && current.expiry.Sub(now) > min(tokenRenewBefore, current.lifetime/4)
	if wait > 0 && !usable {
		failure := *s.failure
		s.mu.Unlock()
		if failure.RetryAfter > 0 {
			failure.RetryAfter = wait
		}
		return "", &failure
	}
	if fresh || wait > 0 {
		s.mu.Unlock()
		return current.value, nil
	}
	request := s.requests.Background(struct{}{}, s.fetch)
	s.mu.Unlock()
	if usable {
		return current.value, nil
	}
	token, err := request.Wait(ctx)
	if err != nil {
		return "", err
	}
	return token.value, nil
}

// fetch requests a token and makes it the current one.
func (s *tokenSource) fetch(ctx context.Context) (*accessToken, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	token, failure := s.endpoint.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure = failure; failure != nil {
		s.retryAt = time.Now().Add(retryTokenAfter(failure))
		return nil, failure
	}
	s.current, s.retryAt = token, time.Time{}
	return token, nil
}

// retryTokenAfter returns how long no token is requested after a failure: as long as the endpoint says.
func retryTokenAfter(e *Error) time.Duration {
	switch {
	case e.RetryAfter > 0:
		return e.RetryAfter
	case e.Kind == KindCredential, e.Kind == KindAnswered && e.Status == http.StatusForbidden:
		return tokenRetryRejected
	default:
		return tokenRetryFailed
	}
}

// replace drops a rejected token, and reports whether another one is current or will be requested. A 401
// for one project may be about the project alone: then the token is dropped only if Atlas rejects it
// for a call without a project, too.
func (s *tokenSource) replace(ctx context.Context, rejected secret.Text) bool {
	info := callInfoFrom(ctx)
	if info == nil || info.project == "" {
		return s.drop(rejected)
	}
	if !s.isCurrent(rejected) {
		return true
	}
	s.checkFor(ctx, info.project)
	return !s.isCurrent(rejected)
}

func (s *tokenSource) isCurrent(token secret.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current != nil && s.current.value == token
}

// drop drops a rejected token, and reports whether another one is current or will be requested. It
// drops few tokens in a time, because when Atlas also rejects new ones more of them do not help.
func (s *tokenSource) drop(rejected secret.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.value != rejected {
		return true
	}
	if !s.dropLimit.Allow() {
		return false
	}
	s.current = nil
	return true
}

// checkFor checks the current token, unless this was done for the project of late. Checks at the same
// time are one.
func (s *tokenSource) checkFor(ctx context.Context, project string) {
	s.mu.Lock()
	if until, known := s.rejectedProjects.Get(project); known && time.Now().Before(until) {
		s.mu.Unlock()
		return
	}
	started := !s.checks.Running(struct{}{})
	if started && !s.checkLimit.Allow() {
		s.mu.Unlock()
		return
	}
	check := s.checks.Background(struct{}{}, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.verify(ctx)
	})
	s.mu.Unlock()
	_, err := check.Wait(ctx)
	// A check that had begun before the 401 may have been made before the token was revoked.
	if started && isAccepted(err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.rejectedProjects.Add(project, time.Now().Add(projectRejectedFor))
	}
}

// isAccepted reports whether the error of a call, or nil, shows that Atlas accepts the credential.
func isAccepted(err error) bool {
	if err == nil {
		return true
	}
	e := AnswerOf(err)
	return e != nil && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound)
}
