package actions

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"atlas-restore-gateway/internal/atlassim"
)

func TestCreateSnapshot_takesOneForAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		in := SnapshotInput{Cluster: shipping, Description: "before the release", RetentionDays: 3, IdempotencyKey: "key"}
		first, err := s.CreateSnapshot(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.CreateSnapshot(ctx, in)
		if err != nil || again.SnapshotID != first.SnapshotID || *again.Description != in.Description || e.attempts() != 1 {
			t.Errorf("got %+v, error %v", again, err)
		}
		in.Description = "another"
		if _, err := s.CreateSnapshot(ctx, in); refusalOf(err) != KeyReused {
			t.Errorf("got %v", err)
		}
		e.wantSteps("starting", "outcome STARTED")
	})
}

func TestCreateSnapshot_looksForALostAnswer(t *testing.T) {
	for name, executed := range map[string]bool{"executed": true, "not executed": false} {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			e.requests = e.executed(func(_ http.ResponseWriter, r *http.Request) {
				if executed {
					e.execute(r)
				}
				panic(http.ErrAbortHandler)
			})
			got, err := e.service().CreateSnapshot(as(t.Context(), "ann"),
				SnapshotInput{Cluster: shipping, Description: "x", RetentionDays: 1, IdempotencyKey: "key"})
			if executed && (err != nil || *got.Description != "x") || !executed && !errors.As(err, new(*OutcomeUnknownError)) {
				t.Errorf("%s: got %+v, error %v", name, got, err)
			}
		})
	}
}

func TestCreateSnapshot_refuses(t *testing.T) {
	tests := map[string]struct {
		in   SnapshotInput
		want Refusal
	}{
		"Flex":           {in: SnapshotInput{Cluster: stock, RetentionDays: 1, IdempotencyKey: "k"}, want: NotPossible},
		"no retention":   {in: SnapshotInput{Cluster: shipping, RetentionDays: 0, IdempotencyKey: "k"}, want: InvalidInput},
		"no key":         {in: SnapshotInput{Cluster: shipping, RetentionDays: 1}, want: InvalidInput},
		"much retention": {in: SnapshotInput{Cluster: shipping, RetentionDays: 1 << 20, IdempotencyKey: "k"}, want: InvalidInput},
	}
	for name, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			_, err := e.service().CreateSnapshot(as(t.Context(), "ann"), tt.in)
			if refusalOf(err) != tt.want || e.attempts() != 0 {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
}

func TestCreateSnapshot_obeysTheCompliancePolicy(t *testing.T) {
	tests := map[string]struct {
		unit  string
		value int
		days  int
		want  Refusal
	}{
		"as long":    {unit: "days", value: 3, days: 3},
		"shorter":    {unit: "days", value: 4, days: 3, want: NotPossible},
		"weeks":      {unit: "weeks", value: 2, days: 13, want: NotPossible},
		"other unit": {unit: "moons", value: 9, days: 1},
	}
	for name, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			e.sim.Inject(atlassim.Fault{
				PathContains: "/backupCompliancePolicy", ContentType: "application/json",
				Body: fmt.Sprintf(`{"projectId":%q,"state":"ACTIVE","onDemandPolicyItem":{"retentionUnit":%q,"retentionValue":%d}}`,
					group, tt.unit, tt.value),
			})
			_, err := e.service().CreateSnapshot(as(t.Context(), "ann"),
				SnapshotInput{Cluster: shipping, RetentionDays: tt.days, IdempotencyKey: "k"})
			if refusalOf(err) != tt.want || (err == nil) != (e.attempts() == 1) {
				t.Errorf("%s: %d requests, error %v", name, e.attempts(), err)
			}
		})
	}
}
