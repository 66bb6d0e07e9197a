package jobindex

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPick_holdsTheJobs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	list := randomList(2000, random)
	tests := map[string]struct {
		indexes []int // of the jobs
		on      int   // how many of them stand on the page
		maxSize int   // of the page
	}{
		"the newest":               {indexes: []int{0, 1, 2, 19}, on: 4, maxSize: 100},
		"some in the middle":       {indexes: []int{700, 705, 719}, on: 3, maxSize: 150},
		"over an edge of the page": {indexes: []int{95, 99, 100, 104}, on: 4, maxSize: 150},
		"most are far away":        {indexes: []int{3, 800, 801, 802}, on: 3, maxSize: 150},
		"all over":                 {indexes: []int{0, 990, 1990}, on: 1, maxSize: 500},
		"a wide row":               {indexes: []int{10, 200, 400, 470}, on: 4, maxSize: 500},
		"the oldest":               {indexes: []int{1990, 1995, 1999}, on: 3, maxSize: 500},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := &Index{}
			for page := 1; page <= 4; page++ {
				x.learn(list, Page{Number: page, Size: 500})
			}
			var ids []string
			for _, i := range tt.indexes {
				ids = append(ids, list[i])
			}
			pick := x.Pick(ids)
			on := 0
			for _, i := range tt.indexes {
				if i/pick.Size+1 == pick.Number {
					on++
				}
			}
			if !pick.Certain || len(pick.IDs) != tt.on || on < tt.on || pick.Size > tt.maxSize {
				t.Errorf("got %+v, on which %d of the jobs stand", pick, on)
			}
		})
	}
}

func TestPick_guessesBehindTheLastSampleByThePace(t *testing.T) {
	list := evenList(20_000, 60)
	x := &Index{}
	x.learn(list, Newest)
	for _, i := range []int{501, 5000, 19_990} {
		pick := x.Pick([]string{list[i], list[i+1]})
		if pick.Certain || len(pick.IDs) != 2 || i/pick.Size+1 != pick.Number {
			t.Errorf("the job at %d is looked for on %+v", i, pick)
		}
	}
}

func TestPick_expectsOnlyJobsThatFitOnThePage(t *testing.T) {
	list := evenList(2000, 60)
	x := &Index{}
	for page := 1; page <= 4; page++ {
		x.learn(list, Page{Number: page, Size: 500})
	}
	// Fewer than 500 indexes apart, and still on no page together: 500 is an edge of each page that is large enough.
	pick := x.Pick([]string{list[260], list[499], list[505], list[740]})
	for _, i := range []int{260, 499, 505, 740} {
		if slices.Contains(pick.IDs, list[i]) != (i/pick.Size+1 == pick.Number) {
			t.Errorf("the job at %d: got %+v", i, pick)
		}
	}
}
