package replica

import (
	"context"
	_ "embed"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"atlas-restore-gateway/internal/lru"
)

const (
	kindBucket  = "bucket"
	kindDrained = "drained"

	// leaseTTL is how long a replica may take the tokens that it has leased.
	leaseTTL = 10 * time.Second
	// minReport is the time between two reports that nothing waits for.
	minReport = 500 * time.Millisecond
	// maxDenial is how long a replica believes that no token can be leased, at most.
	maxDenial = time.Second
	// Each replica leases this part of the capacity, at most maxLease tokens.
	leaseRatio = 1.0 / 16
	maxLease   = 64
	// maxDrained bounds the buckets of which another replica has told that they are empty.
	maxDrained = 10_000
)

//go:embed bucket.lua
var bucketLua string

var bucketScript = rueidis.NewLuaScript(bucketLua)

// BucketState is what is known of a token bucket.
type BucketState struct {
	// Tokens are those that are left for all replicas.
	Capacity, PerSecond, Tokens float64
	// Blocked is how long nothing may be taken.
	Blocked time.Duration
	// Stated says that capacity and refill are not those that Learn was called with, and hold for all replicas.
	Stated bool
}

// BucketConfig describes a token bucket that replicas share.
type BucketConfig struct {
	// Reserve is the part of the capacity that is left to others.
	Reserve float64
	// Read returns what this replica knows of the bucket, and Learn is called with what all know. Both must return at
	// once. They are called from any goroutine, by a single one at a time.
	Read  func() BucketState
	Learn func(BucketState)
}

// Bucket is a token bucket that replicas share. Tokens are leased in advance, so that most are taken without asking the
// server. It is safe for concurrent use.
type Bucket struct {
	redis  *Redis
	config BucketConfig
	name   string
	lessee string // this bucket of this replica: two may have the same name

	mu       sync.Mutex
	tokens   float64 // leased; below 0: taken beyond that
	returned float64 // leased before, and not needed
	leasedAt time.Time
	reported time.Time
	denied   time.Time // until when the server is not asked again, because no token could be leased
	free     time.Time // when one can be leased, as far as is known
	failed   bool      // the last exchange had no answer
	waiting  int
	running  chan struct{} // closed when the exchange has ended that is running; nil when none is
}

// Bucket returns the bucket of an identity.
func (r *Redis) Bucket(c BucketConfig, identity ...string) *Bucket {
	name := r.name(kindBucket, identity...)
	return &Bucket{redis: r, config: c, name: name, lessee: r.id + strconv.FormatUint(r.buckets.next(), 36)}
}

// Take takes a token. ok is false where there is none, with the time until there may be one. shared is false where the
// server does not answer: then the replica has to go on with its Share.
func (b *Bucket) Take(ctx context.Context) (ok bool, free time.Duration, shared bool) {
	if ok, free, shared = b.Check(ctx); ok && shared {
		b.Spend()
	}
	return ok, free, shared
}

// Check is Take without taking: that a token is there says nothing about a later moment.
func (b *Bucket) Check(ctx context.Context) (ok bool, free time.Duration, shared bool) {
	for try := 0; ; try++ {
		if !b.redis.isUp() {
			return false, 0, false
		}
		b.mu.Lock()
		most := b.lease()
		b.dropLease(most)
		switch {
		case b.tokens >= 1:
			// Before the last one is taken.
			if b.tokens <= most/2 && most > 1 && time.Now().After(b.denied) {
				b.exchange()
			}
			b.mu.Unlock()
			return true, 0, true
		case time.Now().Before(b.denied):
			defer b.mu.Unlock()
			return false, max(time.Until(b.free), time.Millisecond), true
		case try > 0 && b.failed:
			b.mu.Unlock()
			return false, 0, false
		}
		running := b.exchange()
		b.waiting++
		b.mu.Unlock()
		ended := wait(ctx, running)
		b.mu.Lock()
		b.waiting--
		b.mu.Unlock()
		if !ended {
			return false, 0, false
		}
	}
}

// Spend takes a token that is taken in any case.
func (b *Bucket) Spend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens--
	if b.tokens < 0 {
		b.reportSoon()
	}
}

// Refund gives a token back that was not needed.
func (b *Bucket) Refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens++
}

