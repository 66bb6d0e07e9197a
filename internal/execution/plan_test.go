package execution

import (
	"testing"
	"unsafe"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

func hintsOf(oc *graphql.OperationContext) loader.Plan {
	return batchHints(rootFields(oc), oc.Variables)
}

func TestBatchHints_countTheDifferentThingsThatAnOperationAsksFor(t *testing.T) {
	const a = `serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000001") { id } `
	const b = `serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000002") { id } `
	tests := map[string]struct {
		query     string
		variables map[string]any
		want      int
	}{
		"one job":                       {"{" + a + "}", nil, 1},
		"the same job twice":            {"{ x: " + a + "y: " + a + "}", nil, 1},
		"two jobs":                      {"{ x: " + a + "y: " + b + "}", nil, 2},
		"no job":                        {"{ __typename }", nil, 0},
		"in a fragment":                 {"{ ...F } fragment F on Query { x: " + a + "... on Query { y: " + b + "} }", nil, 2},
		"one of them skipped":           {"query ($no: Boolean!) { x: " + a + "... @skip(if: $no) { y: " + b + "} }", map[string]any{"no": true}, 1},
		"by variables, with a default":  {`query ($j: ObjectID = "67ebae01a6713bc8f4000001") { x: ` + a + ` y: serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: $j) { id } }`, map[string]any{"j": "67ebae01a6713bc8f4000001"}, 1},
		"an argument that is malformed": {`{ x: ` + a + `y: serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "-", restoreJobId: "67ebae01a6713bc8f4000001") { id } }`, nil, 1},
		"an argument of another type":   {`{ serverlessRestoreJob(groupId: 1, clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000001") { id } }`, nil, 0},
	}
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, errs := gqlparser.LoadQueryWithRules(schema, tt.query, rules.NewDefaultRules())
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			oc := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: tt.variables}
			if got := hintsOf(oc).Jobs[restore.Serverless]; got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
	representations := []any{
		map[string]any{"__typename": "ServerlessRestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c", "id": "67ebae01a6713bc8f4000001"},
		map[string]any{"__typename": "ServerlessRestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c", "id": "67ebae01a6713bc8f4000001"},
		map[string]any{"__typename": "ServerlessRestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c", "id": "67ebae01a6713bc8f4000003"},
		map[string]any{"__typename": "RestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c", "id": "67ebae01a6713bc8f4000001"},
		map[string]any{"__typename": "AtlasCluster", "groupId": "63f3484e1f3a9b27c6000001", "name": "c"},
		map[string]any{"__typename": "AtlasCluster", "groupId": "63f3484e1f3a9b27c6000001", "name": "-"},
		map[string]any{"__typename": "AtlasProject", "id": "63f3484e1f3a9b27c6000001"},
		map[string]any{}, 1, nil,
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema, `query ($r: [_Any!]!) { `+a+` cluster(groupId: "63f3484e1f3a9b27c6000001", clusterName: "d") { id }
		snapshot(groupId: "63f3484e1f3a9b27c6000001", clusterName: "d", snapshotId: "67ebae01a6713bc8f4000001") { id }
		_entities(representations: $r) { __typename } }`, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	oc := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{"r": representations}}
	if got, want := hintsOf(oc), (loader.Plan{Jobs: loader.JobCounts{restore.Serverless: 2, restore.AnyTier: 1}, Clusters: 2, Snapshots: 1, Projects: 1}); got != want {
		t.Errorf("with references: got %+v, want %+v", got, want)
	}
	if got := hintsOf(&graphql.OperationContext{}); got.Jobs[restore.Serverless] != 0 {
		t.Errorf("without an operation: %+v", got)
	}
}

func TestBatchHints_prefetchJobsOfOneClusterThatAreAllThatIsAskedFor(t *testing.T) {
	job := func(field, cluster, id string) string {
		return field + `(groupId: "63f3484e1f3a9b27c6000001", clusterName: "` + cluster + `", restoreJobId: "67ebae01a6713bc8f400000` + id + `") { id } `
	}
	tests := map[string]struct {
		query string
		want  int
		api   restore.Tier
	}{
		"two jobs":                {"{ a: " + job("serverlessRestoreJob", "c", "1") + "b: " + job("serverlessRestoreJob", "c", "2") + "}", 2, restore.Serverless},
		"of any tier":             {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "}", 2, restore.AnyTier},
		"of Flex":                 {"{ a: " + job("flexRestoreJob", "c", "1") + "b: " + job("flexRestoreJob", "c", "2") + "}", 2, restore.Flex},
		"of Dedicated":            {"{ a: " + job("dedicatedRestoreJob", "c", "1") + "b: " + job("dedicatedRestoreJob", "c", "2") + "}", 2, restore.Dedicated},
		"with their type":         {"{ __typename a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "}", 2, restore.AnyTier},
		"one of them twice":       {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "c: " + job("restoreJob", "c", "2") + "}", 2, restore.AnyTier},
		"one job":                 {"{ a: " + job("restoreJob", "c", "1") + "}", 0, 0},
		"one job twice":           {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "1") + "}", 0, 0},
		"of two clusters":         {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "d", "2") + "}", 0, 0},
		"of two types":            {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("flexRestoreJob", "c", "2") + "}", 0, 0},
		"beside something else":   {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "projects { nodes { id } } }", 0, 0},
		"beside the schema's own": {"{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "_service { sdl } }", 0, 0},
	}
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, errs := gqlparser.LoadQueryWithRules(schema, tt.query, rules.NewDefaultRules())
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			got := hintsOf(&graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]}).Prefetch
			if tt.want == 0 {
				if got != nil {
					t.Errorf("got %+v", got)
				}
				return
			}
			if got == nil || len(got.Keys) != tt.want || got.Tier != tt.api || got.Cluster != (restore.ClusterKey{GroupID: "63f3484e1f3a9b27c6000001", Name: "c"}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestBatchHints_keysShareNoMemoryWithTheDocument(t *testing.T) {
	const query = `{ a: restoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000001") { id }
		b: restoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000002") { id } }`
	doc, errs := gqlparser.LoadQueryWithRules(generated.NewExecutableSchema(generated.Config{}).Schema(), query, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	start := uintptr(unsafe.Pointer(unsafe.StringData(doc.Position.Src.Input)))
	for _, key := range hintsOf(&graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]}).Prefetch.Keys {
		for _, text := range []string{key.GroupID, key.ClusterName, key.JobID} {
			if at := uintptr(unsafe.Pointer(unsafe.StringData(text))); at >= start && at < start+uintptr(len(query)) {
				t.Errorf("%s is a part of the document", text)
			}
		}
	}
}
