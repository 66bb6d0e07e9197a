// Package flight lets several callers wait for one call ("single flight"). It knows nothing of what is
// called: callers bring a key and a function, and get its result.
//
//	caller A ── Do(key) ──┐ starts the call                          ┌─► result
//	caller B ── Do(key) ──┤ joins it          ┌──────────────────┐   ├─► result
//	caller C ── Do(key) ──┴──────────────────►│ goroutine: fn()  │───┘
//	                  └─ C's context ends     └──────────────────┘
//	                     C gets ctx.Err()       has A's context values, no caller's cancellation
//
// A call runs in a goroutine of its own. It is detached from each caller: one that stops waiting fails no
// other one. It is cancelled when the last caller stops waiting, or by [Group.Close]. Its deadline is the
// latest one of its callers, and moves when another caller joins: a context cannot say so, [Deadline] does. A
// panic of the function is a [PanicError] of every caller. Nothing is remembered after the end of a call.
package flight
