package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How the garbage collector is set, unless the operator says otherwise (GOGC, GOMEMLIMIT).
// What the gateway holds is small and what a query leaves behind is much, so by default
// the collector would run hundreds of times a second and take a third of the CPU. A
// larger heap makes it rare. The limit keeps that heap from growing with what is held:
// with the pages of the program itself, 20 MiB, it comes to 100 MiB. It gives way where
// so much is held that the collector would do little else.
const (
	gcPercent   = 250
	memoryLimit = 80 << 20
	// spareMemory is what the runtime needs for itself, and what lies between objects.
	spareMemory = 16 << 20
	// limitEvery is how often it is looked at how much is held.
	limitEvery = 100 * time.Millisecond
)

// tuneCollector sets the collector, and gives what keeps the limit right until ctx ends.
func tuneCollector(getenv func(string) string) (keep func(ctx context.Context)) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") != "" {
		return func(context.Context) {}
	}
	debug.SetMemoryLimit(memoryLimit)
	return keepLimit
}

func keepLimit(ctx context.Context) {
	held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	tick := time.NewTicker(limitEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			metrics.Read(held)
			debug.SetMemoryLimit(limitFor(held[0].Value.Uint64() + held[1].Value.Uint64()))
		case <-ctx.Done():
			return
		}
	}
}

// limitFor lets the heap grow by as much as is held, before that is looked through again.
func limitFor(held uint64) int64 {
	return max(memoryLimit, 2*int64(held)+spareMemory) //nolint:gosec // the memory of a machine
}
