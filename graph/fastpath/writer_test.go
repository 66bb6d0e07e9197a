package fastpath

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

func TestWriter_takesNothingBeyondItsBound(t *testing.T) {
	w := Writer{Max: 5}
	w.Text("123")
	_, _ = w.WriteString("45")
	if string(w.JSON()) != "12345" || w.Full() {
		t.Errorf("up to the bound: %s %t", w.JSON(), w.Full())
	}
	_, _ = w.Write([]byte("67"))
	w.Text("8")
	if string(w.JSON()) != "12345" || !w.Full() {
		t.Errorf("beyond it: %s %t", w.JSON(), w.Full())
	}
}
