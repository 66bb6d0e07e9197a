// Package repository holds tests of the repository as a whole: which package may import which, the targets of the
// Makefile, versions that must agree, and the documents: links, names of files and identifiers, packages. It has no
// code of its own.
package repository
