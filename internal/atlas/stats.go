package atlas

import (
	"cmp"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Stats counts what a Client has done since New. Its size is bounded.
type Stats struct {
	// Sets has all endpoint sets, always in the same order.
	Sets []SetStats
	// Retries is how many attempts repeated another one. RetriesRefused is how many were not made
	// because the retry budget was spent.
	Retries        uint64
	RetriesRefused uint64
	// TokenRequests counts the requests for access tokens, which only a service account makes, by the
	// class of the response as in SetStats. They belong to no endpoint set.
	TokenRequests map[string]uint64
}

// SetStats is one endpoint set of a Client.
type SetStats struct {
	Name string
	// Requests counts the requests that were sent, also those for challenges and retries, by the class
	// of the response: "1xx" to "5xx", or "none" without a whole response.
	Requests map[string]uint64
	// RateLimited is how many responses were a 429.
	RateLimited uint64
	// RefusedByBudget and RefusedByBreaker count attempts that were rejected.
	RefusedByBudget  uint64
	RefusedByBreaker uint64
	// Breaker is closed, half-open or open: the worst state of all circuits of the set. It is off
	// without circuit breakers.
	Breaker string
	// Emptiest is the bucket with the lowest ratio of remaining calls; the zero BucketStats while the
	// set has none.
	Emptiest BucketStats
	// Spent is how many buckets allow no call now: they are down to the reserve or blocked by a 429.
	Spent int
}

// BucketStats is the estimate of one bucket, in calls.
type BucketStats struct {
	// Project is empty for the bucket of the credential.
	Project   string
	Remaining int
	Capacity  int
}

// compareRemaining compares the ratios of remaining calls of two buckets, as cmp.Compare does.
func compareRemaining(a, b BucketStats) int {
	// a.Remaining/a.Capacity against b's, without a division.
	return cmp.Compare(int64(a.Remaining)*int64(b.Capacity), int64(b.Remaining)*int64(a.Capacity))
}

// counters are the counters that Stats is read from.
type counters struct {
	sets                    [endpointSetCount]setCounters
	tokens                  classCounters
	retries, retriesRefused atomic.Uint64
}

type setCounters struct {
	classes                                        classCounters
	rateLimited, refusedByBudget, refusedByBreaker atomic.Uint64
}

func (c *setCounters) count(res *http.Response, err error) {
	c.classes.count(res, err)
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		c.rateLimited.Add(1)
	}
}

// classCounters count responses by the first digit of the status; 0 is without a response.
type classCounters [6]atomic.Uint64

func (c *classCounters) count(res *http.Response, err error) {
	class := 0
	if err == nil {
		if class = res.StatusCode / 100; class < 1 || class > 5 {
			class = 0
		}
	}
	c[class].Add(1)
}

// read returns the counters that are not 0, by the name of the class.
func (c *classCounters) read() map[string]uint64 {
	counts := make(map[string]uint64)
	for class := range c {
		name := "none"
		if class > 0 {
			name = strconv.Itoa(class) + "xx"
		}
		if n := c[class].Load(); n > 0 {
			counts[name] = n
		}
	}
	return counts
}

// Accepted reports whether Atlas has answered a request with a success (2xx), so that it accepts the
// credential.
func (c *Client) Accepted() bool {
	for i := range c.stats.sets {
		if c.stats.sets[i].classes[2].Load() > 0 {
			return true
		}
	}
	return false
}

// Stats returns the current counters. It reads every bucket, so that it should not be called more often
// than a few times a second.
func (c *Client) Stats() Stats {
	s := Stats{
		Sets:           make([]SetStats, 0, endpointSetCount),
		Retries:        c.stats.retries.Load(),
		RetriesRefused: c.stats.retriesRefused.Load(),
		TokenRequests:  c.stats.tokens.read(),
	}
	for i := range c.stats.sets {
		counters := &c.stats.sets[i]
		one := SetStats{
			Name:             endpointSet(i).String(),
			Requests:         counters.classes.read(),
			RateLimited:      counters.rateLimited.Load(),
			RefusedByBudget:  counters.refusedByBudget.Load(),
			RefusedByBreaker: counters.refusedByBreaker.Load(),
			Breaker:          "off",
		}
		if breaker := c.breakers.sets[i]; breaker != nil {
			one.Breaker = breaker.state()
		}
		s.Sets = append(s.Sets, one)
	}
	s.readBuckets(c.budget.all(), time.Now())
	return s
}

func (s *Stats) readBuckets(buckets []*bucket, now time.Time) {
	for _, b := range buckets {
		state, spent := b.state(now)
		set := &s.Sets[b.set]
		if set.Emptiest.Capacity == 0 || compareRemaining(state, set.Emptiest) < 0 {
			set.Emptiest = state
		}
		if spent {
			set.Spent++
		}
	}
}
