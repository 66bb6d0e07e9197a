package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// restoreCollector sets the collector back when the test has ended.
func restoreCollector(t *testing.T) {
	t.Helper()
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	})
}

func TestTheLimitGivesWayWhereMuchIsHeld(t *testing.T) {
	restoreCollector(t)
	synctest.Test(t, func(t *testing.T) {
		keep := tuneCollector(func(string) string { return "" })
		if got := debug.SetMemoryLimit(-1); got != memoryLimit {
			t.Fatalf("the limit is %d", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go keep(ctx)
		limit := func() int64 {
			runtime.GC()
			<-time.After(2 * limitEvery)
			synctest.Wait()
			return debug.SetMemoryLimit(-1)
		}
		held := make([]byte, 2*memoryLimit)
		if got := limit(); got < 2*int64(len(held)) || got > 3*int64(len(held)) {
			t.Errorf("the limit is %d where %d are held", got, len(held))
		}
		runtime.KeepAlive(held)
		if got := limit(); got != memoryLimit {
			t.Errorf("the limit is %d after that", got)
		}
		cancel()
	})
}

func TestTheOperatorSetsTheCollector(t *testing.T) {
	restoreCollector(t)
	debug.SetMemoryLimit(1 << 40)
	debug.SetGCPercent(70)
	synctest.Test(t, func(t *testing.T) {
		keep := tuneCollector(func(name string) string {
			return map[string]string{"GOGC": "70", "GOMEMLIMIT": "1TiB"}[name]
		})
		ctx, cancel := context.WithTimeout(t.Context(), 2*limitEvery)
		defer cancel()
		keep(ctx)
		if limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(70); limit != 1<<40 || percent != 70 {
			t.Errorf("the limit is %d, the percentage %d", limit, percent)
		}
	})
}
