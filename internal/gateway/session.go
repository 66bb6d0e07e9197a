package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/subscription"
)

// authenticateAgainAfter is the time after which the credential of a stream's caller is checked again before an event.
const authenticateAgainAfter = 5 * time.Second

// session is the caller of one or several streams. A request is authenticated once; a stream lasts, and so its caller is
// checked before each event. It is safe for concurrent use.
type session struct {
	access  *Access
	request *http.Request // that authenticates the caller
	caller  *authz.Caller

	mu        sync.Mutex
	checkedAt time.Time
	expired   bool
	policy    *authz.Policy
	grant     authz.Grant
	key       string // of the grant
}

func newSession(a *Access, r *http.Request, c *authz.Caller) *session {
	return &session{access: a, request: r, caller: c, checkedAt: time.Now()}
}

// check returns subscription.ErrExpired where the caller would not be authenticated any more.
func (s *session) check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checkLocked()
}

func (s *session) checkLocked() error {
	now := time.Now()
	expires := s.caller.Expires
	s.expired = s.expired || !expires.IsZero() && !now.Before(expires)
	if !s.expired && now.Sub(s.checkedAt) >= authenticateAgainAfter {
		s.checkedAt = now
		again, err := s.access.Authenticate(s.request)
		var refused *authz.Error
		switch {
		case err == nil:
			s.expired = again.Key() != s.caller.Key()
		case errors.As(err, &refused):
			// A provider whose keys cannot be read now has not revoked the token.
			s.expired = refused.Kind == authz.Unauthenticated || refused.Kind == authz.Forbidden
		}
	}
	if s.expired {
		return subscription.ErrExpired
	}
	return nil
}

// rights returns what decides about the content of events of a project, and whether the caller may read the project.
// Its error is that of check.
func (s *session) rights(groupID string) (key string, allowed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkLocked(); err != nil {
		return "", false, err
	}
	if policy := s.access.Policy.Policy(); policy != s.policy {
		s.policy, s.grant = policy, policy.For(s.caller)
		// The address names the policy: as long as a stream has rights of it, no other policy can have the address.
		s.key = fmt.Sprintf("%p %s", policy, s.grant.Key())
		if s.caller.Method == authz.Passthrough {
			// Atlas authorizes the caller.
			s.key += s.caller.Key()
		}
	}
	return s.key, s.grant.Allows(groupID, authz.JobsRead), nil
}

// limitKey returns what the streams of the caller are counted by; "" for anonymous callers, which cannot be told apart.
func (s *session) limitKey() string {
	if s.caller.Method == authz.None {
		return ""
	}
	return s.caller.Key()
}
