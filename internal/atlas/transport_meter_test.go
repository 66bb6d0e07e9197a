package atlas

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestMeter_boundsTheCalls(t *testing.T) {
	m := &Meter{MaxCalls: 50}
	var begun atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if m.Begin() {
				begun.Add(1)
			}
		})
	}
	wg.Wait()
	if begun.Load() != 50 || m.Calls() != 50 {
		t.Errorf("%d calls have begun, %d were counted", begun.Load(), m.Calls())
	}
	free := &Meter{}
	for range 10 {
		if !free.Begin() {
			t.Error("a call without a bound may not begin")
		}
	}
}
