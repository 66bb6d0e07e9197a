package cost_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/internal/cost"
)

var schema = generated.NewExecutableSchema(generated.Config{}).Schema()

func estimate(t *testing.T, query string, variables map[string]any) cost.Estimate {
	t.Helper()
	model, err := cost.NewModel(schema)
	if err != nil {
		t.Fatal(err)
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema, query, nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return model.Compile(doc.Operations[0]).Estimate(variables, cost.Credentials{})
}

const (
	project = `groupId:"aaaaaaaaaaaaaaaaaaaaaaaa"`
	cluster = project + `,clusterName:"c"`
)

// job asks for a job of a cluster, under an alias.
func job(alias, field, clusterName string, id int, selection string) string {
	return fmt.Sprintf(`%s:%s(%s,clusterName:%q,restoreJobId:"%024x"){%s} `, alias, field, project, clusterName, id,
		selection)
}

// jobs are n different jobs of one cluster.
func jobs(field, clusterName string, n int, selection string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(job(fmt.Sprint(clusterName, i), field, clusterName, i, selection))
	}
	return b.String()
}

// What an operation may take once beyond its fields: for lists that are read as a whole, and for
// clusters beyond 25.
const long, many = 10, 100

func TestEstimate_calls(t *testing.T) {
	refs := func(n int, typename string) map[string]any {
		list := make([]any, n)
		for i := range list {
			list[i] = map[string]any{
				"__typename": typename, "groupId": "g", "clusterName": "c", "id": strconv.Itoa(i), "name": strconv.Itoa(i),
			}
		}
		return map[string]any{"r": list}
	}
	const entities = `query($r:[_Any!]!){_entities(representations:$r){`
	tests := map[string]struct {
		query     string
		variables map[string]any
		calls     int
	}{
		"nothing":                  {query: "{__typename}"},
		"the schema":               {query: "{__schema{types{name fields{name}}} _service{sdl}}"},
		"one job, by three APIs":   {query: "{" + jobs("serverlessRestoreJob", "c", 1, "id") + "}", calls: 3},
		"one job, by one API":      {query: "{" + jobs("flexRestoreJob", "c", 1, "id") + "}", calls: 1},
		"two jobs of a cluster":    {query: "{" + jobs("restoreJob", "c", 2, "id") + "}", calls: 16},
		"twenty jobs of a cluster": {query: "{" + jobs("restoreJob", "c", 20, "id") + "}", calls: 88},
		"twenty jobs, by one API":  {query: "{" + jobs("dedicatedRestoreJob", "c", 20, "id") + "}", calls: 22},
		"jobs of two clusters": {
			query: "{" + jobs("restoreJob", "c", 2, "id") + jobs("restoreJob", "d", 2, "id") + "}", calls: 32,
		},
		"the same job twice": {
			query: "{" + job("a", "restoreJob", "c", 1, "id") + job("b", "restoreJob", "c", 1, "state") + "}", calls: 4,
		},
		"the same job by a variable": {
			query: `query($j:ObjectID!){` + job("a", "restoreJob", "c", 1, "id") + `b:restoreJob(` + cluster +
				`,restoreJobId:$j){id}}`, variables: map[string]any{"j": fmt.Sprintf("%024x", 1)}, calls: 4,
		},
		"a job and its links": {
			query: "{" + jobs("restoreJob", "c", 1, "snapshot{id} targetCluster{name project{name}}") + "}",
			calls: 4 + 4 + 3 + 1,
		},
		"a job's links by fragments": {
			query: "{" + jobs("restoreJob", "c", 1, "...A") +
				"} fragment A on RestoreJob{...{snapshot{id}} ...on FlexRestoreJob{targetCluster{name}}}", calls: 4 + 4 + 3,
		},
		"a fragment used twice": {
			query: "{...A ...B} fragment A on Query{projects{nodes{id}}} fragment B on Query{...A b:projects{nodes{id}}}",
			calls: 1 + long,
		},
		"what is skipped": {
			query: "query($yes:Boolean!){" +
				jobs("restoreJob", "c", 1, "snapshot @skip(if:$yes){id} targetCluster @include(if:$yes){name}") + "}",
			variables: map[string]any{"yes": true}, calls: 4 + 3,
		},
		"what is skipped with its fragment": {
			query: "query($yes:Boolean=false){" + jobs("restoreJob", "c", 1, "...@include(if:$yes){snapshot{id}}") + "}",
			calls: 4,
		},
		"what is not skipped": {
			query: "query($yes:Boolean!){" +
				jobs("restoreJob", "c", 1, "snapshot @skip(if:$yes){id} targetCluster @include(if:$yes){name}") + "}",
			variables: map[string]any{"yes": false}, calls: 4 + 4,
		},
		"a list of jobs":            {query: "{serverlessRestoreJobs(" + cluster + "){nodes{id}}}", calls: 5},
		"a long list of jobs":       {query: "{flexRestoreJobs(" + cluster + ",first:500){nodes{id}}}", calls: 3 + 1},
		"a list from some place on": {query: `{flexRestoreJobs(` + cluster + `,after:"x"){nodes{id}}}`, calls: 3 + 10},
		"the links of a list, together": {
			query: "{flexRestoreJobs(" + cluster + ",first:100){nodes{snapshot{id} targetCluster{name}}}}",
			calls: 3 + 4 + 6*3 + long,
		},
		"the links of a short list": {
			query: "{flexRestoreJobs(" + cluster + ",first:2){edges{node{snapshot{id} targetCluster{name}}}}}",
			calls: 3 + 4 + 2*3 + long,
		},
		"the links of no list": {
			query: "{flexRestoreJobs(" + cluster + ",first:0){nodes{snapshot{id} targetCluster{name}}}}", calls: 3,
		},
		"a project": {query: "{restoreJobs(" + project + "){nodes{id}}}", calls: 3 + 25*(2+2) + long + many},
		"some clusters of a project": {
			query: "{restoreJobs(" + project + `,clusterNames:["a","b"]){nodes{id}}}`, calls: 2 * (2 + 2 + 2),
		},
		"some clusters by a variable": {
			query:     "query($c:[ClusterName!]){restoreJobs(" + project + `,clusterNames:$c){nodes{id}}}`,
			variables: map[string]any{"c": []any{"a", "b", "c"}}, calls: 3 * (2 + 2 + 2),
		},
		"no clusters are all": {
			query: "{restoreJobs(" + project + `,clusterNames:[]){nodes{id}}}`, calls: 3 + 25*(2+2) + long + many,
		},
		"rare jobs of a project": {
			query: "{restoreJobs(" + project + `,states:[FAILED]){nodes{id}}}`, calls: 3 + 25*(10+2) + long + many,
		},
		"a project from some place on": {
			query: "{restoreJobs(" + project + `,after:"x"){nodes{id}}}`, calls: 3 + 25*(2+10+2) + long + many,
		},
		"a project and links": {
			query: "{restoreJobs(" + project + `,first:500){nodes{snapshot{id} targetCluster{name}}}}`,
			calls: 3 + 25*(2+2) + 25*4 + 6*3 + long + many,
		},
		"the clusters of a project": {
			query: "{project(" + project + "){clusters(first:10){nodes{name project{id}}}}}", calls: 1 + 3 + 1 + long,
		},
		"the jobs of the clusters": {
			query: "{project(" + project + "){clusters(first:10){nodes{restoreJobs(first:5){nodes{snapshot{id}}}}}}}",
			calls: 1 + 3 + 10*5 + 10*4 + long,
		},
		"by the first of a variable": {
			query:     "query($n:Int!){project(" + project + "){clusters(first:$n){nodes{snapshots{nodes{id}}}}}}",
			variables: map[string]any{"n": int64(7)}, calls: 1 + 3 + 7*4 + long,
		},
		"by the first of a default": {
			query: "query($n:Int=8){project(" + project + "){clusters(first:$n){nodes{snapshots{nodes{id}}}}}}",
			calls: 1 + 3 + 8*4 + long,
		},
		"by a first beyond the bound": {
			query: "{project(" + project + "){clusters(first:2147483647){nodes{snapshots{nodes{id}}}}}}",
			calls: 1 + 3 + 500*4 + long,
		},
		"by no first": {
			query: "{project(" + project + "){clusters(first:null){nodes{snapshots{nodes{id}}}}}}", calls: 1 + 3 + 20*4 + long,
		},
		"by a first below it": {
			query: "{project(" + project + "){clusters(first:-1){nodes{snapshots{nodes{id}}}}}}", calls: 1 + 3 + long,
		},
		"lists in lists in lists": {
			query: "{projects(first:500){nodes{clusters(first:500){nodes{restoreJobs(first:500){nodes{snapshot{id}}}}}}}}",
			calls: 1 + 500*3 + 500*500*(5+1) + 500*500*4 + long,
		},
		"nodes and edges": {
			query: "{project(" + project +
				"){clusters(first:10){nodes{snapshots{nodes{id}}} edges{node{snapshots{nodes{id}}}}}}}",
			calls: 1 + 3 + 2*10*4 + long,
		},
		"references to jobs": {
			query: entities + "__typename}}", variables: refs(100, "ServerlessRestoreJob"), calls: 3 * 102,
		},
		"references to jobs of any tier": {query: entities + "__typename}}", variables: refs(2, "RestoreJob"), calls: 4 * 4},
		"references to clusters": {
			query: entities + "...on AtlasCluster{name}}}", variables: refs(50, "AtlasCluster"), calls: 3*52 + long,
		},
		"references to one project": {
			query: entities + "...on AtlasProject{name}}}", variables: refs(1, "AtlasProject"), calls: 1,
		},
		"references and what they hold": {
			query: entities + "...on AtlasCluster{restoreJobs{nodes{id}}} ...on AtlasSnapshot{id} ...on " +
				"ServerlessRestoreJob{snapshot{id}}}}", variables: refs(10, "AtlasCluster"), calls: 3*12 + 10*5 + long,
		},
		"an organization": {query: `{organization(id:"o"){name projects{nodes{id}}}}`, calls: 1 + 1 + long},
		"the jobs of an organization": {
			query: `{organization(id:"o"){restoreJobs(first:20){nodes{id}}}}`, calls: 1 + 1 + 810 + long,
		},
		"the jobs of two organizations": {
			query: `{organizations(first:2){nodes{restoreJobs(first:20){nodes{id}}}}}`, calls: 1 + 1 + 2*810 + long,
		},
		"events, exports and buckets": {
			query: "{project(" + project + "){exportBuckets{nodes{id}} restoreEvents{nodes{id}} backupCompliancePolicy{state} " +
				"clusters(first:3){nodes{snapshotExports{nodes{id}} restoreEvents{nodes{id}}}}}}",
			calls: 1 + 2 + 2 + 1 + 3 + 3*(2+2) + long,
		},
		"the collections of a restore": {
			query: "{" + jobs("collectionRestoreJob", "c", 1, "progress{fraction} collections{nodes{state}}") + "}", calls: 1 + 2,
		},
		"the snapshots of a cluster": {query: "{cluster(" + cluster + "){snapshots{nodes{id}}}}", calls: 3 + 4 + long},
		"snapshots from some place on": {
			query: "{cluster(" + cluster + `){snapshots(after:"x",first:499){nodes{id}}}}`, calls: 3 + 4 + 1 + 10 + long,
		},
		"all projects, twice":     {query: "{a:projects{nodes{id}} b:projects{nodes{id}}}", calls: 1 + long},
		"the links of two jobs":   {query: "{" + jobs("flexRestoreJob", "c", 2, "snapshot{id}") + "}", calls: 4 + 2*4 + long},
		"references to snapshots": {query: entities + "__typename}}", variables: refs(2, "AtlasSnapshot"), calls: 4*4 + long},
		"references to nothing": {
			query: entities + "...on AtlasCluster{restoreJobs{nodes{id}}}}}", variables: refs(10, "Other"),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := estimate(t, tt.query, tt.variables).Calls; got != tt.calls {
				t.Errorf("got %d, want %d", got, tt.calls)
			}
		})
	}
}

