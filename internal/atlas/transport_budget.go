package atlas

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"atlas-restore-gateway/internal/lru"
)

// The reserve is in tokens of a bucket of this capacity, the usual one. Of another bucket the same
// ratio is reserved.
const (
	reserveCapacity = 1200
	// DefaultReserve is how many calls of a bucket are left to other users of the project: four of
	// a hundred.
	DefaultReserve = 50
)

// maxBuckets bounds the buckets. The least recently used one is evicted, strictly: a bucket that was
// just made must not be, because a new one starts full until its first response.
const maxBuckets = 10_000

// maxKeyBytes bounds the bytes of a project in a key; ids have 24.
const maxKeyBytes = 64

var errBudget = errors.New("the budget for calls to Atlas is down to its reserve")

// budget estimates how many calls Atlas's rate limit allows the credential. It has two layers in
// the stack: enforce, above the credential, rejects attempts; count, below it, counts requests and
// updates the estimate by each response. They differ because a challenge and its answer are two
// requests of one attempt.
type budget struct {
	reserveRatio float64 // of each capacity that is reserved
	unlimited    bool    // rejects nothing
	stats        *counters
	logger       *slog.Logger
	observe      func(ctx context.Context, endpointSet string, took time.Duration)
	share        func(SharedBucketConfig) SharedBucket // nil where there are no replicas

	mu      sync.Mutex
	buckets *lru.Map[bucketKey, *bucket]
	limits  [endpointSetCount]rateLimit // of new buckets
}

type bucketKey struct {
	set     endpointSet
	project string
}

func newBudget(reserve, size int, stats *counters) *budget {
	b := &budget{
		reserveRatio: float64(reserve) / reserveCapacity, stats: stats, buckets: lru.New[bucketKey, *bucket](size),
	}
	for set, documented := range endpointSetTable {
		b.limits[set] = documented.rateLimit
	}
	return b
}

// seed sets the rate limits of endpoint sets, of the buckets that there are and of new ones.
func (b *budget) seed(limits map[endpointSet]rateLimit) {
	b.mu.Lock()
	for set, limit := range limits {
		b.limits[set] = limit
	}
	buckets := b.buckets.Values()
	b.mu.Unlock()
	for _, one := range buckets {
		if limit, seeded := limits[one.set]; seeded {
			one.seed(limit, time.Now())
		}
	}
}

func (b *budget) bucket(set endpointSet, project string, now time.Time) *bucket {
	if len(project) > maxKeyBytes {
		project = project[:maxKeyBytes]
	}
	key := bucketKey{set, project}
	b.mu.Lock()
	defer b.mu.Unlock()
	one, ok := b.buckets.Get(key)
	if !ok {
		one = newBucket(set, b.limits[set], project, b.reserveRatio, now)
		if b.share != nil {
			one.shareBy(b.share)
		}
		b.buckets.Add(key, one)
	}
	return one
}

func (b *budget) all() []*bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buckets.Values()
}

// reservation is a token that was taken for an attempt. The first request of the attempt uses it;
// further ones are counted in addition.
type reservation struct {
	bucket *bucket
	number atomic.Uint64 // of the request that the token was taken for; 0 when used
}

type reservationKey struct{}

// enforce rejects an attempt when the bucket is down to its reserve: with KindBudget, status 429 and
// the time until a token is there.
func (b *budget) enforce(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		info := callInfoFrom(ctx)
		if info == nil {
			return next.RoundTrip(r)
		}
		began := time.Now()
		bucket := b.bucket(info.set, info.project, began)
		number, wait := bucket.acquire(ctx)
		recordBudgetWait(ctx, began)
		switch {
		case number != 0:
		case b.unlimited:
			number = bucket.acquireAnyway()
		default:
			b.stats.sets[info.set].refusedByBudget.Add(1)
			bucket.log.Do(func() {
				b.logger.LogAttrs(ctx, slog.LevelWarn, "the calls that atlas allows a project are spent",
					slog.String("endpoint_set", info.set.String()), slog.String("project", info.project), slog.Duration("wait", wait))
			})
			return nil, &Error{
				Op: info.op, Kind: KindBudget, Status: http.StatusTooManyRequests, RetryAfter: wait, Err: errBudget,
			}
		}
		reserved := &reservation{bucket: bucket}
		reserved.number.Store(number)
		defer func() {
			if reserved.number.Swap(0) != 0 {
				bucket.release()
			}
		}()
		return next.RoundTrip(r.WithContext(context.WithValue(ctx, reservationKey{}, reserved)))
	})
}

// count counts each request that is sent and updates the bucket by its response.
func (b *budget) count(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoFrom(r.Context())
		if info == nil {
			res, err := next.RoundTrip(r)
			b.stats.tokens.count(res, err)
			return res, err
		}
		reserved, _ := r.Context().Value(reservationKey{}).(*reservation)
		if reserved == nil {
			return next.RoundTrip(r)
		}
		sentAt := time.Now()
		number := reserved.number.Swap(0)
		if number == 0 {
			number = reserved.bucket.acquireAnyway()
		}
		res, err := next.RoundTrip(r)
		now := time.Now()
		b.stats.sets[info.set].count(res, err)
		b.observe(r.Context(), info.set.String(), now.Sub(sentAt))
		if err == nil {
			reserved.bucket.learnFrom(number, sentAt, now, rateLimitInfoOf(res))
		}
		return res, err
	})
}
