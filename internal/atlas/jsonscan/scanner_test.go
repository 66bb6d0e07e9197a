package jsonscan

import (
	"strings"
	"testing"
)

// textList is an array of objects with texts that may be shared.
type textList []struct{ snapshot, status *string }

func (l *textList) ScanJSON(s *Scanner) {
	for range s.Array {
		*l = append(*l, struct{ snapshot, status *string }{})
		one := &(*l)[len(*l)-1]
		for name := range s.Object {
			switch string(name) {
			case "snapshotId":
				one.snapshot = s.SharedText()
			case "status":
				one.status = s.SharedText()
			default:
				s.SkipValue()
			}
		}
	}
}

func TestSharedText_isOneStringForShortTexts(t *testing.T) {
	long := strings.Repeat("u", maxSharedText+1)
	job := `{"id":"650000000000000000000001","snapshotId":"650000000000000000000002","status":"` + long + `"}`
	var pool Pool
	var list textList
	if !pool.Scan([]byte("["+job+","+job+"]"), &list) {
		t.Fatal("the list is unsupported")
	}
	a, b := list[0], list[1]
	if a.snapshot != b.snapshot || *a.snapshot != "650000000000000000000002" {
		t.Errorf("the snapshots are %q and %q at %p and %p", *a.snapshot, *b.snapshot, a.snapshot, b.snapshot)
	}
	if a.status == b.status || *a.status != long || *b.status != long {
		t.Errorf("the long texts are %q and %q at %p and %p", *a.status, *b.status, a.status, b.status)
	}
}

func TestPool_leavesTheValueOfAnUnsupportedBodyEmpty(t *testing.T) {
	var pool Pool
	for _, body := range []string{
		``, `[`, `[{"status":"a"},]`, `[{"status":"a"}] 7`, `[{"status":"ä"}]`, `{"status":"a"}`,
	} {
		var list textList
		if pool.Scan([]byte(body), &list) || list != nil {
			t.Errorf("%s: got %v", body, list)
		}
	}
}
