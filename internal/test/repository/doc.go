// Package repository holds tests of the repository as a whole: which package may import which,
// the targets of the Makefile, and the versions that must agree. It has no code of its own.
package repository
