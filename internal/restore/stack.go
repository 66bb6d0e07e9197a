package restore

import "runtime"

// growStack makes room for a call of Atlas at once. Each has a goroutine of its own, whose
// stack would else grow in the depth of net/http, where all that stands on it by then is moved.
//
//go:noinline
func growStack() {
	var room [10 << 10]byte
	runtime.KeepAlive(&room)
}
