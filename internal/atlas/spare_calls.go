package atlas

import "time"

// spareRatio is the part of a bucket below which its calls are left to callers who wait for them.
const spareRatio = 0.25

// HasSpareCalls reports whether a quarter of the calls that Atlas allows the project is left in each endpoint set, so
// that polls can be made beside the calls that callers wait for. It is true for a project that was never asked for.
func (c *Client) HasSpareCalls(project string) bool {
	return c.budget.hasSpare(project, time.Now())
}

// hasSpare is HasSpareCalls at a moment.
func (b *budget) hasSpare(project string, now time.Time) bool {
	b.mu.Lock()
	var buckets []*bucket
	for set := range endpointSet(endpointSetCount) {
		if one, known := b.buckets.Peek(bucketKey{set, project}); known {
			buckets = append(buckets, one)
		}
	}
	b.mu.Unlock()
	for _, one := range buckets {
		if state, spent := one.state(now); spent || float64(state.Remaining) < spareRatio*float64(state.Capacity) {
			return false
		}
	}
	return true
}
