package restore

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

// listOf is a list of n jobs, newest first, made at odd times from the beginning of 2025 on.
func listOf(n int, random *rand.Rand) []*Job {
	jobs := make([]*Job, n)
	second := int64(1735689600)
	for i := n - 1; i >= 0; i-- {
		jobs[i] = &Job{Key: Key{JobID: fmt.Sprintf("%08x%016x", second, i)}}
		// Some in the same second, some after a pause of days.
		second += []int64{0, 0, 1, 60, 3600, 86400, 5 * 86400}[random.IntN(7)]
	}
	return jobs
}

// read has the timeline learn a page of the list.
func (t *timeline) read(list []*Job, o atlas.ListOptions) []*Job {
	start := min((o.PageNum-1)*o.ItemsPerPage, len(list))
	end := min(start+o.ItemsPerPage, len(list))
	total := int64(len(list))
	t.learn(start, list[start:end], end < len(list), &total)
	return list[start:end]
}

func TestAPlaceThatIsKnownIsWhereTheJobStands(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	list := listOf(3000, random)
	line := &timeline{}
	for range 40 {
		size := 1 + random.IntN(atlas.MaxItemsPerPage)
		line.read(list, atlas.ListOptions{PageNum: 1 + random.IntN(len(list)/size), ItemsPerPage: size})
		for i, job := range list {
			if s := line.bracket(secondOf(job.JobID)); i < s.low || i > s.high {
				t.Fatalf("the job at %d is said to be from %d to %d", i, s.low, s.high)
			}
		}
	}
}

func TestATimelineIsBounded(t *testing.T) {
	list := listOf(20*atlas.MaxItemsPerPage, rand.New(rand.NewPCG(11, 12)))
	line := &timeline{}
	for page := 1; page <= 20; page++ {
		line.read(list, atlas.ListOptions{PageNum: page, ItemsPerPage: atlas.MaxItemsPerPage})
		if len(line.marks) > maxMarks {
			t.Fatalf("%d marks", len(line.marks))
		}
	}
	if line.marks[0].index != 0 || line.marks[len(line.marks)-1].index != len(list)-1 {
		t.Errorf("it goes from %d to %d", line.marks[0].index, line.marks[len(line.marks)-1].index)
	}
}

func TestAWindowHoldsTheJobsItIsMadeFor(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	list := listOf(2000, random)
	tests := map[string]struct {
		places []int
		on     int // how many of them stand on the window
		atMost int // its size
	}{
		"the newest":               {[]int{0, 1, 2, 19}, 4, 100},
		"some in the middle":       {[]int{700, 705, 719}, 3, 150},
		"over an edge of the page": {[]int{95, 99, 100, 104}, 4, 150},
		"most are far away":        {[]int{3, 800, 801, 802}, 3, 150},
		"all over":                 {[]int{0, 990, 1990}, 1, 500},
		"a wide row":               {[]int{10, 200, 400, 470}, 4, 500},
		"the oldest":               {[]int{1990, 1995, 1999}, 3, 500},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			line := &timeline{}
			for page := 1; page <= 4; page++ {
				line.read(list, atlas.ListOptions{PageNum: page, ItemsPerPage: 500})
			}
			var ids []string
			for _, i := range tt.places {
				ids = append(ids, list[i].JobID)
			}
			o, n, sure := line.window(ids)
			on := 0
			for _, i := range tt.places {
				if i/o.ItemsPerPage+1 == o.PageNum {
					on++
				}
			}
			if !sure || n != tt.on || on < tt.on || o.ItemsPerPage > tt.atMost {
				t.Errorf("got %+v for %d jobs, of which %d are there", o, n, on)
			}
		})
	}
}

func TestAPlaceBehindWhatIsKnownIsGuessedByThePace(t *testing.T) {
	list := make([]*Job, 20_000)
	for i := range list {
		list[i] = &Job{Key: Key{JobID: fmt.Sprintf("%08x%016x", 1735689600+60*(len(list)-i), i)}}
	}
	line := &timeline{}
	line.read(list, newestJobs)
	for _, place := range []int{501, 5000, 19_990} {
		o, n, sure := line.window([]string{list[place].JobID, list[place+1].JobID})
		if sure || n != 2 || place/o.ItemsPerPage+1 != o.PageNum {
			t.Errorf("the job at %d is looked for on %+v", place, o)
		}
	}
}

