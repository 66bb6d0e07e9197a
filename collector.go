package main

import "runtime/debug"

// How the garbage collector is set, unless the operator says otherwise (GOGC, GOMEMLIMIT).
// What the gateway holds is small and what a query leaves behind is much, so by default
// the collector would run hundreds of times a second and take a third of the CPU. A
// larger heap makes it rare. The soft limit bounds that heap where much is held at once:
// it is far above what a few dozen clients need, because a limit that is reached for
// long costs more than it saves.
const (
	gcPercent   = 250
	memoryLimit = 192 << 20 // and what the cache may hold
)

func tuneCollector(getenv func(string) string, cacheBytes int64) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit + cacheBytes)
	}
}