func TestEstimate_countsCredentials(t *testing.T) {
	const other = `groupId:"bbbbbbbbbbbbbbbbbbbbbbbb"`
	three := cost.Credentials{Listed: 3, Searched: 2}
	for _, tt := range []struct {
		name, query string
		variables   map[string]any
		calls       int
	}{
		{name: "all projects", query: "{projects{nodes{clusters{nodes{name}}}}}", calls: 3 + 20*3 + long},
		{name: "a project", query: "{project(" + project + "){id}}", calls: 1 + 2},
		{
			name:  "things of one project",
			query: "{a:flexRestoreJobs(" + cluster + "){nodes{id}} b:cluster(" + cluster + "){name}}", calls: 3 + 3 + 2,
		},
		{
			name: "things of two projects", query: "{a:project(" + project + "){id} b:project(" + other + "){id}}",
			calls: 2 * (1 + 2),
		},
		{
			name: "the target of a job", query: "{" + jobs("flexRestoreJob", "c", 1, "targetCluster{name}") + "}",
			calls: 1 + 3 + 2*2,
		},
		{
			name: "the targets of a list", query: "{flexRestoreJobs(" + cluster + "){nodes{targetCluster{name}}}}",
			calls: 3 + 6*3 + 2*(1+3) + long,
		},
		{
			name: "references to projects", query: "query($r:[_Any!]!){_entities(representations:$r){__typename}}",
			variables: map[string]any{"r": []any{
				map[string]any{"__typename": "AtlasProject", "id": "a"}, map[string]any{"__typename": "AtlasProject", "id": "b"},
				map[string]any{"__typename": "AtlasProject", "id": "c"},
			}},
			calls: 3 + 2 + 2 + 3*2 + long,
		},
	} {
		model, err := cost.NewModel(schema)
		if err != nil {
			t.Fatal(err)
		}
		doc, errs := gqlparser.LoadQueryWithRules(schema, tt.query, nil)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		if got := model.Compile(doc.Operations[0]).Estimate(tt.variables, three).Calls; got != tt.calls {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.calls)
		}
	}
}

