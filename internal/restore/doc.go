// Package restore is the domain: what a restore job is, whichever API of Atlas it
// came from, and where it stands. It asks internal/atlas and is asked by
// internal/loader.
package restore
