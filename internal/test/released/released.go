// Package released compares the names that a package has with those that releases have promised, for tests. The
// promised ones are in testdata/released.txt of the package, one a line. `make record-release` adds those of a release;
// a new major version may delete lines.
package released

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file holds the promised names, by its path from the folder of a package.
const file = "testdata/released.txt"

// Check fails the test for each promised name that names does not have.
func Check(t *testing.T, names []string) {
	t.Helper()
	for _, promised := range Names(t, names) {
		if !slices.Contains(names, promised) {
			t.Errorf("%q was released and is gone. Clients and operators rely on it: leave it as it was. Where it must go, "+
				"that is a new major version: delete its line in %s, and say so in CHANGELOG.md", promised, file)
		}
	}
}

// Names returns the promised names. With the variable RECORD_RELEASE it first adds current, which are those of a
// release.
func Names(t *testing.T, current []string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	names := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	if os.Getenv("RECORD_RELEASE") != "" {
		names = slices.Compact(slices.Sorted(slices.Values(slices.Concat(names, current))))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		lines := []byte(strings.Join(names, "\n") + "\n")
		if err := os.WriteFile(file, lines, 0o600); err != nil { //nolint:gosec // the path is a constant
			t.Fatal(err)
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s promises nothing", file)
	}
	return names
}