func TestEstimate_fields(t *testing.T) {
	for query, want := range map[string]int{
		"{__typename}": 1,
		"{flexRestoreJobs(" + cluster + ",first:100){nodes{id state}}}":              2 + 100*2,
		"{flexRestoreJobs(" + cluster + ",first:100){edges{cursor node{id state}}}}": 2 + 100*4,
		"{flexRestoreJobs(" + cluster + ",first:100){a:nodes{id} b:nodes{id}}}":      3 + 2*100,
		"{flexRestoreJobs(" + cluster + ",first:100){nodes{links{href rel}}}}":       2 + 100*(1+5*2),
		"{...A} fragment A on Query{...B ...B} fragment B on Query{__typename}":      2,
	} {
		if got := estimate(t, query, nil).Fields; got != want {
			t.Errorf("%s: got %d, want %d", query, got, want)
		}
	}
	// Introspection counts for what the schema has, on the average.
	fields := 0
	for _, def := range schema.Types {
		fields += len(def.Fields)
	}
	for _, query := range []string{
		"{__schema{types{fields{name}}}}", "{__schema{...A}} fragment A on __Schema{types{...on __Type{fields{name}}}}",
	} {
		if got := estimate(t, query, nil).Fields; got < fields || got > 2*fields {
			t.Errorf("%s: got %d, and the schema has %d", query, got, fields)
		}
	}
}