func TestGuessesAreTrustedAsFarAsTheyWereGood(t *testing.T) {
	even := func(n, seconds int) []*Job {
		jobs := make([]*Job, n)
		for i := range jobs {
			jobs[i] = &Job{Key: Key{JobID: fmt.Sprintf("%08x%016x", 1735689600+seconds*(n-i), i)}}
		}
		return jobs
	}
	list := even(20_000, 60)
	line := &timeline{}
	for i, want := range []int{farOff, farOff / 4, farOff / 16} {
		line.read(list, atlas.ListOptions{PageNum: 10*i + 1, ItemsPerPage: 500})
		if line.off != want {
			t.Errorf("after %d pages they are taken to be %d off, want %d", i+1, line.off, want)
		}
	}
	if _, _, sure := line.window([]string{list[3000].JobID}); !sure {
		t.Error("good guesses are not trusted")
	}
	// Behind these the pace is another.
	line.read(append(list, even(20_000, 1)...), atlas.ListOptions{PageNum: 60, ItemsPerPage: 500})
	if line.off != farOff {
		t.Errorf("after a bad guess they are taken to be %d off", line.off)
	}
}

func TestJobsThatCameMoveTheOthersBack(t *testing.T) {
	list := listOf(2000, rand.New(rand.NewPCG(5, 6)))
	line := &timeline{}
	for page := 1; page <= 4; page++ {
		line.read(list[300:], atlas.ListOptions{PageNum: page, ItemsPerPage: 500})
	}
	line.read(list, newestJobs) // 300 have come since
	for i, job := range list {
		if s := line.locate(secondOf(job.JobID)); i < s.low-unseenDrift || i > s.high+unseenDrift {
			t.Fatalf("the job at %d is said to be from %d to %d", i, s.low, s.high)
		}
	}
}

func TestAWindowLeavesRoomForAsManyJobsAsHaveComeOfLate(t *testing.T) {
	list := listOf(2000, rand.New(rand.NewPCG(15, 16)))
	tests := map[string]struct {
		came []int // between one page and the next
		room int
	}{
		"nobody knows":      {nil, unseenDrift},
		"none came":         {[]int{0}, 1},
		"a few":             {[]int{3}, 7},
		"more than we take": {[]int{60}, maxDrift},
		"few after many":    {[]int{20, 0}, 31},
		"none for long":     {[]int{20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			line, start := &timeline{}, 1000
			line.read(list[start:], atlas.ListOptions{PageNum: 2, ItemsPerPage: 100})
			for _, n := range tt.came {
				start -= n
				line.read(list[start:], atlas.ListOptions{PageNum: 2, ItemsPerPage: 100})
			}
			if got := line.drift.places(); got != tt.room {
				t.Errorf("there is room for %d", got)
			}
		})
	}
}

func TestJobsThatWentLeaveNoContradictions(t *testing.T) {
	list := listOf(2000, rand.New(rand.NewPCG(13, 14)))
	line := &timeline{}
	line.read(list, newestJobs)
	for _, page := range []int{4, 2, 3} {
		line.read(list[600:], atlas.ListOptions{PageNum: page, ItemsPerPage: 250})
		for i, m := range line.marks[1:] {
			if line.marks[i].index >= m.index || line.marks[i].second < m.second {
				t.Fatalf("after page %d: %+v stands before %+v", page, line.marks[i], m)
			}
		}
	}
}

func TestAListThatIsNotNewestFirstTeachesNothing(t *testing.T) {
	list := listOf(100, rand.New(rand.NewPCG(7, 8)))
	list[3], list[90] = list[90], list[3]
	line := &timeline{}
	line.read(list, newestJobs)
	if line.known() {
		t.Errorf("got %+v", line)
	}
}

func TestAJobThatIsNotWhereItWouldStandIsNotLookedForAgain(t *testing.T) {
	list := listOf(1000, rand.New(rand.NewPCG(9, 10)))
	line := &timeline{}
	jobs := line.read(list, newestJobs)
	last := jobs[len(jobs)-1]
	missing := []string{"ffffffff0000000000000000", list[200].JobID[:8] + "ffffffffffffffff"}
	elsewhere := []string{list[900].JobID, last.JobID[:8] + "ffffffffffffffff"}
	line.miss(append(missing, elsewhere...), newestJobs, jobs, true)
	if len(line.absent) != 2 || line.absent[0] != missing[0] || line.absent[1] != missing[1] {
		t.Errorf("got %q", line.absent)
	}
	if _, n, _ := line.window(missing); n != 0 {
		t.Errorf("%d are looked for", n)
	}
	for i := range 2 * maxAbsent {
		line.miss([]string{fmt.Sprintf("ffffffff%016x", i)}, newestJobs, jobs, true)
	}
	if len(line.absent) != maxAbsent {
		t.Errorf("%d are remembered", len(line.absent))
	}
}
