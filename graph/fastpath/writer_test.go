package fastpath

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestList_endsAtTheElementThatCannotBeWritten(t *testing.T) {
	tests := map[string]struct {
		list     []int // -1 cannot be written
		nullable bool
		want     string
		wantOK   bool
	}{
		"none":                {list: nil, want: "[]", wantOK: true},
		"one":                 {list: []int{1}, want: "[1]", wantOK: true},
		"several":             {list: []int{1, 2, 3}, want: "[1,2,3]", wantOK: true},
		"one that is not":     {list: []int{1, -1, 3}, want: "[1,", wantOK: false},
		"as many as may be":   {list: []int{1, 2, 3}, nullable: true, want: "[1,2,3]", wantOK: true},
		"one more":            {list: []int{1, 2, 3, 4}, nullable: true, want: "", wantOK: false},
		"one more, non-null":  {list: []int{1, 2, 3, 4}, want: "[1,2,3,4]", wantOK: true},
		"none, of a nullable": {list: []int{}, nullable: true, want: "[]", wantOK: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := Writer{MaxListItems: 3}
			ok := List(&w, tt.list, !tt.nullable, func(n int) bool {
				if n >= 0 {
					w.Text(strconv.Itoa(n))
				}
				return n >= 0
			})
			if got := string(w.json); got != tt.want || ok != tt.wantOK {
				t.Errorf("got %s, %t", got, ok)
			}
		})
	}
}

func TestWriter_nullIsWrittenWhereTheTypeIsNullable(t *testing.T) {
	var w Writer
	if !w.Null(false) || string(w.json) != "null" {
		t.Errorf("nullable: %s", w.json)
	}
	if w.Null(true) {
		t.Error("non-null")
	}
}

func TestWriter_stopsAtItsBudget(t *testing.T) {
	var budget Budget
	budget.Add(minGrant)
	w := Writer{budget: &budget}
	for range minGrant {
		w.Text("x")
	}
	if len(w.json) != minGrant || w.full {
		t.Errorf("up to the budget: %d bytes, %t", len(w.json), w.full)
	}
	w.Text("x")
	if len(w.json) != minGrant || !w.full {
		t.Errorf("beyond it: %d bytes, %t", len(w.json), w.full)
	}
}

func TestWriter_givesBackWhatItDoesNotUse(t *testing.T) {
	const bytes = 10 << 10
	var budget Budget
	budget.Add(bytes)
	w := Writer{budget: &budget}
	w.Text("12345")
	if got := string(w.finish()); got != "12345" || budget.left.Load() != bytes-5 {
		t.Errorf("got %s, %d bytes are left", got, budget.left.Load())
	}
	w = Writer{budget: &budget}
	for range bytes {
		_, _ = w.Write([]byte("x"))
	}
	if len(w.json) >= bytes-5 || !w.full {
		t.Errorf("%d bytes are written, full is %t", len(w.json), w.full)
	}
	before := string(w.json)
	w.Text("x")
	_, _ = w.WriteString("x")
	if diff := cmp.Diff(before, string(w.json)); diff != "" {
		t.Errorf("more is written: %s", diff)
	}
	if w.discard(); budget.left.Load() != bytes-5 {
		t.Errorf("%d bytes are left", budget.left.Load())
	}
}
