// Package upstream knows which credential of Atlas reads what: several that the
// gateway holds, each for its projects or organizations, or the caller's own. Each has a
// client, a budget and a cache to itself, in a restore.Service of its own; nothing is
// ever shared between two of them. The room decides which one is asked, and hands the
// question on.
package upstream
