package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/execution"
)

// ref is a reference to an entity, as routers send it.
type ref = map[string]any

func jobRef(typename, cluster, id string) ref {
	return ref{"__typename": typename, "groupId": atlassim.SeedGroupID, "clusterName": cluster, "id": id}
}

func clusterRef(name string) ref {
	return ref{"__typename": "AtlasCluster", "groupId": atlassim.SeedGroupID, "name": name}
}

func projectRef(id string) ref { return ref{"__typename": "AtlasProject", "id": id} }

const entityQuery = `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename
	... on RestoreJob { groupId clusterName id state }
	... on AtlasCluster { groupId name tier }
	... on AtlasSnapshot { groupId clusterName id status }
	... on AtlasProject { id }
} }`

// entities asks for references.
func (e *env) entities(t *testing.T, refs ...ref) (entities []map[string]any, r result) {
	t.Helper()
	r = e.post(t, entityQuery, map[string]any{"representations": refs})
	if r.Data["_entities"] == nil {
		t.Fatal(r.Raw)
	}
	if err := json.Unmarshal(r.Data["_entities"], &entities); err != nil {
		t.Fatal(err)
	}
	if len(entities) != len(refs) {
		t.Fatalf("%d entities for %d references: %s", len(entities), len(refs), r.Raw)
	}
	return entities, r
}

// codes are the codes of errors by their paths.
func (r result) codes() map[string]string {
	codes := make(map[string]string)
	for _, e := range r.Errors {
		codes[fmt.Sprint(e.Path)] += fmt.Sprint(e.Extensions["code"])
	}
	return codes
}

// isEntityOf tells whether what was answered is what a reference named.
func isEntityOf(entity map[string]any, reference ref) bool {
	for name, want := range reference {
		if name != "__typename" && entity[name] != want {
			return false
		}
	}
	return entity["__typename"] == reference["__typename"] ||
		reference["__typename"] == "RestoreJob" && strings.HasSuffix(fmt.Sprint(entity["__typename"]), "RestoreJob")
}

