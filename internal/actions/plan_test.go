package actions

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

func TestPlanRestore_tellsWhatWouldHappen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		in := e.restoreOf(shipping, loyalty)
		p, err := e.service().PlanRestore(as(t.Context(), "ann"), in)
		if err != nil {
			t.Fatal(err)
		}
		codes := make([]string, 0, len(p.Warnings))
		for _, w := range p.Warnings {
			codes = append(codes, w.Code)
		}
		if p.Tier != restore.Dedicated || p.Source.Name != "shipping" || p.Target.Name != "loyalty" ||
			*p.TargetProject.Name != "Storefront" || p.Snapshot.SnapshotID != in.SnapshotID || p.DataFrom.IsZero() ||
			p.Overwrites != "Atlas removes all data of the cluster loyalty of the project Storefront ("+otherGroup+
				") before it restores." || !slices.Equal(codes, []string{CodeOtherProject}) ||
			!p.Expires.Equal(time.Now().Add(ConfirmationTTL)) || e.attempts() != 0 {
			t.Errorf("got %+v", p)
		}
	})
}

func TestPlanRestore_refusesWhatCannotBe(t *testing.T) {
	reporting := restore.ClusterKey{GroupID: otherGroup, Name: atlassim.SeedDedicatedClusterName}
	tests := map[string]struct {
		source, target restore.ClusterKey
		snapshot       func(e *env) string
		point          func() time.Time
		want           string
	}{
		"Dedicated into Flex": {source: shipping, target: stock, want: CodeTargetTier},
		"into a Free cluster": {
			source: shipping, want: CodeTargetTier,
			target: restore.ClusterKey{GroupID: otherGroup, Name: atlassim.SeedMigratedToFreeName},
		},
		"a running restore": {
			source: reporting, target: reporting, want: CodeRestoreRunning,
		},
		"a snapshot in progress": {
			source: reporting, target: loyalty, want: CodeSnapshotIncomplete,
			snapshot: func(e *env) string { return e.snapshotIn(reporting, restore.SnapshotInProgress) },
		},
		"no continuous backup": {
			source: shipping, target: shipping, want: CodeNoPointInTime,
			point: func() time.Time { return time.Now().Add(-time.Hour) },
		},
		"a point in time of Flex": {
			source: stock, target: stock, want: CodeNoPointInTime,
			point: func() time.Time { return time.Now().Add(-time.Hour) },
		},
		"before the window": {
			source: reporting, target: loyalty, want: CodeOutsideWindow,
			point: func() time.Time { return time.Now().AddDate(0, 0, -30) },
		},
		"in the future": {
			source: reporting, target: loyalty, want: CodeOutsideWindow,
			point: func() time.Time { return time.Now().Add(time.Hour) },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t)
				in := RestoreInput{Source: tt.source, Target: tt.target}
				switch {
				case tt.point != nil:
					in.PointInTime = tt.point().Truncate(time.Second)
				case tt.snapshot != nil:
					in.SnapshotID = tt.snapshot(e)
				default:
					in.SnapshotID = e.snapshotOf(tt.source)
				}
				p, err := e.service().PlanRestore(as(t.Context(), "ann"), in)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(p.refusalCodes(), tt.want) || p.Confirmation != "" || !p.Expires.IsZero() {
					t.Errorf("the refusals are %+v", p.Refusals)
				}
				e.wantSteps("planned NOT_POSSIBLE")
			})
		})
	}
}

func (e *env) snapshotIn(cluster restore.ClusterKey, status restore.SnapshotStatus) string {
	e.t.Helper()
	list, err := e.reads.ClusterSnapshots(e.t.Context(), restore.SnapshotQuery{Cluster: cluster, First: 20})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, s := range list.Snapshots {
		if s.Status != nil && *s.Status == status {
			return s.SnapshotID
		}
	}
	e.t.Fatalf("%v has no such snapshot", cluster)
	return ""
}

// A point in time is in whole seconds, as Atlas takes it.

func TestPlanRestore_refusesFractionsOfSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		_, err := e.service().PlanRestore(as(t.Context(), "ann"), RestoreInput{
			Source: loyalty, Target: loyalty, PointInTime: time.Unix(1_700_000_000, 1),
		})
		if refusalOf(err) != InvalidInput {
			t.Errorf("got %v", err)
		}
	})
}

// A failure is no plan, and no "there is none".

func TestPlanRestore_reportsFailures(t *testing.T) {
	for _, path := range []string{
		"/clusters/shipping", "/backup/snapshots/", "/clusters/shipping/backup/restoreJobs", "/clusters/loyalty",
		"/groups/" + otherGroup,
	} {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			in := e.restoreOf(shipping, loyalty)
			e.sim.Inject(atlassim.Fault{PathContains: path, Status: http.StatusBadRequest, ErrorCode: "BROKEN"})
			p, err := e.service().PlanRestore(as(t.Context(), "ann"), in)
			if atlas.CodeOf(err) != "BROKEN" {
				t.Errorf("%s: got %+v, error %v", path, p, err)
			}
		})
	}
}

func TestPlanRestore_doesNotGuessTheCompliancePolicy(t *testing.T) {
	tests := map[string]struct {
		source restore.ClusterKey
		fault  *atlassim.Fault
		want   Compliance
	}{
		"there is none":     {source: shipping, want: ComplianceNone},
		"there is one":      {source: loyalty, want: ComplianceActive},
		"may not be read":   {source: shipping, fault: &atlassim.Fault{Status: 403}, want: ComplianceUnknown},
		"could not be read": {source: shipping, fault: &atlassim.Fault{Status: 400}, want: ComplianceUnknown},
	}
	for name, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			in := e.restoreOf(tt.source, shipping)
			if tt.fault != nil {
				tt.fault.PathContains = "/backupCompliancePolicy"
				e.sim.Inject(*tt.fault)
			}
			p, err := e.service().PlanRestore(as(t.Context(), "ann"), in)
			if err != nil || p.Compliance != tt.want || p.Confirmation == "" {
				t.Errorf("%s: got %v, error %v", name, p, err)
			}
		})
	}
}
