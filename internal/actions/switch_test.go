package actions

import (
	"testing"
	"testing/synctest"
)

func TestSwitch_stopsAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		other := &Switch{Ledger: e.ledger}
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.restoreOf(shipping, shipping)
		if err := other.Stop(ctx); err != nil { // another process
			t.Fatal(err)
		}
		if _, err := s.PlanRestore(ctx, in); refusalOf(err) != Stopped {
			t.Errorf("while stopped: %v", err)
		}
		if err := e.stop.Resume(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PlanRestore(ctx, in); err != nil {
			t.Errorf("after it: %v", err)
		}
		e.stop.File = t.TempDir() // exists
		if _, err := s.PlanRestore(ctx, in); refusalOf(err) != Stopped {
			t.Errorf("with the file: %v", err)
		}
		e.stop.File += "/none"
		if _, err := s.PlanRestore(ctx, in); err != nil {
			t.Errorf("without it: %v", err)
		}
		e.stop.File += "\x00" // cannot be looked for
		if _, err := s.PlanRestore(ctx, in); refusalOf(err) != Stopped {
			t.Errorf("with a file that cannot be looked for: %v", err)
		}
	})
}
