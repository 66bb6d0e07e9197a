package atlas

import (
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// epoch is a clock of the tests' own.
var epoch = time.Date(2025, 5, 4, 12, 0, 0, 0, time.UTC)

func freshBucket() *bucket {
	return newBucket(setCloudBackups, endpointSetTable[setCloudBackups].rateLimit, testGroup, 0, epoch)
}

func says(remaining float64) rateLimitInfo {
	return rateLimitInfo{limit: 1200, remaining: remaining, hasRemaining: true}
}

func TestBucket_followsResponsesInAnyOrder(t *testing.T) {
	ms := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }
	tests := map[string]struct {
		learn func(b *bucket, numbers []uint64)
		want  float64 // after four requests at once, that is 1196 by counting; and some refill
	}{
		"as counted":  {learn: func(b *bucket, n []uint64) { b.update(n[0], epoch, ms(1), says(1199)) }, want: 1196},
		"others work": {learn: func(b *bucket, n []uint64) { b.update(n[0], epoch, ms(1), says(700)) }, want: 700},
		"in their order": {learn: func(b *bucket, n []uint64) {
			b.update(n[0], epoch, ms(1), says(103))
			b.update(n[3], epoch, ms(2), says(100))
		}, want: 100},
		"overtaken": {learn: func(b *bucket, n []uint64) {
			b.update(n[3], epoch, ms(1), says(100))
			b.update(n[0], epoch, ms(2), says(103))
		}, want: 100},
		"overtaken by far, with a high figure": {learn: func(b *bucket, n []uint64) {
			b.update(n[3], epoch, ms(1), says(100))
			b.update(n[0], epoch, ms(2), says(1199))
		}, want: 100},
		"Atlas has more than was counted": {learn: func(b *bucket, n []uint64) {
			b.update(n[2], epoch, ms(1), says(100))
			b.update(n[3], epoch, ms(2), says(600))
		}, want: 600},
		"Atlas has more, before the later ones": {learn: func(b *bucket, n []uint64) {
			b.update(n[0], epoch, ms(1), says(100))
			b.update(n[1], epoch, ms(2), says(600))
		}, want: 598},
		"more than the capacity": {
			learn: func(b *bucket, n []uint64) { b.update(n[3], epoch, ms(1), says(1e9)) }, want: 1200,
		},
		"none": {learn: func(b *bucket, n []uint64) { b.update(n[3], epoch, ms(1), says(0)) }, want: 0},
		"a low figure of long ago": {learn: func(b *bucket, n []uint64) {
			b.update(n[0], epoch, epoch.Add(6*time.Second), says(100))
		}, want: 150},
		"silence": {learn: func(b *bucket, n []uint64) { b.update(n[0], epoch, ms(1), rateLimitInfo{}) }, want: 1196},
		"a smaller capacity": {learn: func(b *bucket, n []uint64) {
			b.update(n[3], epoch, ms(1), rateLimitInfo{limit: 100})
		}, want: 96},
		"a larger capacity": {learn: func(b *bucket, n []uint64) {
			b.update(n[3], epoch, ms(1), rateLimitInfo{limit: 6000})
		}, want: 5996},
		"a capacity smaller than what was spent": {learn: func(b *bucket, n []uint64) {
			b.update(n[3], epoch, ms(1), rateLimitInfo{limit: 2})
		}, want: 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := freshBucket()
			var numbers []uint64
			for range 4 {
				n, _ := b.take(epoch)
				numbers = append(numbers, n)
			}
			tt.learn(b, numbers)
			if math.Abs(b.tokens-tt.want) > 0.1 {
				t.Errorf("%v tokens, want %v", b.tokens, tt.want)
			}
		})
	}
}

func TestBucket_scalesTheRefillWithTheCapacity(t *testing.T) {
	for _, capacity := range []float64{120, 12_000} {
		b := freshBucket()
		n, _ := b.take(epoch)
		b.update(n, epoch, epoch, rateLimitInfo{limit: capacity, hasRemaining: true})
		b.advance(epoch.Add(12 * time.Second))
		if want := capacity / 12; math.Abs(b.tokens-want) > 0.01 {
			t.Errorf("%v of %v came back in 12 s, want %v", b.tokens, capacity, want)
		}
	}
}

