package atlas

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// sharedBucket is a SharedBucket whose answers a test sets.
type sharedBucket struct {
	config  SharedBucketConfig
	left    int
	away    bool
	drained bool
}

func (s *sharedBucket) Take(context.Context) (ok bool, wait time.Duration, shared bool) {
	if s.away {
		return false, 0, false
	}
	if s.left == 0 {
		return false, 7 * time.Second, true
	}
	s.left--
	return true, 0, true
}
func (s *sharedBucket) Spend()              { s.left-- }
func (s *sharedBucket) Refund()             { s.left++ }
func (s *sharedBucket) Report(drained bool) { s.drained = s.drained || drained }
func (s *sharedBucket) Share() float64      { return 0.5 }

func newShared(left int) (*bucket, *sharedBucket) {
	b, s := newBucket(setCloudBackups, rateLimit{100, 60}, "p", 0, time.Now()), &sharedBucket{left: left}
	b.shareBy(func(c SharedBucketConfig) SharedBucket {
		s.config = c
		return s
	})
	return b, s
}

func TestBucket_takesSharedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newShared(2)
		for range 2 {
			if number, _ := b.acquire(t.Context()); number == 0 {
				t.Fatal("a token is refused")
			}
		}
		if number, wait := b.acquire(t.Context()); number != 0 || wait != 7*time.Second {
			t.Errorf("without a token: %d, %s", number, wait)
		}
		b.release()
		if s.left != 1 || s.config.Read().Tokens != 99 {
			t.Errorf("after a refund %d tokens are leased, and %v are left", s.left, s.config.Read().Tokens)
		}
		if number := b.acquireAnyway(); number != 3 || s.left != 0 {
			t.Errorf("a request that is sent in any case has the number %d", number)
		}
		if c := s.config; c.EndpointSet != "cloud backups" || c.Project != "p" {
			t.Errorf("the bucket is called %+v", c)
		}
	})
}

func TestBucket_goesOnWithItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newShared(1000)
		s.config.Learn(BucketState{Capacity: 100, PerSecond: 1, Tokens: 40})
		s.away = true
		taken := 0
		for range 100 {
			if number, _ := b.acquire(t.Context()); number != 0 {
				taken++
			}
		}
		if taken != 20 {
			t.Errorf("of 40 calls a half of the replicas takes %d", taken)
		}
		<-time.After(10 * time.Second)
		if s.config.Read().Tokens != 10 {
			t.Errorf("after ten seconds with half of the refill there are %v", s.config.Read().Tokens)
		}
		s.away = false
		if number, _ := b.acquire(t.Context()); number == 0 {
			t.Error("a leased token is refused")
		}
	})
}

func TestBucket_tellsOthersWhatAtlasSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newShared(1000)
		if state := s.config.Read(); state.Stated || state.Blocked != 0 {
			t.Errorf("before an answer: %+v", state)
		}
		number, _ := b.acquire(t.Context())
		b.learnFrom(number, time.Now(), time.Now(), rateLimitInfo{limit: 50, remaining: 30, hasRemaining: true})
		if state := s.config.Read(); !state.Stated || state.Capacity != 50 || state.Tokens != 30 || s.drained {
			t.Errorf("after an answer: %+v", state)
		}
		s.config.Learn(BucketState{Capacity: 50, PerSecond: 1, Tokens: 20})
		if state := s.config.Read(); state.Stated || state.Tokens != 20 {
			t.Errorf("after what the others know: %+v", state)
		}
		number, _ = b.acquire(t.Context())
		b.learnFrom(number, time.Now(), time.Now(), rateLimitInfo{limited: true, wait: time.Minute})
		if state := s.config.Read(); state.Blocked != time.Minute || !s.drained {
			t.Errorf("after a 429: %+v, reported: %t", state, s.drained)
		}
		other, of := newShared(1000)
		of.config.Learn(BucketState{Capacity: 50, PerSecond: 1, Tokens: 0, Blocked: time.Minute})
		if number, wait := other.acquire(t.Context()); number != 0 || wait != time.Minute || of.left != 1000 {
			t.Errorf("another process takes %d, and waits %s", number, wait)
		}
		if of.config.Read().Blocked != 0 {
			t.Error("what was learned is told again")
		}
	})
}
