// Package release tests what make release writes: that two folders give the same bytes, and what is in them. The
// package is a module of its own, because its tests compile the program for other platforms and so take minutes.
package release