func TestEntities_failOneByOneAtTheirIndex(t *testing.T) {
	e := newEnv(t)
	orders := e.ids(t, "serverlessRestoreJobs("+in("orders")+", first: 10)")
	const nowhere = "0123456789abcdef01234567"
	good := jobRef("ServerlessRestoreJob", "orders", orders[0])
	with := func(reference ref, name string, value any) ref {
		changed := ref{}
		for k, v := range reference {
			changed[k] = v
		}
		if changed[name] = value; value == absent {
			delete(changed, name)
		}
		return changed
	}
	refs := []ref{
		0:  good,
		1:  jobRef("ServerlessRestoreJob", "orders", nowhere),
		2:  with(good, "id", "x"),
		3:  with(good, "id", nil),
		4:  with(good, "id", absent),
		5:  with(good, "id", 12),
		6:  with(good, "id", []string{orders[0]}),
		7:  with(good, "groupId", nil),
		8:  with(good, "groupId", strings.ToUpper(atlassim.SeedGroupID[:23])+"G"),
		9:  with(good, "clusterName", "../../x"),
		10: with(good, "clusterName", strings.Repeat("a", 100_000)),
		11: with(good, "__typename", "Nothing"),
		12: with(good, "__typename", absent),
		13: with(good, "__typename", 7),
		14: with(good, "__typename", "Query"),
		15: {},
		16: good, // again
		17: jobRef("RestoreJob", "orders", orders[1]),
		18: jobRef("RestoreJob", "orders", nowhere),
		19: jobRef("FlexRestoreJob", "catalog", e.example(t, "flex").RestoreJobID),
		20: jobRef("DedicatedRestoreJob", "billing", e.example(t, "dedicated").RestoreJobID),
		21: clusterRef("billing"),
		22: clusterRef("nobody-has-this"),
		23: with(clusterRef("billing"), "name", absent),
		24: projectRef(atlassim.SeedGroupID),
		25: projectRef(nowhere),
		26: projectRef(""),
		27: jobRef("AtlasSnapshot", "catalog", e.snapshots(t, "catalog")[0]),
		28: jobRef("AtlasSnapshot", "catalog", nowhere),
		29: jobRef("ServerlessRestoreJob", "orders", orders[2]),
		30: with(good, "more than its key", "is ignored"),
	}
	entities, r := e.entities(t, refs...)
	want := map[string]string{
		"[_entities 1]": "NOT_FOUND", "[_entities 18]": "NOT_FOUND", "[_entities 22]": "NOT_FOUND",
		"[_entities 25]": "NOT_FOUND", "[_entities 28]": "NOT_FOUND", "[_entities 23]": "BAD_USER_INPUT",
		"[_entities 26]": "BAD_USER_INPUT",
	}
	for i := 2; i <= 15; i++ {
		want[fmt.Sprintf("[_entities %d]", i)] = "BAD_USER_INPUT"
	}
	if diff := cmp.Diff(want, r.codes()); diff != "" {
		t.Errorf("%s\n%s", diff, r.Raw)
	}
	delete(refs[30], "more than its key")
	for i, entity := range entities {
		_, failed := want[fmt.Sprintf("[_entities %d]", i)]
		if failed && entity != nil || !failed && !isEntityOf(entity, refs[i]) {
			t.Errorf("%d: %v is no answer to %.200v", i, entity, fmt.Sprint(refs[i]))
		}
	}
	for _, err := range r.Errors {
		if err.Extensions["code"] == "BAD_USER_INPUT" &&
			!strings.HasPrefix(fmt.Sprint(err.Extensions["argument"]), fmt.Sprintf("representations[%v].", err.Path[1])) {
			t.Errorf("the error names the argument %v: %s", err.Extensions["argument"], err.Message)
		}
	}
	for _, secret := range []string{"Nothing", "../", "aaaa"} {
		if strings.Contains(r.Raw, secret) {
			t.Errorf("the answer repeats %q of the question", secret)
		}
	}
}

const absent = "absent: this member is left out"

func TestEntities_errorsBelowHaveTheirPathBesideMalformedReferences(t *testing.T) {
	e := newEnv(t)
	r := e.post(t, `query ($r: [_Any!]!) { found: _entities(representations: $r) { ... on AtlasCluster { `+
		`restoreJobs(first: 0) { nodes { id } } } } }`,
		map[string]any{"r": []ref{{}, {}, clusterRef("orders")}})
	want := map[string]string{
		"[found 0]": "BAD_USER_INPUT", "[found 1]": "BAD_USER_INPUT", "[found 2 restoreJobs]": "BAD_USER_INPUT",
	}
	if diff := cmp.Diff(want, r.codes()); diff != "" {
		t.Errorf("%s\n%s", diff, r.Raw)
	}
}

func TestEntities_malformedOrTooLongListIsRejected(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) {
		c.Limits = document.DefaultLimits
		c.Limits.ListItems = execution.MaxReferences + 1
	}))
	long := make([]ref, execution.MaxReferences+1)
	for i := range long {
		long[i] = projectRef(atlassim.SeedGroupID)
	}
	for name, representations := range map[string]any{
		"too long": long, "numbers": []any{1}, "null": []any{nil}, "no list": 3, "lists": []any{[]any{}},
		"strings": []any{"x"},
	} {
		t.Run(name, func(t *testing.T) {
			e.sim.ResetCalls()
			r := e.post(t, entityQuery, map[string]any{"representations": representations})
			if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
				t.Error(r.Raw)
			}
			if n := e.count("/"); n != 0 {
				t.Errorf("%d calls of Atlas", n)
			}
		})
	}
	if entities, r := e.entities(t, long[:execution.MaxReferences]...); len(r.Errors) > 0 ||
		entities[execution.MaxReferences-1] == nil {
		t.Errorf("%.500s", r.Raw)
	}
}
