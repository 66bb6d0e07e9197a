package jobindex

import (
	"math/rand/v2"
	"testing"
)

func TestShift_marginFollowsTheJobsThatCameRecently(t *testing.T) {
	list := randomList(2000, rand.New(rand.NewPCG(15, 16)))
	tests := map[string]struct {
		came []int // between one page and the next
		want int
	}{
		"not measured":   {want: unknownShift},
		"none came":      {came: []int{0}, want: 1},
		"a few":          {came: []int{3}, want: 7},
		"too many":       {came: []int{60}, want: maxShift},
		"few after many": {came: []int{20, 0}, want: 31},
		"none for long":  {came: []int{20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, want: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x, start := &Index{}, 1000
			x.learn(list[start:], Page{Number: 2, Size: 100})
			for _, n := range tt.came {
				start -= n
				x.learn(list[start:], Page{Number: 2, Size: 100})
			}
			if got := x.shift.margin(); got != tt.want {
				t.Errorf("the margin is %d, want %d", got, tt.want)
			}
		})
	}
}
