package atlassim

import (
	"testing"
	"time"
)

func TestSchedule_isAFunctionOfTheClock(t *testing.T) {
	const s = time.Second
	created := date(2026, 3, 4, 12, 0, 0)
	for name, tc := range map[string]struct {
		schedule schedule
		ages     map[time.Duration]phase
	}{
		"succeeds": {
			schedule: schedule{queued: 10 * s, takes: 60 * s, ends: succeeds},
			ages: map[time.Duration]phase{
				0: phaseQueued, 10*s - 1: phaseQueued, 10 * s: phaseRunning, 60*s - 1: phaseRunning, 60 * s: phaseSucceeded,
				1e6 * s: phaseSucceeded,
			},
		},
		"delivers": {
			schedule: schedule{takes: 60 * s, fetchableFor: 30 * s, ends: delivers},
			ages:     map[time.Duration]phase{0: phaseRunning, 60 * s: phaseReady, 90*s - 1: phaseReady, 90 * s: phaseExpired},
		},
		"fails": {
			schedule: schedule{takes: 60 * s, ends: fails},
			ages:     map[time.Duration]phase{59 * s: phaseRunning, 60 * s: phaseFailed},
		},
		"cancelled": {
			schedule: schedule{takes: 60 * s, ends: isCancelled},
			ages:     map[time.Duration]phase{59 * s: phaseRunning, 60 * s: phaseCancelled},
		},
		"both": {
			schedule: schedule{takes: 60 * s, ends: failsAndIsCancelled}, ages: map[time.Duration]phase{60 * s: phaseFailed},
		},
		"never ends": {
			schedule: schedule{queued: 10 * s, ends: neverEnds},
			ages:     map[time.Duration]phase{0: phaseQueued, 10 * s: phaseRunning, 1e9 * s: phaseRunning},
		},
		"never starts": {
			schedule: schedule{queued: 10 * s, ends: neverStarts},
			ages:     map[time.Duration]phase{0: phaseQueued, 10 * s: phaseQueued, 1e9 * s: phaseQueued},
		},
		"ended": {
			schedule: schedule{takes: 60 * s, fetchableFor: 30 * s, ends: delivers, ended: true},
			ages:     map[time.Duration]phase{-1e9 * s: phaseExpired, 0: phaseExpired},
		},
	} {
		for age, want := range tc.ages {
			if got := tc.schedule.at(created, created.Add(age)).phase; got != want {
				t.Errorf("%s at age %v: phase %d, want %d", name, age, got, want)
			}
		}
	}
}

func TestLiveJobs_areBoundedAndFoundByID(t *testing.T) {
	from := date(2026, 3, 4, 12, 0, 0)
	l := &liveJobs{from: from, snapshot: &snapshot{}, targets: []target{newTarget("g", "c")}}
	if got := l.numbers(from.Add(-1), nil); len(got) != 0 {
		t.Errorf("%d jobs before the start", len(got))
	}
	now := from.Add(1000 * livePeriod)
	numbers := l.numbers(now, nil)
	if len(numbers) != maxLive {
		t.Fatalf("%d jobs, want %d", len(numbers), maxLive)
	}
	for _, n := range numbers {
		if found, ok := l.find(l.job(n).id, now); !ok || found != n {
			t.Fatalf("job %d is not found by its id", n)
		}
	}
	for name, j := range map[string]*job{"one that has gone": l.job(1000 - maxLive), "one that is to come": l.job(1001)} {
		if _, ok := l.find(j.id, now); ok {
			t.Errorf("%s is found", name)
		}
	}
	for _, id := range []string{
		objectID(from.Add(999*livePeriod), familyLive, 998),
		objectID(from.Add(999*livePeriod+time.Second), familyLive, 999),
		objectID(from.Add(999*livePeriod), familyHistory, 999),
		objectID(from.Add(-livePeriod), familyLive, 0),
	} {
		if _, ok := l.find(id, now); ok {
			t.Errorf("%s is found, but nothing was made with it", id)
		}
	}
}

func TestLiveJobs_areOrderedBeforeTheDatesOfTheSeed(t *testing.T) {
	started := date(2000, 1, 1, 0, 0, 0) // where testing/synctest begins
	c := seed(started).projects[SeedGroupID].byName[SeedClusterName]
	jobs, _, _ := c.jobs.page(query{pageNum: 1, itemsPerPage: 10_000}, started.Add(10*livePeriod))
	if len(jobs) < historyJobs {
		t.Fatalf("%d jobs", len(jobs))
	}
	for i := 1; i < len(jobs); i++ {
		if jobs[i-1].id <= jobs[i].id {
			t.Fatalf("job %d, %s, stands before %s", i-1, jobs[i-1].id, jobs[i].id)
		}
	}
	id, created := sampleJobs().id(0)
	if st := c.jobs.find(id, started).schedule.at(created, started); st.phase != phaseSucceeded {
		t.Errorf("a fixed job is in phase %d before its time", st.phase)
	}
}

func TestNonce_forgetsCountsBeforeItsWindow(t *testing.T) {
	e := &nonce{}
	for _, step := range []struct {
		count uint32
		want  bool
	}{
		{count: 5, want: true}, {count: 5, want: false}, {count: ncWindow - 24, want: true},
		{count: ncWindow + 6, want: true},
		{count: ncWindow + 5, want: true},  // shares its place with 5
		{count: ncWindow + 5, want: false}, // and is used now
		{count: 7, want: true}, {count: 6, want: false}, {count: 7, want: false},
		{count: 5 * ncWindow, want: true}, {count: 4 * ncWindow, want: false}, {count: 4*ncWindow + 1, want: true},
		{count: 4*ncWindow + 4, want: true}, {count: 4*ncWindow + 5, want: true}, // share their places with 4 and 5
		{count: ^uint32(0), want: true}, {count: ^uint32(0), want: false}, {count: 1, want: false},
	} {
		if got := e.take(step.count); got != step.want {
			t.Errorf("count %d: %v, want %v", step.count, got, step.want)
		}
	}
}
