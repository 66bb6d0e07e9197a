package replica

import (
	"context"
	"slices"
	"time"

	"github.com/redis/rueidis"
)

// Times of claims.
const (
	// claimTTL is how long others wait for the replica that loads a result, at most: then each loads it itself.
	claimTTL = time.Second
	// The value of a claimed result is looked for again after minClaimWait to maxClaimWait.
	minClaimWait = 5 * time.Millisecond
	maxClaimWait = 50 * time.Millisecond
)

const kindClaim = "claim"

// Results are results of calls that the replicas share: of one credential, which no other one can read.
type Results struct {
	redis *Redis
	scope []string
}

// Results returns the results of a scope: all that says by whom, and of what, they were read.
func (r *Redis) Results(scope ...string) Results { return Results{r, scope} }

func (v Results) identity(key []string) []string { return slices.Concat(v.scope, key) }

// Find returns the result of a call, and how old it is.
func (v Results) Find(ctx context.Context, kind string, key ...string) (value []byte, age time.Duration, ok bool) {
	return v.redis.get(ctx, kind, v.identity(key)...)
}

// FindOrClaim is Find for a caller who makes the call where there is no result, and then calls Put or Release. While
// another replica makes it, the caller waits for its result: claimTTL at most.
func (v Results) FindOrClaim(ctx context.Context, kind string, key ...string) (value []byte, age time.Duration, ok bool) {
	if value, age, ok = v.Find(ctx, kind, key...); ok || !v.redis.isUp() {
		return value, age, ok
	}
	identity := v.identity(key)
	name, claim := v.redis.name(kind, identity...), v.claim(kind, key)
	deadline := time.NewTimer(claimTTL)
	defer deadline.Stop()
	for wait := minClaimWait; ; wait = min(2*wait, maxClaimWait) {
		// First the claim: it is released after the result is stored.
		results, err := v.redis.doAll(ctx, func(ctx context.Context, client rueidis.Client) []rueidis.RedisResult {
			return client.DoMulti(ctx,
				client.B().Set().Key(claim).Value(v.redis.id).Nx().PxMilliseconds(claimTTL.Milliseconds()).Build(),
				client.B().Get().Key(name).Build())
		})
		if err != nil {
			return nil, 0, false
		}
		claimed := results[0].Error() == nil
		value, at, err := v.redis.open(v.redis.keys.sealers[0], name, results[1])
		if err == nil && claimed {
			v.Release(kind, key...)
		}
		if err == nil || claimed {
			return value, v.redis.age(at), err == nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-deadline.C:
			timer.Stop()
			return nil, 0, false
		case <-ctx.Done():
			timer.Stop()
			return nil, 0, false
		}
	}
}

// Put stores the result of a call that was made before age, for ttl from now on, and releases the claim.
func (v Results) Put(value []byte, age, ttl time.Duration, kind string, key ...string) {
	w := write{name: v.redis.name(kind, v.identity(key)...), claim: v.claim(kind, key)}
	if ttl >= time.Millisecond {
		w.value, w.expires = value, v.redis.clock.now().Add(ttl)
	}
	v.redis.enqueue(w, age)
}

// Release has others make a call which this caller has claimed, and of which no result is stored.
func (v Results) Release(kind string, key ...string) {
	v.redis.enqueue(write{claim: v.claim(kind, key)}, 0)
}

// claim returns the name of the claim on a call.
func (v Results) claim(kind string, key []string) string {
	return v.redis.name(kindClaim, append([]string{kind}, v.identity(key)...)...)
}