// Report has the other replicas know soon what this one knows. Where nothing is left they give up what they have leased.
func (b *Bucket) Report(drained bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !drained {
		b.reportSoon()
		return
	}
	b.tokens, b.returned = min(b.tokens, 0), 0
	// An exchange that is running may not have it.
	before := b.running
	b.redis.background(func(ctx context.Context) {
		if before == nil || wait(ctx, before) {
			b.mu.Lock()
			after := b.exchange()
			b.mu.Unlock()
			if wait(ctx, after) {
				b.redis.tell(ctx, kindDrained, b.name)
			}
		}
	})
}

// wait waits until the channel is closed, and reports false when ctx ends before.
func wait(ctx context.Context, closed <-chan struct{}) bool {
	select {
	case <-closed:
		return true
	case <-ctx.Done():
		return false
	}
}

// Share returns the part of the bucket that this replica has while the server does not answer.
func (b *Bucket) Share() float64 { return b.redis.Share() }

// dropLease gives up tokens that were leased too long ago, or before another replica saw that there are none, and those
// that are more than it leases now, because the bucket became a smaller one. The lock is held.
func (b *Bucket) dropLease(most float64) {
	switch {
	case b.tokens <= 0:
	case b.redis.buckets.since(b.name, b.leasedAt):
		b.tokens = 0
	case time.Since(b.leasedAt) > leaseTTL:
		b.returned, b.tokens = b.returned+b.tokens, 0
	case b.tokens > most:
		b.returned, b.tokens = b.returned+b.tokens-most, most
	}
}

// lease returns how many tokens are leased at once.
func (b *Bucket) lease() float64 {
	capacity := b.config.Read().Capacity
	return min(max(1, math.Floor(capacity*leaseRatio*b.redis.Share()), float64(b.waiting)), maxLease)
}

// reportSoon tells the server what this replica knows, unless it has just done so. The lock is held.
func (b *Bucket) reportSoon() {
	if time.Since(b.reported) > minReport && b.redis.isUp() {
		b.exchange()
	}
}

// exchange starts an exchange with the server, where none is running. The lock is held.
func (b *Bucket) exchange() <-chan struct{} {
	if b.running != nil {
		return b.running
	}
	ended := make(chan struct{})
	b.running, b.reported = ended, time.Now()
	started := b.redis.background(func(ctx context.Context) {
		b.runExchange(ctx)
		b.mu.Lock()
		b.running = nil
		b.mu.Unlock()
		close(ended)
	})
	if !started {
		b.running, b.failed = nil, true
		close(ended)
	}
	return ended
}

func (b *Bucket) runExchange(ctx context.Context) {
	b.mu.Lock()
	most := b.lease()
	b.dropLease(most)
	has, returned := b.tokens, b.returned
	known := b.config.Read()
	want := max(0, most-max(0, has))
	b.mu.Unlock()
	start := time.Now()
	result, err := b.redis.script(ctx, bucketScript, []string{b.name}, b.lessee, number(has), number(returned), number(want),
		number(known.Capacity), number(known.PerSecond), flag(known.Stated), number(known.Tokens), milliseconds(known.Blocked),
		number(b.config.Reserve), strconv.Itoa(b.redis.Replicas()), milliseconds(leaseTTL+checkInterval))
	var answer []int64
	if err == nil {
		answer, err = result.AsIntSlice()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed = err != nil || len(answer) != 6; b.failed {
		return
	}
	b.returned -= returned
	if has < 0 {
		b.tokens -= has // is paid
	}
	granted := float64(answer[0])
	b.tokens += granted
	if granted > 0 {
		b.leasedAt = start
	}
	blocked, wait := time.Duration(answer[4])*time.Millisecond, time.Duration(answer[5])*time.Millisecond
	if granted == 0 && wait > 0 {
		b.denied, b.free = time.Now().Add(min(wait, maxDenial)), time.Now().Add(wait)
	}
	b.config.Learn(BucketState{
		Capacity: thousandths(answer[2]), PerSecond: thousandths(answer[3]), Tokens: thousandths(answer[1]), Blocked: blocked,
	})
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return "0"
}

func thousandths(n int64) float64 { return float64(n) / 1000 }

func number(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) }

// drained are the buckets of which another replica has told that nothing is left.
type drained struct {
	mu   sync.Mutex
	at   *lru.Map[string, time.Time]
	last uint64
}

func newDrained() drained { return drained{at: lru.New[string, time.Time](maxDrained)} }

func (d *drained) next() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	return d.last
}

func (d *drained) add(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at.Add(name, time.Now())
}

// since reports whether the bucket was drained after a moment.
func (d *drained) since(name string, moment time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.at.Peek(name)
	return ok && at.After(moment)
}
