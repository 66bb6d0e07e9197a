package restore

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

func TestASharedCallHasTheTimeOfWhoWaitsLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shared patience
		ctx, cancel := context.WithCancel(t.Context())
		call := shared.with(ctx)
		for _, step := range []struct{ waits, want time.Duration }{
			{3 * time.Second, 3 * time.Second}, {time.Second, 3 * time.Second}, {5 * time.Second, 5 * time.Second}, {0, 0}, {time.Second, 0},
		} {
			waiting := t.Context()
			if step.waits > 0 {
				var leave context.CancelFunc
				waiting, leave = context.WithTimeout(waiting, step.waits)
				defer leave()
			}
			shared.join(waiting)
			deadline, ok := atlas.Deadline(call)
			if ok != (step.want > 0) || ok && time.Until(deadline) != step.want {
				t.Errorf("with one who waits for %s: %v %s", step.waits, ok, time.Until(deadline))
			}
		}
		cancel()
		if call.Err() != nil {
			t.Error("the call ended with one of its callers")
		}
		// Its own deadline counts where it comes first.
		bounded, end := context.WithTimeout(call, time.Second)
		defer end()
		if deadline, ok := atlas.Deadline(bounded); !ok || time.Until(deadline) != time.Second {
			t.Errorf("got %v %s", ok, time.Until(deadline))
		}
		// A call for such a call has its time, too.
		var outer, inner patience
		waiting, leave := context.WithTimeout(t.Context(), 2*time.Second)
		defer leave()
		outer.join(waiting)
		inner.join(outer.with(waiting))
		if deadline, ok := atlas.Deadline(inner.with(t.Context())); !ok || time.Until(deadline) != 2*time.Second {
			t.Errorf("got %v %s", ok, time.Until(deadline))
		}
	})
}
