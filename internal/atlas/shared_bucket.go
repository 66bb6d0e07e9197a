package atlas

import (
	"context"
	"time"
)

// SharedBucket is one of Atlas's token buckets, whose tokens several processes with the same budget share. Only Take may
// wait for the other processes.
type SharedBucket interface {
	// Take takes a token. ok is false where there is none, with the time until there may be one. shared is false where the
	// processes cannot share now, and each has to go on with its Share.
	Take(ctx context.Context) (ok bool, wait time.Duration, shared bool)
	// Spend takes a token for a request that is sent in any case, and Refund returns one that was not needed.
	Spend()
	Refund()
	// Report has the other processes know what Read returns: soon, and at once where Atlas has said that nothing is left.
	Report(drained bool)
	// Share is the part of the bucket that this process has while the processes cannot share it.
	Share() float64
}

// BucketState is what is known of one of Atlas's token buckets.
type BucketState struct {
	Capacity, PerSecond, Tokens float64
	// Blocked is how long Atlas rejects calls.
	Blocked time.Duration
	// Stated says that Atlas has stated another rate limit than the processes have shared.
	Stated bool
}

// SharedBucketConfig describes a bucket that is to be shared.
type SharedBucketConfig struct {
	// EndpointSet and Project name the bucket. Where the project is empty the bucket is that of the credential.
	EndpointSet, Project string
	// Reserve is the part of the capacity that is left to others.
	Reserve float64
	// Read returns what this process knows, and Learn is to be called with what all know. Both return at once.
	Read  func() BucketState
	Learn func(BucketState)
}

// shareBy makes the bucket a shared one.
func (b *bucket) shareBy(share func(SharedBucketConfig) SharedBucket) {
	b.shared = share(SharedBucketConfig{
		EndpointSet: b.set.String(), Project: b.project, Reserve: b.reserveRatio,
		Read: func() BucketState { return b.read(time.Now()) }, Learn: func(s BucketState) { b.learn(s, time.Now()) },
	})
}

// acquire is take for a bucket that may be shared.
func (b *bucket) acquire(ctx context.Context) (number uint64, wait time.Duration) {
	if b.shared == nil {
		return b.take(time.Now())
	}
	ok, wait, shared := b.shared.Take(ctx)
	if !shared {
		b.setShare(b.shared.Share())
		return b.take(time.Now())
	}
	b.setShare(1)
	if !ok {
		return 0, wait
	}
	if wait := b.blocked(time.Now()); wait > 0 {
		b.shared.Refund()
		return 0, wait
	}
	return b.spend(time.Now()), 0
}

// acquireAnyway is acquire for a request that is sent in any case.
func (b *bucket) acquireAnyway() (number uint64) {
	if b.shared != nil {
		b.shared.Spend()
	}
	return b.spend(time.Now())
}

// release is refund for a bucket that may be shared.
func (b *bucket) release() {
	if b.shared != nil {
		b.shared.Refund()
	}
	b.refund(time.Now())
}

// learnFrom is update for a bucket that may be shared.
func (b *bucket) learnFrom(number uint64, sentAt, now time.Time, info rateLimitInfo) {
	b.update(number, sentAt, now, info)
	if b.shared != nil {
		b.shared.Report(info.limited)
	}
}

// blocked returns how long Atlas rejects calls.
func (b *bucket) blocked(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	return max(0, b.blockedUntil.Sub(now))
}

// setShare sets the part of Atlas's bucket that this one estimates.
func (b *bucket) setShare(share float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if share == b.share {
		return
	}
	b.advance(time.Now())
	b.tokens *= share / b.share
	b.share = share
}

// read returns what this process knows, and the others may not.
func (b *bucket) read(now time.Time) BucketState {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	s := BucketState{
		Capacity: b.capacity, PerSecond: b.perSecond, Tokens: b.tokens / b.share, Stated: b.limitNews,
	}
	if b.blockNews {
		s.Blocked = max(0, b.blockedUntil.Sub(now))
	}
	return s
}

// learn takes into account what all processes know together.
func (b *bucket) learn(s BucketState, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.resize(rateLimitInfo{limit: s.Capacity, perSecond: s.PerSecond})
	b.tokens = min(b.tokens, b.share*s.Tokens)
	if until := now.Add(min(s.Blocked, maxBlock)); s.Blocked > 0 && until.After(b.blockedUntil) {
		b.blockedUntil = until
	}
	b.limitNews, b.blockNews = false, false
}
