package atlas

import (
	"cmp"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Stats is what a Client has done since New. Its size is bounded.
type Stats struct {
	// Sets are the endpoint sets, always all of them and in the same order.
	Sets []SetStats
	// Retries is how many attempts followed a failed one; RetriesRefused how many did
	// not because the retry budget was spent.
	Retries        uint64
	RetriesRefused uint64
	// TokenRequests are those for access tokens, which belong to no endpoint set, by the
	// class of the answer as in SetStats. A service account alone makes them.
	TokenRequests map[string]uint64
}

// SetStats is one endpoint set of a Client.
type SetStats struct {
	Name string
	// Requests are those on the wire, challenges and retries included, by the class of
	// the answer: "1xx" to "5xx", or "none" where no
	// whole answer came.
	Requests map[string]uint64
	// RateLimited is how many of the answers were a 429.
	RateLimited uint64
	// RefusedByBudget and RefusedByBreaker count calls that were not made.
	RefusedByBudget  uint64
	RefusedByBreaker uint64
	// Breaker is closed, half-open or open, the worst of what it is for one project and
	// for all; off where nothing is ever refused.
	Breaker string
	// Emptiest is the bucket with the smallest share left; the zero BucketStats while
	// the set has none.
	Emptiest BucketStats
	// Spent is how many buckets have no call to spare now: they are down to the reserve,
	// or a 429 shut them.
	Spent int
}

// BucketStats is what is left of one bucket, in calls, as the client estimates it.
type BucketStats struct {
	// Project is empty for what belongs to the credential and not to a project.
	Project   string
	Remaining int
	Capacity  int
}

// compareShares is negative when less is left of a than of b, for their size.
func compareShares(a, b BucketStats) int {
	// a.Remaining/a.Capacity against b's, without a division.
	return cmp.Compare(int64(a.Remaining)*int64(b.Capacity), int64(b.Remaining)*int64(a.Capacity))
}

// counters is what is counted as it happens.
type counters struct {
	sets                    [endpointSetCount]setCounters
	tokens                  classCounters
	retries, retriesRefused atomic.Uint64
}

type setCounters struct {
	classes                      classCounters
	rateLimited, refused, broken atomic.Uint64
}

func (c *setCounters) count(res *http.Response, err error) {
	c.classes.count(res, err)
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		c.rateLimited.Add(1)
	}
}

// classCounters count answers by the first digit of their status; 0 is without one.
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

// read gives those that are not 0, by name.
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

// Accepted says whether Atlas has answered any request with a success (2xx): then it knew
// the credential. It may be called at any time and as often as one likes.
func (c *Client) Accepted() bool {
	for i := range c.stats.sets {
		if c.stats.sets[i].classes[2].Load() > 0 {
			return true
		}
	}
	return false
}

// Stats reads the counters. It may be called at any time; it looks at every bucket,
// so at most some times a second.
func (c *Client) Stats() Stats {
	s := Stats{
		Sets:           make([]SetStats, 0, endpointSetCount),
		Retries:        c.stats.retries.Load(),
		RetriesRefused: c.stats.retriesRefused.Load(),
		TokenRequests:  c.stats.tokens.read(),
	}
	for i := range c.stats.sets {
		counted := &c.stats.sets[i]
		one := SetStats{
			Name:             endpointSet(i).String(),
			Requests:         counted.classes.read(),
			RateLimited:      counted.rateLimited.Load(),
			RefusedByBudget:  counted.refused.Load(),
			RefusedByBreaker: counted.broken.Load(),
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
		if set.Emptiest.Capacity == 0 || compareShares(state, set.Emptiest) < 0 {
			set.Emptiest = state
		}
		if spent {
			set.Spent++
		}
	}
}