func TestBucket_takesOverAStatedRefill(t *testing.T) {
	b := freshBucket()
	n, _ := b.take(epoch)
	b.update(n, epoch, epoch, rateLimitInfo{limited: true, wait: 5 * time.Second, limit: 10, perSecond: 1})
	now := epoch.Add(5 * time.Second)
	if n, _ := b.take(now); n == 0 || b.capacity != 10 {
		t.Fatalf("after the wait there is no token: %+v", b)
	}
	now = now.Add(time.Hour)
	taken := 0
	for n, _ := b.take(now); n != 0; n, _ = b.take(now) {
		taken++
	}
	if _, wait := b.take(now); taken != 10 || wait != time.Second {
		t.Errorf("%d tokens, the next in %s", taken, wait)
	}
}

func TestBucket_isNotUnblockedByALate429(t *testing.T) {
	b := freshBucket()
	first, _ := b.take(epoch)
	second, _ := b.take(epoch)
	third, _ := b.take(epoch)
	b.update(second, epoch, epoch, rateLimitInfo{limited: true, wait: 30 * time.Second})
	b.update(first, epoch, epoch, rateLimitInfo{limited: true, wait: 10 * time.Second})
	b.update(third, epoch, epoch, says(900))
	if n, wait := b.take(epoch.Add(10 * time.Second)); n != 0 || wait != 20*time.Second {
		t.Errorf("request %d, wait %s", n, wait)
	}
}

func TestBucket_keepsItsTokensWhenTheClockJumpsBack(t *testing.T) {
	b := freshBucket()
	for n, _ := b.take(epoch); n != 0; n, _ = b.take(epoch) {
	}
	back := epoch.Add(-24 * time.Hour)
	if n, wait := b.take(back); n != 0 || wait > time.Second {
		t.Errorf("request %d, wait %s", n, wait)
	}
	// From there on it goes on as before.
	if n, _ := b.take(back.Add(time.Second)); n == 0 {
		t.Error("nothing came back within a second")
	}
	b.update(b.sent, back, back, rateLimitInfo{limited: true, wait: time.Minute})
	further := back.Add(-24 * time.Hour)
	if n, wait := b.take(further); n != 0 || wait > maxBlock {
		t.Errorf("request %d, wait %s", n, wait)
	}
	if n, _ := b.take(further.Add(maxBlock)); n == 0 {
		t.Error("the bucket stays shut")
	}
}

func TestBucket_gainsNothingFromConcurrentClockReadings(t *testing.T) {
	b := freshBucket()
	for range 1000 {
		b.take(epoch)
	}
	before := b.tokens
	for range 1000 {
		b.spend(epoch.Add(time.Millisecond))
		b.refund(epoch)
	}
	if gained := b.tokens - before; gained > 0.01 {
		t.Errorf("%v tokens were gained", gained)
	}
}

// Whatever headers and bodies say: no panic, never less than nothing, never more than
// the capacity, and never shut for ever.
func FuzzBucket(f *testing.F) {
	f.Add("1200", "1199", "", 200, []byte(`{}`))
	f.Add("-1", "99999999999999999999", "Mon, 5 Aug 2024 00:00:00 GMT", 429,
		[]byte(`{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",1,0,0,0]}`))
	f.Add("0", "0", "4294967295", 429,
		[]byte(`{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p","1","2147483647","1","2147483647"]}`))
	f.Add("NaN", "1e309", "0x10", 429, []byte(`{"errorCode":"RATE_LIMITED","parameters":["/x",10,1]}`))
	f.Fuzz(func(t *testing.T, limit, remaining, after string, status int, body []byte) {
		b := newBucket(setCloudBackups, endpointSetTable[setCloudBackups].rateLimit, testGroup, float64(DefaultReserve)/reserveCapacity, epoch)
		now := epoch
		for i := range 3 {
			n := b.spend(now)
			res := &http.Response{StatusCode: status, Body: newBufferedBody(body)}
			res.Header = http.Header{"Ratelimit-Limit": {limit}, "Ratelimit-Remaining": {remaining}, "Retry-After": {after}}
			b.update(n, now, now.Add(time.Duration(i)*time.Second), rateLimitInfoOf(res))
			if !(b.tokens >= 0 && b.tokens <= b.capacity && b.capacity >= 1 && b.capacity <= maxCapacity &&
				b.perSecond >= minRate) {
				t.Fatalf("got %+v", b)
			}
			if n, wait := b.take(now); n == 0 && (wait <= 0 || wait > 200*time.Hour) {
				t.Fatalf("rejected for %s", wait)
			}
			now = now.Add(200 * time.Hour)
		}
		if n, wait := b.take(now); n == 0 {
			t.Fatalf("shut after a long time, for %s: %+v "+strconv.Itoa(status), wait, b)
		}
	})
}
