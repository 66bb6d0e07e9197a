package actions

import (
	"slices"
	"testing"
	"testing/synctest"
)

func TestActions_needACredentialOfTheProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		e.without = group
		p, err := s.PlanRestore(ctx, e.restoreOf(shipping, shipping))
		if err != nil || !slices.Equal(p.refusalCodes(), []string{CodeNoCredential}) || p.Confirmation != "" {
			t.Errorf("the plan has %q, error %v", p.refusalCodes(), err)
		}
		if _, err := s.StartRestore(ctx, in); refusalOf(err) != NotPossible {
			t.Errorf("the start: %v", err)
		}
		if _, err := s.CancelRestore(ctx, e.running(shipping)); refusalOf(err) != NotPossible {
			t.Errorf("the cancel: %v", err)
		}
		if e.attempts() != 0 {
			t.Errorf("%d requests were sent", e.attempts())
		}
	})
}
