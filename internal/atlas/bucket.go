package atlas

import (
	"math"
	"sync"
	"time"
)

// Bounds on what is believed of what answers say.
const (
	// maxCapacity is in calls; ten times the largest bucket that Atlas documents.
	maxCapacity = 100_000
	// maxBlock is how long one 429 can keep a bucket shut. An hour would be believed
	// otherwise, and a bucket is full again after less than three minutes.
	maxBlock = 5 * time.Minute
	// clockJump is how far a clock goes back before it is believed to have been set,
	// rather than read by two goroutines at once.
	clockJump = time.Second
	// reportEvery is how often the log names a project whose calls are spent.
	reportEvery = time.Minute
	// minRate, in calls a second, keeps a refill that Atlas tells from stopping one.
	minRate = 1.0 / 60
)

// bucket is the gateway's estimate of one of Atlas's token buckets: one endpoint set
// of one project. It is kept by counting and put right by each answer.
type bucket struct {
	set     endpointSet
	project string
	share   float64 // of the capacity that is held back

	mu        sync.Mutex
	capacity  float64
	perSecond float64
	tokens    float64   // from 0 to capacity
	at        time.Time // up to when tokens holds
	shut      time.Time // nothing before this, after a 429; zero when open
	sent      uint64    // requests so far; their numbers are from 1
	learned   uint64    // the highest number of those whose answer was believed
	reported  time.Time // when it was last said that nothing is left
}

func newBucket(set endpointSet, project string, share float64, now time.Time) *bucket {
	limits := endpointSetTable[set]
	return &bucket{
		set: set, project: project, share: share, at: now,
		capacity: limits.capacity, tokens: limits.capacity, perSecond: limits.refill / 60,
	}
}

// least is what must be there for a call to be made: the call and the reserve, which is
// a share of the capacity, in whole calls. The lock is held.
func (b *bucket) least() float64 { return math.Floor(b.share*b.capacity) + 1 }

// advance lets tokens come back until now. A clock that was set back gives nothing
// and takes nothing. The lock is held.
func (b *bucket) advance(now time.Time) {
	passed := now.Sub(b.at)
	switch {
	case passed > 0:
		b.tokens = min(b.capacity, b.tokens+passed.Seconds()*b.perSecond)
		b.at = now
	case passed < -clockJump:
		b.at = now
	}
	if b.shut.Sub(now) > maxBlock {
		b.shut = now.Add(maxBlock)
	}
}

// take takes a token for a request and returns the request's number. Without one
// to spare it returns 0, and how long to wait for it.
func (b *bucket) take(now time.Time) (number uint64, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	least := b.least()
	if !b.shut.IsZero() {
		if wait = b.shut.Sub(now); wait > 0 {
			return 0, wait
		}
		// Atlas named this moment, so it had a token then, whatever the count says, and what
		// has come back since.
		b.tokens = min(b.capacity, max(b.tokens, least+now.Sub(b.shut).Seconds()*b.perSecond))
		b.shut = time.Time{}
	}
	if b.tokens < least {
		return 0, max(time.Duration((least-b.tokens)/b.perSecond*float64(time.Second)), time.Millisecond)
	}
	b.tokens--
	b.sent++
	return b.sent, 0
}

// spend counts a request that goes out in any case: the second one after a challenge.
func (b *bucket) spend(now time.Time) (number uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.tokens = max(0, b.tokens-1)
	b.sent++
	return b.sent
}

// report says whether it is time to say that nothing is left: at first, and after that
// once in a while.
func (b *bucket) report(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.reported.IsZero() && now.Sub(b.reported) < reportEvery {
		return false
	}
	b.reported = now
	return true
}

// giveBack returns a token whose request never went out.
func (b *bucket) giveBack(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.tokens = min(b.capacity, b.tokens+1)
}

// learn puts the estimate right by the answer to the request of that number.
//
// Answers overtake each other. What one says held at some moment between its request's
// going out and now: at most a refill since then was added, and at most the requests
// with higher numbers are missing from it. So the estimate is never above what is said
// and that refill; and it is raised only by the answer to the newest request so far,
// and to no more than what is left if all later ones are still to be counted.
func (b *bucket) learn(number uint64, sentAt, now time.Time, l lesson) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.resize(l)
	if l.hasRemaining {
		most := l.remaining + max(0, now.Sub(sentAt).Seconds())*b.perSecond
		least := l.remaining - float64(b.sent-number)
		switch {
		case b.tokens > most:
			b.tokens = most
		case b.tokens < least && number > b.learned && !l.refused:
			b.tokens = min(b.capacity, least)
		}
		b.learned = max(b.learned, number)
	}
	if l.refused {
		b.learned = max(b.learned, number)
		if !l.unsaid {
			b.tokens = 0 // else it may be something else than the bucket that is in the way
		}
		if until := now.Add(min(l.wait, maxBlock)); l.wait > 0 && until.After(b.shut) {
			b.shut = until
		}
	}
}

// resize takes over a capacity and a refill. What was spent stays spent, and where
// only the capacity is told the refill grows or shrinks with it. The lock is held.
func (b *bucket) resize(l lesson) {
	if l.limit >= 1 && l.limit != b.capacity {
		limit := min(l.limit, maxCapacity)
		b.tokens = max(0, limit-(b.capacity-b.tokens))
		b.perSecond *= limit / b.capacity
		b.capacity = limit
	}
	if l.perSecond > 0 {
		b.perSecond = l.perSecond
	}
	b.perSecond = min(max(b.perSecond, minRate), b.capacity)
}

// state is the bucket for Stats, and whether it has no call to spare now.
func (b *bucket) state(now time.Time) (s BucketStats, spent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	s = BucketStats{Project: b.project, Remaining: int(b.tokens), Capacity: int(b.capacity)}
	if now.Before(b.shut) {
		s.Remaining = 0
	}
	return s, now.Before(b.shut) || b.shut.IsZero() && b.tokens < b.least()
}
