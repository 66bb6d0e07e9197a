package atlas

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestClient_comparesTimesByTheMonotonicClock: a time that has a monotonic reading is
// compared by that (package time), so a clock that is set moves nothing of it.
func TestClient_comparesTimesByTheMonotonicClock(t *testing.T) {
	issuer := &fakeIssuer{lifetime: time.Hour}
	c := issuer.client(t)
	mustCall(t, c)
	source := c.auth.(*bearerAuth).source.(*tokenSource)
	mustCall(t, c)

	limited := always(429, "Retry-After: 60").client(t)
	_ = ask(t.Context(), limited, testGroup)
	down := always(500).client(t, WithRetries(0))
	opened(t, down)
	bucket := limited.budget.bucket(setCloudBackups, testGroup, time.Now())
	for what, at := range map[string]time.Time{
		"the expiry of a token": source.current.expiry,
		"the state of a bucket": bucket.updatedAt,
		"the end of a 429":      bucket.blockedUntil,
		"the end of a breaker":  down.breakers.project(setCloudBackups, testGroup).openUntil,
	} {
		if !strings.Contains(at.String(), " m=") {
			t.Errorf("%s is %s", what, at)
		}
	}
}

func TestClient_sharesNothingWithAnotherCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(429, "Retry-After: 60")
		one, other := s.client(t), s.client(t)
		_ = ask(t.Context(), one, testGroup)
		if e := asError(t, ask(t.Context(), other, testGroup)); e.Kind != KindAnswered || left(other) != 0 {
			t.Errorf("got %v", e)
		}
	})
}
