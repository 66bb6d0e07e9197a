package plain

import (
	"strconv"
	"testing"
)

func TestAListIsWrittenUpToWhatCannotBe(t *testing.T) {
	tests := map[string]struct {
		list []int // -1 cannot be written
		want string
		ok   bool
	}{
		"none":            {nil, "[]", true},
		"one":             {[]int{1}, "[1]", true},
		"several":         {[]int{1, 2, 3}, "[1,2,3]", true},
		"one that is not": {[]int{1, -1, 3}, "[1,", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var w Writer
			ok := List(&w, tt.list, func(n int) bool {
				if n >= 0 {
					w.Text(strconv.Itoa(n))
				}
				return n >= 0
			})
			if got := string(w.JSON()); got != tt.want || ok != tt.ok {
				t.Errorf("got %s, %t", got, ok)
			}
		})
	}
}

func TestNullIsWrittenWhereItMayBe(t *testing.T) {
	var w Writer
	if !w.Null(false) || string(w.JSON()) != "null" {
		t.Errorf("of what can be null: %s", string(w.JSON()))
	}
	if w.Null(true) {
		t.Error("of what cannot be null")
	}
}
