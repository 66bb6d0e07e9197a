// Package callcache is a read-through cache of the results of calls, with request coalescing. It knows neither
// what is called nor what the results are: its user brings keys, kinds of results and functions that load them.
//
//	Get(key) ──► stored, and its TTL is not over? ── yes ─────────────► result
//	                │ no
//	                ▼
//	             a call of this key is running? ── yes ── wait for it ► result of that call
//	                │ no
//	                ▼
//	             Allow and Begin agree? ── no ────────────────────────► their error
//	                │ yes
//	                ▼
//	             the shared store has it? ── yes ─────────────────────► result
//	                │ no (and no other process is loading it)
//	                ▼
//	             load() ── store it for as long as its kind says ─────► result
//
// All kinds share one store, whose size in bytes is bounded. What is stored lives as long as the kind of result
// says, and no longer: nothing is served stale. An error is stored only if it says that something does not exist
// (negative caching).
package callcache