func TestEstimate_doesNotOverflow(t *testing.T) {
	var query strings.Builder
	query.WriteString("{projects(first:500){nodes{")
	depth := 30
	for range depth {
		query.WriteString("clusters(first:500){nodes{project{")
	}
	query.WriteString("id")
	query.WriteString(strings.Repeat("}}}", depth+1))
	if e := estimate(t, query.String(), nil); e.Calls < 1<<39 || e.Fields < 1<<39 {
		t.Errorf("got %+v", e)
	}
}

// TestEstimate_isTheWeightInTheSchema holds what others read from the schema
// against what is refused here.
func TestEstimate_isTheWeightInTheSchema(t *testing.T) {
	weighed := 0
	for _, field := range schema.Query.Fields {
		weight := field.Directives.ForName("cost")
		if weight == nil {
			continue
		}
		weighed++
		var arguments []string
		for _, a := range field.Arguments {
			if a.Type.NonNull {
				arguments = append(arguments, a.Name+`:"x"`)
			}
		}
		query := "{" + field.Name
		if len(arguments) > 0 {
			query += "(" + strings.Join(arguments, ",") + ")"
		}
		if got := estimate(t, query+"{__typename}}", nil).Calls; strconv.Itoa(got) != weight.Arguments.ForName("weight").Value.Raw {
			t.Errorf("%s weighs %s and is estimated at %d", field.Name, weight.Arguments.ForName("weight").Value.Raw, got)
		}
	}
	if weighed < 10 {
		t.Errorf("only %d fields of Query have a weight", weighed)
	}
}

// TestSchema_fetchedFieldsHaveAWeight walks the schema: a field with arguments, or of a type that
// has a weight of its own, costs a call.
func TestSchema_fetchedFieldsHaveAWeight(t *testing.T) {
	for _, def := range schema.Types {
		if def.Kind != ast.Object || def.Name == "Entity" || strings.HasPrefix(def.Name, "_") ||
			strings.HasSuffix(def.Name, "Connection") || strings.HasSuffix(def.Name, "Edge") {
			continue
		}
		for _, field := range def.Fields {
			if strings.HasPrefix(field.Name, "_") {
				continue
			}
			ofOwn := schema.Types[field.Type.Name()].Directives.ForName("key") != nil
			if (len(field.Arguments) > 0 || ofOwn) && field.Directives.ForName("cost") == nil {
				t.Errorf("%s.%s has no @cost", def.Name, field.Name)
			}
		}
	}
}

func TestNewModel_rejectsMalformedWeights(t *testing.T) {
	const directives = `directive @cost(weight: String!) on FIELD_DEFINITION directive @listSize(assumedSize: String) ` +
		`on FIELD_DEFINITION `
	for text, want := range map[string]string{
		`type Query { a: Int @cost(weight: "x") }`:          "no number of calls",
		`type Query { a: Int @cost(weight: "-1") }`:         "no number of calls",
		`type Query { a: Int @listSize(assumedSize: "x") }`: "assumedSize",
		`type Query { a: Int }`:                             "the schema has 0 of the",
	} {
		s := gqlparser.MustLoadSchema(&ast.Source{Input: directives + text})
		if _, err := cost.NewModel(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
