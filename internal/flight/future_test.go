package flight

import (
	"context"
	"errors"
	"testing"
)

func TestFuture_waitsForItsResultOrTheContext(t *testing.T) {
	f := NewFuture[int]()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("before the result: got %v", err)
	}
	go f.Resolve(7, errRefused)
	if got, err := f.Wait(t.Context()); got != 7 || !errors.Is(err, errRefused) {
		t.Errorf("got %d, %v", got, err)
	}
	<-f.Done()
}
