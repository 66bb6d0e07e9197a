package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How the garbage collector is set, unless the operator sets it (GOGC, GOMEMLIMIT). The gateway holds little memory,
// and each query leaves much garbage. With the default the collector would run hundreds of times a second and take a
// third of the CPU. A larger heap makes it rare, and the memory limit keeps that heap from growing with the memory in
// use: with the pages of the program, 20 MiB, it comes to 100 MiB. The limit is raised where so much memory is in use
// that the collector would run without end.
const (
	gcPercent      = 250
	minMemoryLimit = 80 << 20
	// spareMemory is what the runtime needs, and what is lost between objects.
	spareMemory = 16 << 20
	// adjustInterval is how often the limit is compared with the memory in use.
	adjustInterval = 100 * time.Millisecond
)

// memoryLimit adjusts the memory limit of the process to the memory in use.
type memoryLimit struct{ fixed bool }

// newMemoryLimit sets the garbage collector.
func newMemoryLimit(getenv func(string) string) memoryLimit {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	fixed := getenv("GOMEMLIMIT") != ""
	if !fixed {
		debug.SetMemoryLimit(minMemoryLimit)
	}
	return memoryLimit{fixed}
}

// Run adjusts the limit until ctx ends, unless the operator has set it.
func (m memoryLimit) Run(ctx context.Context) {
	if m.fixed {
		return
	}
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	tick := time.NewTicker(adjustInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			metrics.Read(samples)
			debug.SetMemoryLimit(limitFor(samples[0].Value.Uint64() + samples[1].Value.Uint64()))
		case <-ctx.Done():
			return
		}
	}
}

// limitFor returns the limit for a number of bytes in use. The heap can grow by as much before the collector runs.
func limitFor(used uint64) int64 {
	return max(minMemoryLimit, 2*int64(used)+spareMemory) //nolint:gosec // the memory of a machine
}
