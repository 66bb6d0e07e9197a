package atlas

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// The reserve is written in tokens of a bucket of this capacity, the usual one; of
// another one the same share is held back.
const (
	reserveCapacity = 1200
	// DefaultReserve leaves about four of a hundred calls to whoever else works in
	// the project.
	DefaultReserve = 50
	// MaxReserve is half of a bucket.
	MaxReserve = reserveCapacity / 2
)

// maxBuckets bounds the buckets that are remembered, least recently used first out. A
// forgotten one starts full again, and the first answer puts that right.
const maxBuckets = 10_000

// maxKeyBytes bounds the text of a project in a key; a real one has 24 bytes.
const maxKeyBytes = 64

var errBudget = errors.New("the budget for calls to Atlas is down to its reserve")

// budget keeps count of what the credential may still ask of Atlas. It stands twice in
// the stack: above the credential it refuses (budgeted), and below it counts every
// request on the wire and learns from every answer (counted), because a challenge
// and its answer are two requests of one call.
type budget struct {
	share     float64 // of each capacity that is held back
	unlimited bool    // refuse nothing
	stats     *counters
	logger    *slog.Logger
	observe   func(endpointSet string, took time.Duration)

	mu      sync.Mutex
	buckets *simplelru.LRU[bucketKey, *bucket]
}

type bucketKey struct {
	set     endpointSet
	project string
}

func newBudget(reserve, size int, stats *counters) (*budget, error) {
	buckets, err := simplelru.NewLRU[bucketKey, *bucket](size, nil)
	if err != nil {
		return nil, err
	}
	return &budget{share: float64(reserve) / reserveCapacity, stats: stats, buckets: buckets}, nil
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
		one = newBucket(set, project, b.share, now)
		b.buckets.Add(key, one)
	}
	return one
}

func (b *budget) all() []*bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buckets.Values()
}

// ticket is a token that was taken for an attempt. The first request on the wire uses
// it up, the next ones are counted by themselves.
type ticket struct {
	bucket *bucket
	number atomic.Uint64 // of the request it was taken for; 0 when used
}

type ticketKey struct{}

// budgeted refuses an attempt when the bucket is down to its reserve: with
// KindBudget, status 429 and the time until a token is there, and without a call.
func (b *budget) budgeted(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		info := callInfoOf(ctx)
		if info == nil {
			return next.RoundTrip(r)
		}
		bucket := b.bucket(info.set, info.project, time.Now())
		number, wait := bucket.take(time.Now())
		switch {
		case number != 0:
		case b.unlimited:
			number = bucket.spend(time.Now())
		default:
			b.stats.sets[info.set].refused.Add(1)
			if bucket.report(time.Now()) {
				b.logger.LogAttrs(ctx, slog.LevelWarn, "the calls that atlas allows a project are spent",
					slog.String("endpoint_set", info.set.String()), slog.String("project", info.project), slog.Duration("wait", wait))
			}
			return nil, &Error{Op: info.op, Kind: KindBudget, Status: http.StatusTooManyRequests, RetryAfter: wait, Err: errBudget}
		}
		t := &ticket{bucket: bucket}
		t.number.Store(number)
		defer func() {
			if t.number.Swap(0) != 0 {
				bucket.giveBack(time.Now())
			}
		}()
		return next.RoundTrip(r.WithContext(context.WithValue(ctx, ticketKey{}, t)))
	})
}

// counted counts each request on the wire and learns from its answer.
func (b *budget) counted(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoOf(r.Context())
		if info == nil {
			res, err := next.RoundTrip(r)
			b.stats.tokens.count(res, err)
			return res, err
		}
		t, _ := r.Context().Value(ticketKey{}).(*ticket)
		if t == nil {
			return next.RoundTrip(r)
		}
		sentAt := time.Now()
		number := t.number.Swap(0)
		if number == 0 {
			number = t.bucket.spend(sentAt)
		}
		res, err := next.RoundTrip(r)
		now := time.Now()
		b.stats.sets[info.set].count(res, err)
		b.observe(info.set.String(), now.Sub(sentAt))
		if err == nil {
			t.bucket.learn(number, sentAt, now, lessonOf(res))
		}
		return res, err
	})
}
