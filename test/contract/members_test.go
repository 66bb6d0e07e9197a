package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// unsent are recorded members that the simulator does not send, with the reason.
var unsent = map[string]map[string]string{
	"getGroupCluster": {
		"/effectiveIntelligentWorkloadManagementPolicies": "sent in July 2026 and not in August any more",
		"/tags/*/key":   "no Dedicated cluster of the seed has a tag; those of projects and instances show the form",
		"/tags/*/value": "as /tags/*/key",
	},
}

// The simulator sends every member that is recorded for the same operation. The document
// cannot say so: nearly all of its members are optional.
func TestSimulator_hasEveryRecordedMember(t *testing.T) {
	recorded := membersByOperation(t, officialDocument(t), recordings(t))

	e := newEnv(t)
	owner := e.token(t, ownerAccount)
	e.playLives(t, owner)
	e.play(t, scene{name: "all", want: http.StatusOK}, owner, false)
	e.play(t, scene{name: "small pages", want: http.StatusOK, applies: lists, ask: query("itemsPerPage", "1")}, owner,
		false)
	e.playDropped(t, owner)
	simulated := membersByOperation(t, e.document, e.wire.all())

	compared := 0
	for _, op := range operations {
		if len(recorded[op.id]) == 0 {
			continue
		}
		compared++
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(recorded[op.id])), func(m string) bool {
			return simulated[op.id][m] || unsent[op.id][m] != ""
		})
		for member := range unsent[op.id] {
			if simulated[op.id][member] || !recorded[op.id][member] {
				t.Errorf("%s: %s is listed as unsent for nothing", op.id, member)
			}
		}
		if len(missing) > 0 {
			t.Errorf("%s: Atlas sends %s too", op.id, strings.Join(missing, ", "))
		}
	}
	if compared == 0 {
		t.Error("no operation of the simulator is recorded")
	}
}

// playDropped looks at every cluster in the version that the document has dropped and Atlas was recorded in.
func (e *env) playDropped(t *testing.T, bearer string) {
	t.Helper()
	p := place{groupID: seedGroupID}
	for _, cluster := range e.ask(t, rowOf(t, "listGroupClusters"), p, bearer).Results {
		p.clusterName = cluster.Name
		req := e.request(t, rowOf(t, "getGroupCluster"), p, bearer)
		req.Header.Set("Accept", acceptVersion("2023-02-01"))
		if status, body := send(t, req); status != http.StatusOK {
			t.Errorf("%s: %d %s", cluster.Name, status, body)
		}
	}
}

// membersByOperation collects the paths of all members in answers of success.
func membersByOperation(t *testing.T, d *document, all []exchange) map[string]map[string]bool {
	t.Helper()
	found := map[string]map[string]bool{}
	for _, x := range all {
		if x.status >= 300 || len(x.body) == 0 || strings.HasPrefix(x.request.URL.Path, oauthPath) {
			continue
		}
		route, _, known, err := d.route(x.request)
		if err != nil || !known {
			continue
		}
		var value any
		if err := json.Unmarshal(x.body, &value); err != nil {
			t.Fatal(err)
		}
		id := route.Operation.OperationID
		if found[id] == nil {
			found[id] = map[string]bool{}
		}
		collectMembers(value, nil, found[id])
	}
	return found
}

func collectMembers(value any, path []string, into map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			at := append(slices.Clone(path), name)
			into[fieldName(at)] = true
			collectMembers(member, at, into)
		}
	case []any:
		for _, item := range v {
			collectMembers(item, append(slices.Clone(path), "0"), into)
		}
	}
}
