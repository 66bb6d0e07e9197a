package jobindex

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// randomList returns the ids of n jobs, newest first, made at odd times from the beginning of 2025 on.
func randomList(n int, random *rand.Rand) []string {
	ids := make([]string, n)
	second := 1735689600
	for i := n - 1; i >= 0; i-- {
		ids[i] = testID(second, i)
		// Some in the same second, some after a pause of days.
		second += []int{0, 0, 1, 60, 3600, 86400, 5 * 86400}[random.IntN(7)]
	}
	return ids
}

// evenList returns the ids of n jobs, newest first, one made every given number of seconds.
func evenList(n, seconds int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = testID(1735689600+seconds*(n-i), i)
	}
	return ids
}

func testID(second, n int) string { return fmt.Sprintf("%08x%016x", second, n) }

// learn has the index learn a page of the list.
func (x *Index) learn(list []string, p Page) []string {
	start := min(p.start(), len(list))
	end := min(start+p.Size, len(list))
	total := int64(len(list))
	x.Learn(p, list[start:end], end < len(list), &total)
	return list[start:end]
}

func TestIndex_boundsHoldTheJob(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	list := randomList(3000, random)
	x := &Index{}
	for range 40 {
		size := 1 + random.IntN(MaxPageSize)
		x.learn(list, Page{Number: 1 + random.IntN(len(list)/size), Size: size})
		for i, id := range list {
			if s := x.bounds(secondOf(id)); i < s.low || i > s.high {
				t.Fatalf("the job at %d is said to be from %d to %d", i, s.low, s.high)
			}
		}
	}
}

func TestIndex_isBounded(t *testing.T) {
	list := randomList(20*MaxPageSize, rand.New(rand.NewPCG(11, 12)))
	x := &Index{}
	for page := 1; page <= 20; page++ {
		x.learn(list, Page{Number: page, Size: MaxPageSize})
		if len(x.samples) > maxSamples {
			t.Fatalf("%d samples", len(x.samples))
		}
	}
	if x.samples[0].index != 0 || x.samples[len(x.samples)-1].index != len(list)-1 {
		t.Errorf("it goes from %d to %d", x.samples[0].index, x.samples[len(x.samples)-1].index)
	}
}

func TestIndex_trustsGuessesAsFarAsTheyWereRight(t *testing.T) {
	list := evenList(20_000, 60)
	x := &Index{}
	for i, want := range []int{maxGuessError, maxGuessError / 4, maxGuessError / 16} {
		x.learn(list, Page{Number: 10*i + 1, Size: 500})
		if x.guessError != want {
			t.Errorf("after %d pages the error is %d, want %d", i+1, x.guessError, want)
		}
	}
	if !x.Pick([]string{list[3000]}).Certain {
		t.Error("right guesses are not trusted")
	}
	// Behind these the pace is another.
	x.learn(append(list, evenList(20_000, 1)...), Page{Number: 60, Size: 500})
	if x.guessError != maxGuessError {
		t.Errorf("after a wrong guess the error is %d", x.guessError)
	}
}

func TestIndex_movesSamplesWhenJobsCome(t *testing.T) {
	list := randomList(2000, rand.New(rand.NewPCG(5, 6)))
	x := &Index{}
	for page := 1; page <= 4; page++ {
		x.learn(list[300:], Page{Number: page, Size: 500})
	}
	x.learn(list, Newest) // 300 have come since
	for i, id := range list {
		if s := x.locate(secondOf(id)); i < s.low-unknownShift || i > s.high+unknownShift {
			t.Fatalf("the job at %d is said to be from %d to %d", i, s.low, s.high)
		}
	}
}

func TestIndex_dropsSamplesThatContradictWhenJobsGo(t *testing.T) {
	list := randomList(2000, rand.New(rand.NewPCG(13, 14)))
	x := &Index{}
	x.learn(list, Newest)
	for _, page := range []int{4, 2, 3} {
		x.learn(list[600:], Page{Number: page, Size: 250})
		for i, next := range x.samples[1:] {
			if x.samples[i].index >= next.index || x.samples[i].second < next.second {
				t.Fatalf("after page %d: %+v stands before %+v", page, x.samples[i], next)
			}
		}
	}
}

func TestIndex_learnsNothingOfAListThatIsNotNewestFirst(t *testing.T) {
	list := randomList(100, rand.New(rand.NewPCG(7, 8)))
	list[3], list[90] = list[90], list[3]
	x := &Index{}
	x.learn(list, Newest)
	if !x.isEmpty() {
		t.Errorf("got %+v", x)
	}
}

func TestIndex_doesNotLookAgainForAJobThatIsMissing(t *testing.T) {
	list := randomList(1000, rand.New(rand.NewPCG(9, 10)))
	x := &Index{}
	ids := x.learn(list, Newest)
	last := ids[len(ids)-1]
	missing := []string{"ffffffff0000000000000000", list[200][:8] + "ffffffffffffffff"}
	elsewhere := []string{list[900], last[:8] + "ffffffffffffffff"}
	x.Miss(append(missing, elsewhere...), Newest, ids, true)
	if len(x.missing) != 2 || x.missing[0] != missing[0] || x.missing[1] != missing[1] {
		t.Errorf("got %q", x.missing)
	}
	if n := len(x.Pick(missing).IDs); n != 0 {
		t.Errorf("%d are looked for", n)
	}
	for i := range 2 * maxMissing {
		x.Miss([]string{testID(0xffffffff, i)}, Newest, ids, true)
	}
	if len(x.missing) != maxMissing {
		t.Errorf("%d are remembered", len(x.missing))
	}
}
