package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The simulator sends every member that Atlas was ever recorded to send in answer to the same operation. The document
// cannot say so: nearly all of its members are optional.
func TestNoRecordedMemberIsMissing(t *testing.T) {
	recorded := membersByOperation(t, officialDocument(t), recordings(t))

	e := newEnv(t)
	owner := e.token(t, ownerAccount)
	e.playLives(t, owner)
	e.play(t, scene{name: "all", want: http.StatusOK}, owner, false)
	e.play(t, scene{name: "small pages", want: http.StatusOK, applies: lists, ask: query("itemsPerPage", "1")}, owner, false)
	simulated := membersByOperation(t, e.document, e.wire.all())

	compared := 0
	for _, op := range operations {
		if len(recorded[op.id]) == 0 {
			continue
		}
		compared++
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(recorded[op.id])), func(m string) bool { return simulated[op.id][m] })
		if len(missing) > 0 {
			t.Errorf("%s: Atlas sends %s too", op.id, strings.Join(missing, ", "))
		}
	}
	if compared == 0 {
		t.Error("no operation of the simulator is recorded")
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
