package gateway

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

// lackedByFlex are the fields of a serverless job that the Flex API does not have, as
// docs/querying.md lists them; expiresAt it has from the beginning.
var lackedByFlex = []string{
	"cancelled", "desiredTimestamp", "expired", "links", "oplogInc", "oplogTs", "pointInTimeUTCSeconds", "expiresAt",
}

func TestSunset_queryReturnsTheSameJobBeforeAndAfter(t *testing.T) {
	for name, setup := range setups {
		t.Run(name, func(t *testing.T) {
			tests := map[string]struct {
				labels []string
				after  string
				lacks  []string
			}{
				"an instance that became a Flex cluster": {
					labels: []string{"succeeded", "failed", "running"}, after: "FLEX", lacks: lackedByFlex,
				},
				"an instance that became a Dedicated cluster": {
					labels: []string{"becomesDedicated"}, after: "DEDICATED", lacks: []string{"links"},
				},
			}
			for name, tt := range tests {
				for _, label := range tt.labels {
					t.Run(name+", "+label, func(t *testing.T) {
						e := newEnv(t, setup)
						query := "{" + jobField("job", e.example(t, label), allFields) + "}"
						before := object(t, e.post(t, query, nil).Data["job"])
						e.sim.RetireServerless(true)
						r := e.postNoCache(t, query)
						if len(r.Errors) > 0 {
							t.Fatal(r.Raw)
						}
						after := object(t, r.Data["job"])
						if before["servedBy"] != "SERVERLESS" || after["servedBy"] != tt.after {
							t.Errorf("served by %v, then by %v", before["servedBy"], after["servedBy"])
						}
						for _, job := range []map[string]any{before, after} {
							maps.DeleteFunc(job, func(name string, _ any) bool {
								return name == "servedBy" || slices.Contains(tt.lacks, name)
							})
						}
						// Atlas's empty list of URLs has no counterpart in the Flex API.
						if urls, ok := before["deliveryUrl"].([]any); ok && len(urls) == 0 && after["deliveryUrl"] == nil {
							delete(before, "deliveryUrl")
							delete(after, "deliveryUrl")
						}
						if diff := cmp.Diff(before, after); diff != "" {
							t.Error(diff)
						}
					})
				}
			}
		})
	}
}

func TestSunset_fieldsThatFlexLacksAreNull(t *testing.T) {
	for name, setup := range setups {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, setup)
			e.sim.RetireServerless(true)
			for _, label := range []string{"succeeded", "failed", "running"} {
				job := object(t, e.post(t, "{"+jobField("job", e.example(t, label), allFields)+"}", nil).Data["job"])
				for _, name := range lackedByFlex {
					if name != "expiresAt" && job[name] != nil {
						t.Errorf("%s: %s is %v", label, name, job[name])
					}
				}
				if failed := job["failed"]; failed != (label == "failed") {
					t.Errorf("%s: failed is %v", label, failed)
				}
			}
		})
	}
}

func TestSunset_restoreJobReadsAnyTier(t *testing.T) {
	for name, setup := range setups {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, setup)
			want := map[string]string{
				"succeeded": "ServerlessRestoreJob", "flex": "FlexRestoreJob", "dedicated": "DedicatedRestoreJob",
				"sharded":        "DedicatedRestoreJob",
				"migratedToFlex": "FlexRestoreJob", "migratedToDedicated": "DedicatedRestoreJob",
			}
			var query strings.Builder
			for label := range want {
				query.WriteString(rootField(label, "restoreJob", e.example(t, label),
					"{ __typename id state ... on FlexRestoreJob { status } ... on DedicatedRestoreJob { components { "+
						"replicaSetName } } }"))
			}
			r := e.post(t, "{"+query.String()+"}", nil)
			if len(r.Errors) > 0 {
				t.Fatal(r.Raw)
			}
			for label, typename := range want {
				job := object(t, r.Data[label])
				if job["__typename"] != typename || job["id"] != e.example(t, label).RestoreJobID {
					t.Errorf("%s: got %v", label, job)
				}
			}
		})
	}
}

func TestSunset_migratedJobHasItsOldName(t *testing.T) {
	for name, setup := range setups {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, setup)
			for label, servedBy := range map[string]string{"migratedToFlex": "FLEX", "migratedToDedicated": "DEDICATED"} {
				r := e.post(t, "{"+jobField("job", e.example(t, label), "{ id servedBy state }")+"}", nil)
				if got := object(t, r.Data["job"]); got["servedBy"] != servedBy || got["state"] != "SUCCEEDED" {
					t.Errorf("%s: got %s", label, r.Raw)
				}
			}
		})
	}
}

// count is how many requests with this in their path Atlas has answered.
func (e *env) count(part string) int {
	return e.sim.CountCalls(func(c atlassim.Call) bool { return c.Status != 401 && strings.Contains(c.Path, part) })
}
