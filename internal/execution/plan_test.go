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
	const a = `serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: ` +
		`"67ebae01a6713bc8f4000001") { id } `
	const b = `serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: ` +
		`"67ebae01a6713bc8f4000002") { id } `
	tests := map[string]struct {
		query     string
		variables map[string]any
		want      int
	}{
		"one job":            {query: "{" + a + "}", want: 1},
		"the same job twice": {query: "{ x: " + a + "y: " + a + "}", want: 1},
		"two jobs":           {query: "{ x: " + a + "y: " + b + "}", want: 2},
		"no job":             {query: "{ __typename }"},
		"in a fragment": {
			query: "{ ...F } fragment F on Query { x: " + a + "... on Query { y: " + b + "} }", want: 2,
		},
		"one of them skipped": {
			query:     "query ($no: Boolean!) { x: " + a + "... @skip(if: $no) { y: " + b + "} }",
			variables: map[string]any{"no": true}, want: 1,
		},
		"by variables, with a default": {
			query: `query ($j: ObjectID = "67ebae01a6713bc8f4000001") { x: ` + a +
				` y: serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: $j) { id } }`,
			variables: map[string]any{"j": "67ebae01a6713bc8f4000001"}, want: 1,
		},
		"an argument that is malformed": {
			query: `{ x: ` + a + `y: serverlessRestoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "-", ` +
				`restoreJobId: "67ebae01a6713bc8f4000001") { id } }`, want: 1,
		},
		"an argument of another type": {
			query: `{ serverlessRestoreJob(groupId: 1, clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000001") { id } }`,
		},
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
		map[string]any{
			"__typename": "ServerlessRestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c",
			"id": "67ebae01a6713bc8f4000001",
		},
		map[string]any{
			"__typename": "ServerlessRestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c",
			"id": "67ebae01a6713bc8f4000001",
		},
		map[string]any{
			"__typename": "ServerlessRestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c",
			"id": "67ebae01a6713bc8f4000003",
		},
		map[string]any{
			"__typename": "RestoreJob", "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "c",
			"id": "67ebae01a6713bc8f4000001",
		},
		map[string]any{"__typename": "AtlasCluster", "groupId": "63f3484e1f3a9b27c6000001", "name": "c"},
		map[string]any{"__typename": "AtlasCluster", "groupId": "63f3484e1f3a9b27c6000001", "name": "-"},
		map[string]any{"__typename": "AtlasProject", "id": "63f3484e1f3a9b27c6000001"},
		map[string]any{}, 1, nil,
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema,
		`query ($r: [_Any!]!) { `+a+` cluster(groupId: "63f3484e1f3a9b27c6000001", clusterName: "d") { id }
		snapshot(groupId: "63f3484e1f3a9b27c6000001", clusterName: "d", snapshotId: "67ebae01a6713bc8f4000001") { id }
		_entities(representations: $r) { __typename } }`, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	oc := &graphql.OperationContext{
		Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{"r": representations},
	}
	if got, want := hintsOf(oc),
		(loader.Plan{
			Jobs: loader.JobCounts{restore.Serverless: 2, restore.AnyTier: 1}, Clusters: 2, Snapshots: 1, Projects: 1,
		}); got != want {
		t.Errorf("with references: got %+v, want %+v", got, want)
	}
	if got := hintsOf(&graphql.OperationContext{}); got.Jobs[restore.Serverless] != 0 {
		t.Errorf("without an operation: %+v", got)
	}
}

func TestBatchHints_prefetchJobsOfOneClusterThatAreAllThatIsAskedFor(t *testing.T) {
	job := func(field, cluster, id string) string {
		return field + `(groupId: "63f3484e1f3a9b27c6000001", clusterName: "` + cluster +
			`", restoreJobId: "67ebae01a6713bc8f400000` + id + `") { id } `
	}
	tests := map[string]struct {
		query string
		want  int
		api   restore.Tier
	}{
		"two jobs": {
			query: "{ a: " + job("serverlessRestoreJob", "c", "1") + "b: " + job("serverlessRestoreJob", "c", "2") + "}",
			want:  2, api: restore.Serverless,
		},
		"of any tier": {
			query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "}", want: 2,
			api: restore.AnyTier,
		},
		"of Flex": {
			query: "{ a: " + job("flexRestoreJob", "c", "1") + "b: " + job("flexRestoreJob", "c", "2") + "}", want: 2,
			api: restore.Flex,
		},
		"of Dedicated": {
			query: "{ a: " + job("dedicatedRestoreJob", "c", "1") + "b: " + job("dedicatedRestoreJob", "c", "2") + "}", want: 2,
			api: restore.Dedicated,
		},
		"with their type": {
			query: "{ __typename a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "}", want: 2,
			api: restore.AnyTier,
		},
		"one of them twice": {
			query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "c: " +
				job("restoreJob", "c", "2") + "}", want: 2, api: restore.AnyTier,
		},
		"one job":         {query: "{ a: " + job("restoreJob", "c", "1") + "}"},
		"one job twice":   {query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "1") + "}"},
		"of two clusters": {query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "d", "2") + "}"},
		"of two types": {
			query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("flexRestoreJob", "c", "2") + "}",
		},
		"beside something else": {
			query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "projects { nodes { id } } }",
		},
		"beside the schema's own": {
			query: "{ a: " + job("restoreJob", "c", "1") + "b: " + job("restoreJob", "c", "2") + "_service { sdl } }",
		},
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
			if got == nil || len(got.Keys) != tt.want || got.Tier != tt.api ||
				got.Cluster != (restore.ClusterKey{GroupID: "63f3484e1f3a9b27c6000001", Name: "c"}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestBatchHints_keysShareNoMemoryWithTheDocument(t *testing.T) {
	const query = `{ a: restoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000001") { id }
		b: restoreJob(groupId: "63f3484e1f3a9b27c6000001", clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000002") { id } }`
	doc, errs := gqlparser.LoadQueryWithRules(generated.NewExecutableSchema(generated.Config{}).Schema(), query,
		rules.NewDefaultRules())
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
