package flight

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadline_isTheLatestOneOfTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		defer g.Close()
		type value struct{}
		contexts := make(chan context.Context)
		fn := func(ctx context.Context) (int, error) {
			contexts <- ctx
			<-ctx.Done()
			return 0, ctx.Err()
		}
		first, cancel := context.WithTimeout(context.WithValue(t.Context(), value{}, "a"), 3*time.Second)
		defer cancel()
		if Shared(first) {
			t.Error("the context of a caller is taken for that of a call")
		}
		if _, _, err := g.Join(first, "a", fn); err != nil {
			t.Fatal(err)
		}
		ctx := <-contexts
		if !Shared(ctx) || ctx.Value(value{}) != "a" {
			t.Error("the call does not have the values of its first caller")
		}
		wantDeadline := func(ctx context.Context, want time.Duration) {
			t.Helper()
			at, bounded := Deadline(ctx)
			if bounded != (want > 0) || bounded && time.Until(at) != want {
				t.Errorf("got %s, %t, want %s", time.Until(at), bounded, want)
			}
		}
		wantDeadline(ctx, 3*time.Second)
		join := func(key string, deadline time.Duration) {
			t.Helper()
			caller, cancel := context.WithCancel(t.Context())
			if deadline > 0 {
				caller, cancel = context.WithTimeout(t.Context(), deadline)
			}
			t.Cleanup(cancel)
			if _, started, _ := g.Join(caller, key, fn); started {
				t.Fatal("the call was not joined")
			}
		}
		join("a", time.Second)
		wantDeadline(ctx, 3*time.Second)
		join("a", 5*time.Second)
		wantDeadline(ctx, 5*time.Second)
		// An earlier deadline of the work itself counts.
		bounded, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		wantDeadline(bounded, time.Second)
		// A call that is made for this call has its deadline.
		if _, _, err := g.Join(ctx, "b", fn); err != nil {
			t.Fatal(err)
		}
		inner := <-contexts
		wantDeadline(inner, 5*time.Second)
		// A caller without a deadline waits for ever.
		join("a", 0)
		join("a", time.Second)
		wantDeadline(ctx, 0)
	})
}

func TestDeadline_ofABackgroundCallIsNone(t *testing.T) {
	var g Group[string, bool]
	defer g.Close()
	bounded, err := g.Background("a", func(ctx context.Context) (bool, error) {
		_, bounded := Deadline(ctx)
		return bounded, nil
	}).Wait(t.Context())
	if bounded || err != nil {
		t.Errorf("got %t, %v", bounded, err)
	}
}

// TestDeadline_isThereWhenTheCallStarts starts calls whose functions ask for the deadline at once.
func TestDeadline_isThereWhenTheCallStarts(t *testing.T) {
	var g Group[int, time.Time]
	defer g.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	want, _ := ctx.Deadline()
	for i := range 20_000 {
		at, err := g.Do(ctx, i, func(ctx context.Context) (time.Time, error) {
			at, _ := Deadline(ctx)
			return at, nil
		})
		if err != nil || !at.Equal(want) {
			t.Fatalf("call %d has the deadline %s, want %s", i, at, want)
		}
	}
}
