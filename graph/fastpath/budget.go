package fastpath

import "sync/atomic"

// Budget bounds how many bytes the fast path holds of the answer to one operation. Its zero value allows none. It is
// safe for concurrent use.
type Budget struct{ left atomic.Int64 }

// Add allows n bytes more.
func (b *Budget) Add(n int64) { b.left.Add(n) }

// take reports whether n bytes are left, and takes them.
func (b *Budget) take(n int) bool {
	if b.left.Add(-int64(n)) >= 0 {
		return true
	}
	b.left.Add(int64(n))
	return false
}
