package restore

import (
	"golang.org/x/sync/errgroup"
)

// concurrently calls f for 0 to n-1, at most limit at once, and waits for all of them.
func concurrently(n, limit int, f func(int)) {
	var calls errgroup.Group
	calls.SetLimit(limit)
	for i := range n {
		calls.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = calls.Wait()
}
