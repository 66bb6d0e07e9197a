package atlas

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds on the values of responses.
const (
	// maxCapacity is in calls; ten times the largest bucket that Atlas documents.
	maxCapacity = 100_000
	// maxBlock is how long one 429 blocks a bucket at most. Retry-After may be longer, but a bucket
	// is full again after less than three minutes.
	maxBlock = 5 * time.Minute
	// clockJump is how far the time must go back before the clock counts as set back; less is two
	// goroutines that read it at once.
	clockJump = time.Second
	// logInterval is how often the log has the same warning: that the calls of one project are
	// spent, or that this machine lacks resources.
	logInterval = time.Minute
	// minRate is the lowest refill, in calls a second.
	minRate = 1.0 / 60
)

// bucket is the estimate of one of Atlas's token buckets: of one endpoint set and one project. It counts
// requests and is corrected by each response.
type bucket struct {
	set          endpointSet
	project      string
	reserveRatio float64 // of the capacity that is reserved
	log          rate.Sometimes
	shared       SharedBucket // nil where there are no replicas

	mu           sync.Mutex
	share        float64 // the part of Atlas's bucket that this one estimates: 1, or less where the replicas cannot share it
	capacity     float64
	perSecond    float64
	tokens       float64   // from 0 to capacity
	updatedAt    time.Time // when tokens was right
	blockedUntil time.Time // after a 429; zero otherwise
	sent         uint64    // requests so far, which is the number of the last one
	newestAnswer uint64    // the highest number of a request whose response was used
	// What the other replicas do not know: that a response has stated a rate limit, and that one was a 429.
	limitNews, blockNews bool
}

func newBucket(set endpointSet, limits rateLimit, project string, reserveRatio float64, now time.Time) *bucket {
	return &bucket{
		set: set, project: project, reserveRatio: reserveRatio, updatedAt: now, log: rate.Sometimes{Interval: logInterval}, share: 1,
		capacity: limits.capacity, tokens: limits.capacity, perSecond: limits.refill / 60,
	}
}

// minTokens returns how many tokens an attempt needs to be allowed: its own and the reserve, in whole
// calls. The lock is held.
func (b *bucket) minTokens() float64 { return math.Floor(b.reserveRatio*b.size()) + 1 }

// size and refill are the capacity and the refill a second of the part of Atlas's bucket that is estimated. The lock is
// held.
func (b *bucket) size() float64   { return b.share * b.capacity }
func (b *bucket) refill() float64 { return b.share * b.perSecond }

// advance refills the bucket until now. A clock that was set back changes nothing. The lock is held.
func (b *bucket) advance(now time.Time) {
	passed := now.Sub(b.updatedAt)
	switch {
	case passed > 0:
		b.tokens = min(b.size(), b.tokens+passed.Seconds()*b.refill())
		b.updatedAt = now
	case passed < -clockJump:
		b.updatedAt = now
	}
	if b.blockedUntil.Sub(now) > maxBlock {
		b.blockedUntil = now.Add(maxBlock)
	}
}

// take takes a token for a request and returns the request's number. When the bucket is down to its
// reserve it returns 0, and the time until a token is there.
func (b *bucket) take(now time.Time) (number uint64, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	least := b.minTokens()
	if !b.blockedUntil.IsZero() {
		if wait = b.blockedUntil.Sub(now); wait > 0 {
			return 0, wait
		}
		// Atlas named this time, so there was a token then, and the refill since.
		b.tokens = min(b.size(), max(b.tokens, least+now.Sub(b.blockedUntil).Seconds()*b.refill()))
		b.blockedUntil = time.Time{}
	}
	if b.tokens < least {
		return 0, max(time.Duration((least-b.tokens)/b.refill()*float64(time.Second)), time.Millisecond)
	}
	b.tokens--
	b.sent++
	return b.sent, 0
}

// spend counts a request that is sent in any case, such as the one that answers a challenge, and
// returns its number.
func (b *bucket) spend(now time.Time) (number uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.tokens = max(0, b.tokens-1)
	b.sent++
	return b.sent
}

// refund returns a token whose request was not sent.
func (b *bucket) refund(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.tokens = min(b.size(), b.tokens+1)
}

// update corrects the estimate by the response to the request of a number.
//
// Responses may arrive in another order than their requests were sent. A stated number was right at a
// time between sending its request and now: since then at most the refill was added, and at most the
// requests with higher numbers are missing. So the estimate is never above the stated number and
// that refill. It is raised only by the response to the newest request so far, and at most to
// the number that is left if all later requests are still to be counted.
func (b *bucket) update(number uint64, sentAt, now time.Time, info rateLimitInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.resize(info)
	if info.hasRemaining {
		remaining := b.share * info.remaining
		highest := remaining + max(0, now.Sub(sentAt).Seconds())*b.refill()
		lowest := remaining - float64(b.sent-number)
		switch {
		case b.tokens > highest:
			b.tokens = highest
		case b.tokens < lowest && number > b.newestAnswer && !info.limited:
			b.tokens = min(b.size(), lowest)
		}
		b.newestAnswer = max(b.newestAnswer, number)
	}
	if info.limited {
		b.newestAnswer = max(b.newestAnswer, number)
		if !info.waitUnknown {
			b.tokens = 0 // without a wait the 429 may have another cause than the bucket
		}
		if until := now.Add(min(info.wait, maxBlock)); info.wait > 0 && until.After(b.blockedUntil) {
			b.blockedUntil, b.blockNews = until, true
		}
	}
}

// seed sets the rate limit of a bucket that was made with another one.
func (b *bucket) seed(limits rateLimit, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.resize(rateLimitInfo{limit: limits.capacity, perSecond: limits.refill / 60})
}

// resize sets the capacity and the refill that a response states. Tokens that were spent stay spent.
// A capacity without a refill changes the refill in proportion. The lock is held.
func (b *bucket) resize(info rateLimitInfo) {
	capacity, perSecond := b.capacity, b.perSecond
	if info.limit >= 1 && info.limit != b.capacity {
		limit := min(info.limit, maxCapacity)
		b.tokens = max(0, b.share*limit-(b.size()-b.tokens))
		b.perSecond *= limit / b.capacity
		b.capacity = limit
	}
	if info.perSecond > 0 {
		b.perSecond = info.perSecond
	}
	b.perSecond = min(max(b.perSecond, minRate), b.capacity)
	b.limitNews = b.limitNews || b.capacity != capacity || b.perSecond != perSecond
}

// state returns the bucket for Stats, and whether an attempt would be rejected now.
func (b *bucket) state(now time.Time) (s BucketStats, spent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	s = BucketStats{Project: b.project, Remaining: int(b.tokens), Capacity: int(b.size())}
	if now.Before(b.blockedUntil) {
		s.Remaining = 0
	}
	return s, now.Before(b.blockedUntil) || b.blockedUntil.IsZero() && b.tokens < b.minTokens()
}
