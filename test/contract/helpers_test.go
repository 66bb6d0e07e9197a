package contract

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var placeholders = regexp.MustCompile(`\{[^}]*\}`)

func rowIDs() []string {
	ids := make([]string, 0, len(operations))
	for _, op := range operations {
		ids = append(ids, op.id)
	}
	return ids
}

// compareSets reports what is in one list and not in the other.
func compareSets(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-listed +found):\n%s", what, diff)
	}
}
