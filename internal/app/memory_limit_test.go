package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// restoreCollector restores the settings of the garbage collector after the test.
func restoreCollector(t *testing.T) {
	t.Helper()
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	})
}

func TestMemoryLimit_risesWithTheMemoryInUse(t *testing.T) {
	restoreCollector(t)
	synctest.Test(t, func(t *testing.T) {
		limiter := newMemoryLimit(func(string) string { return "" })
		if got := debug.SetMemoryLimit(-1); got != minMemoryLimit {
			t.Fatalf("the limit is %d", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go limiter.Run(ctx)
		limit := func() int64 {
			runtime.GC()
			<-time.After(2 * adjustInterval)
			synctest.Wait()
			return debug.SetMemoryLimit(-1)
		}
		held := make([]byte, 2*minMemoryLimit)
		if got := limit(); got < 2*int64(len(held)) || got > 3*int64(len(held)) {
			t.Errorf("the limit is %d where %d are held", got, len(held))
		}
		runtime.KeepAlive(held)
		if got := limit(); got != minMemoryLimit {
			t.Errorf("the limit is %d after that", got)
		}
		cancel()
	})
}

func TestMemoryLimit_leavesTheVariablesOfTheOperatorAlone(t *testing.T) {
	restoreCollector(t)
	debug.SetMemoryLimit(1 << 40)
	debug.SetGCPercent(70)
	synctest.Test(t, func(t *testing.T) {
		limiter := newMemoryLimit(func(name string) string {
			return map[string]string{"GOGC": "70", "GOMEMLIMIT": "1TiB"}[name]
		})
		ctx, cancel := context.WithTimeout(t.Context(), 2*adjustInterval)
		defer cancel()
		limiter.Run(ctx)
		if limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(70); limit != 1<<40 || percent != 70 {
			t.Errorf("the limit is %d, the percentage %d", limit, percent)
		}
	})
}
