package execution

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"atlas-restore-gateway/graph/fastpath"
	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/graph/resolvers"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/cost"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/test/filler"
)

const (
	projectA = "aaaaaaaaaaaaaaaaaaaaaaaa"
	projectB = "bbbbbbbbbbbbbbbbbbbbbbbb"
)

var testResolver = &resolvers.Resolver{Audit: func(context.Context, restore.Key, string) error { return nil }}

var testSchema = generated.NewExecutableSchema(generated.Config{Resolvers: testResolver})

// counter counts what a fast path has written.
type counter struct{ values atomic.Int64 }

// fastPath returns a fast path that counts.
func (c *counter) fastPath() *fastpath.FastPath {
	fast := NewFastPath(testResolver.Query())
	writerOf := fast.WriterOf
	fast.WriterOf = func(value any) fastpath.WriteFunc {
		write := writerOf(value)
		if write == nil {
			return nil
		}
		return func(ctx context.Context, w *fastpath.Writer, sel ast.SelectionSet) bool {
			if !write(ctx, w, sel) {
				return false
			}
			c.values.Add(1)
			return true
		}
	}
	return fast
}

// execute executes an operation and returns its response as JSON.
func execute(t *testing.T, fast *fastpath.FastPath, reader loader.Reader, query string) string {
	t.Helper()
	exec := executor.New(testSchema)
	Use(exec, testSchema, Config{Reader: reader, Concurrency: 4, FastPath: fast})
	ctx := graphql.StartOperationTrace(t.Context())
	oc, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if len(errs) > 0 {
		t.Fatalf("%v: %s", errs, query)
	}
	respond, ctx := exec.DispatchOperation(ctx, oc)
	response := respond(ctx)
	// Fields are executed concurrently.
	slices.SortStableFunc(response.Errors, func(a, b *gqlerror.Error) int {
		return strings.Compare(a.Path.String(), b.Path.String())
	})
	out, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// tryAnswer answers a query by the fast path alone; "" is for what is left to gqlgen.
func tryAnswer(t *testing.T, reader loader.Reader, query string) string {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(testSchema.Schema(), query, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatalf("%v: %s", errs, query)
	}
	fields := rootFields(&graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]})
	hints := batchHints(fields, nil)
	operation, ok := keyedJobs(fields, hints)
	if !ok {
		return ""
	}
	loaders := loader.New(t.Context(), reader, 1, hints)
	defer loaders.Close()
	loaders.Prefetch()
	response, ok := NewFastPath(testResolver.Query()).TryAnswer(loaders.With(t.Context()), operation)
	if !ok {
		return ""
	}
	return string(response.Data)
}

// hasResolver are the fields that have a resolver, or are lists of scalars: gqlgen executes them.
var hasResolver = []string{
	"deliveryUrl", "downloadUrl", "snapshotUrl", "snapshot", "targetCluster", "copyRegions", "policyItems", "members",
	"snapshotIds",
	"restoreJobs", "snapshots", "project", "clusters", "projects", "collections", "failedIndexes", "snapshotExports",
	"exportBuckets", "restoreEvents", "backupCompliancePolicy", "username", "publicKey", "remoteAddress",
	"delegatePrincipals", "updatedUser", "authorizedEmail", "authorizedUserFirstName", "authorizedUserLastName",
}

// isExecuted reports whether gqlgen must execute a field.
func isExecuted(typename, field string) bool {
	return slices.Contains(hasResolver, field) || field == "links" && strings.HasSuffix(typename, "RestoreJob")
}

// queryMaker makes queries at random, in all the ways in which a selection can be written.
type queryMaker struct{ *rand.Rand }

// selection makes a selection of fields of a type. One in n fields that gqlgen must execute is selected, none with 0.
func (r queryMaker) selection(typename string, executed, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename ")
	schema := testSchema.Schema()
	definition := schema.Types[typename]
	if definition.Kind == ast.Union {
		// Of types whose fields can be merged: those of one name have one type.
		types := [][]string{
			{"AtlasCluster"}, {"AtlasProject"}, {"AtlasSnapshot"}, {"AtlasOrganization"}, {"CollectionRestoreJob"},
			{"ServerlessRestoreJob", "FlexRestoreJob", "DedicatedRestoreJob"},
		}
		for _, one := range types[r.IntN(len(types))] {
			b.WriteString("... on " + one + " " + r.selection(one, executed, depth+1))
		}
		return b.String() + "} "
	}
	for range 1 + r.IntN(8) {
		field := definition.Fields[r.IntN(len(definition.Fields))]
		of := schema.Types[field.Type.Name()]
		switch {
		case strings.HasPrefix(field.Name, "__"), of.IsCompositeType() && depth > 4:
			continue
		case isExecuted(typename, field.Name) && (executed == 0 || r.IntN(executed) > 0):
			continue
		case r.IntN(3) == 0:
			// The same name for the same field, wherever it stands.
			b.WriteString("a_" + field.Name + ": ")
		}
		b.WriteString(field.Name + " ")
		if of.IsCompositeType() {
			b.WriteString(r.selection(of.Name, executed, depth+1))
		}
	}
	if depth < 3 {
		switch on := typename; r.IntN(6) {
		case 0:
			b.WriteString("... " + r.selection(typename, executed, depth+1))
		case 1:
			b.WriteString("... on " + on + r.selection(on, executed, depth+1))
		case 2:
			if strings.HasSuffix(typename, "RestoreJob") {
				b.WriteString("... on RestoreJob " + r.selection("RestoreJob", executed, depth+1))
			}
		case 3:
			if typename == "RestoreJob" {
				b.WriteString("... on FlexRestoreJob { targetProjectId } ... on DedicatedRestoreJob { oplogTs }")
			}
		}
	}
	return b.String() + "} "
}

// query asks for the same root field several times.
func (r queryMaker) query(field *ast.FieldDefinition, executed int) string {
	var b strings.Builder
	b.WriteString("{ ")
	for i := range 1 + r.IntN(3) {
		var arguments string
		for name, value := range map[string]string{
			"groupId": projectA, "clusterName": "c", "restoreJobId": fmt.Sprintf("67ebae01a6713bc8f4%06d", i),
			"snapshotId": fmt.Sprintf("67ebae01a6713bc8f4%06d", i), "id": projectA,
		} {
			if field.Arguments.ForName(name) != nil {
				arguments += fmt.Sprintf("%s: %q ", name, value) //nolint:perfsprint // a handful
			}
		}
		if field.Name == entitiesField {
			arguments = "representations: [" + references(i, 1+r.IntN(8)) + "]"
		}
		if arguments != "" {
			arguments = "(" + arguments + ") "
		}
		fmt.Fprintf(&b, "r%d: %s%s%s ", i, field.Name, arguments, r.selection(field.Type.Name(), executed, 0))
	}
	return b.String() + "}"
}

// references returns n references of different types.
func references(from, n int) string {
	var b strings.Builder
	types := entityTypes()
	for i := range n {
		id := fmt.Sprintf("67ebae01a6713bc8f4%06d", i)
		fmt.Fprintf(&b, `{ __typename: %q, groupId: %q, clusterName: "c", name: "c", id: %q } `, types[(from+i)%len(types)],
			projectA, id)
	}
	return b.String()
}

// compare has the same queries answered with the fast path and without. It returns how many there were, and how many
// values the fast path has written.
func compare(t *testing.T, reader loader.Reader, seed uint64) (queries, written int) {
	t.Helper()
	var c counter
	r := queryMaker{rand.New(rand.NewPCG(seed, 1))}
	for _, field := range testSchema.Schema().Query.Fields {
		if strings.HasPrefix(field.Name, "__") || field.Name == serviceField {
			continue
		}
		query := r.query(field, []int{0, 0, 10}[seed%3])
		queries++
		got, want := execute(t, c.fastPath(), reader, query), execute(t, nil, reader, query)
		if got != want {
			t.Fatalf("%s\ngot  %s\nwant %s", query, got, want)
		}
	}
	return queries, int(c.values.Load())
}

func TestFastPath_writesWhatGqlgenWrites(t *testing.T) {
	t.Parallel()
	for name, reader := range testReaders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var queries, written int
			for seed := range uint64(30) {
				q, w := compare(t, reader, seed)
				queries, written = queries+q, written+w
			}
			// What is left to gqlgen selects an object twice, or holds an error.
			if written < queries/2 {
				t.Errorf("only %d values of %d queries were written", written, queries)
			}
		})
	}
}

func FuzzFastPath(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		for _, reader := range testReaders {
			compare(t, reader, seed)
		}
	})
}

// TestFastPath_answersOperationsOfKeyedJobs compares whole operations.
func TestFastPath_answersOperationsOfKeyedJobs(t *testing.T) {
	for _, name := range []string{"full", "empty"} {
		t.Run(name, func(t *testing.T) {
			answered := 0
			for seed := range uint64(100) {
				r := queryMaker{rand.New(rand.NewPCG(seed, 2))}
				for field := range jobRoots {
					query := r.query(testSchema.Schema().Query.Fields.ForName(field), 0)
					got := tryAnswer(t, testReaders[name], query)
					if got == "" {
						continue
					}
					answered++
					if want := execute(t, nil, testReaders[name], query); `{"data":`+got+`}` != want {
						t.Fatalf("%s\ngot  %s\nwant %s", query, got, want)
					}
				}
			}
			// What is left to gqlgen selects an object twice.
			if answered < 200 {
				t.Errorf("only %d of 400 were answered", answered)
			}
		})
	}
}

var jobRoots = map[string]string{
	"serverlessRestoreJob": "ServerlessRestoreJob", "flexRestoreJob": "FlexRestoreJob",
	"dedicatedRestoreJob": "DedicatedRestoreJob", "restoreJob": "RestoreJob",
	"collectionRestoreJob": "CollectionRestoreJob",
}

func keyIn(project string) string {
	return fmt.Sprintf(`(groupId: %q, clusterName: "c", restoreJobId: "67ebae01a6713bc8f4000001") `, project)
}

func TestFastPath_writesEachFieldOfAJobThatHasNoResolver(t *testing.T) {
	for root, typename := range jobRoots {
		for _, field := range testSchema.Schema().Types[typename].Fields {
			selection := field.Name
			if of := testSchema.Schema().Types[field.Type.Name()]; of.IsCompositeType() {
				selection += " { __typename }"
			}
			query := "{ " + root + keyIn(projectA) + "{ " + selection + " } }"
			if got := tryAnswer(t, testReaders["full"], query); (got == "") != isExecuted(typename, field.Name) {
				t.Errorf("%s.%s: got %q", typename, field.Name, got)
			}
		}
	}
}

// TestFastPath_writesEachFieldOfAListThatHasNoResolver asks for one field of what lies in a connection.
func TestFastPath_writesEachFieldOfAListThatHasNoResolver(t *testing.T) {
	schema := testSchema.Schema()
	const cluster = `(groupId: "` + projectA + `", clusterName: "c") `
	for root, list := range map[string]string{
		"serverlessRestoreJobs" + cluster:                "ServerlessRestoreJobConnection",
		"flexRestoreJobs" + cluster:                      "FlexRestoreJobConnection",
		"dedicatedRestoreJobs" + cluster:                 "DedicatedRestoreJobConnection",
		"collectionRestoreJobs" + cluster:                "CollectionRestoreJobConnection",
		"restoreJobs" + `(groupId: "` + projectA + `") `: "RestoreJobConnection",
		"projects": "AtlasProjectConnection",
	} {
		node := strings.TrimSuffix(list, "Connection")
		selections := map[string]bool{
			"pageInfo { startCursor endCursor hasNextPage hasPreviousPage } estimatedTotalCount": true,
		}
		for _, field := range schema.Types[node].Fields {
			selection := field.Name
			if schema.Types[field.Type.Name()].IsCompositeType() {
				selection += " { __typename }"
			}
			selections["nodes { "+selection+" }"] = !isExecuted(node, field.Name)
			selections["edges { cursor node { "+selection+" } }"] = !isExecuted(node, field.Name)
		}
		for selection, want := range selections {
			var c counter
			query := "{ " + root + "{ " + selection + " } }"
			execute(t, c.fastPath(), testReaders["full"], query)
			// The connection is one value, with all that lies in it.
			if got := c.values.Load(); want && got != 1 || !want && strings.Contains(selection, "{ __typename }") == (got == 0) {
				t.Errorf("%s: %d values were written", query, got)
			}
		}
	}
}

func TestFastPath_leavesWhatNeedsAnExecutionToGqlgen(t *testing.T) {
	one := func(selection string) string { return "{ restoreJob" + keyIn(projectA) + selection + " }" }
	two := func(first, second string) string { return "{ a: " + first + " { id } b: " + second + " { id } }" }
	// As many steps as there are atoms, where each spread is followed.
	var doubling strings.Builder
	doubling.WriteString(" fragment F on RestoreJob { ...F0 ...F0 }")
	for i := range 256 {
		fmt.Fprintf(&doubling, " fragment F%d on RestoreJob { ...F%d ...F%[2]d }", i, i+1)
	}
	doubling.WriteString(" fragment F256 on RestoreJob { id }")
	tests := map[string]struct {
		reader   loader.Reader
		query    string
		answered bool
	}{
		"fields without a resolver":       {query: one("{ id }"), answered: true},
		"in a fragment":                   {query: one("{ ...F }") + " fragment F on RestoreJob { id }", answered: true},
		"in a fragment again and again":   {query: one("{ ...F ...F }") + doubling.String(), answered: true},
		"in a fragment of the other type": {query: one("{ ... on FlexRestoreJob { deliveryUrl } id }"), answered: true},
		"of a job asked for twice": {
			query: two("restoreJob"+keyIn(projectA), "restoreJob"+keyIn(projectA)), answered: true,
		},
		"a directive on a field":    {query: one("{ id @include(if: true) }")},
		"a directive on a fragment": {query: one("{ ... @include(if: true) { id } }")},
		"a directive on a spread":   {query: one("{ ...F @include(if: true) }") + " fragment F on RestoreJob { id }"},
		"a resolver below": {
			query: one("{ ... on DedicatedRestoreJob { components { replicaSetName downloadUrl } } }"),
		},
		"an object twice": {
			query: one("{ ... on DedicatedRestoreJob { desiredTimestamp { date } desiredTimestamp { increment } } }"),
		},
		"a list that is counted": {
			query: one("{ ... on DedicatedRestoreJob { components { replicaSetName } } }"), reader: longReader,
		},
		"an id that is none":    {query: one("{ snapshotId }"), reader: testReaders["flawed"]},
		"jobs of two clusters":  {query: two("restoreJob"+keyIn(projectA), "restoreJob"+keyIn(projectB))},
		"jobs of two types":     {query: two("restoreJob"+keyIn(projectA), "flexRestoreJob"+keyIn(projectA))},
		"the type of the root":  {query: "{ __typename restoreJob" + keyIn(projectA) + "{ id } }"},
		"something else beside": {query: "{ restoreJob" + keyIn(projectA) + "{ id } projects { nodes { id } } }"},
		"a key that is malformed": {
			query: `{ restoreJob(groupId: "x", clusterName: "c", restoreJobId: "x") { id } }`,
		},
		"one of two keys that is malformed": {
			query: two("restoreJob"+keyIn(projectA), `restoreJob(groupId: "x", clusterName: "c", restoreJobId: "x")`),
		},
		"a job that is missing": {query: "{ flexRestoreJob" + keyIn(projectA) + "{ id } }", reader: missingJobs{}},
		"a reader that panics":  {query: one("{ id }"), reader: struct{ loader.Reader }{}},
		"a type that is no job": {query: `{ project(groupId: "` + projectA + `") { id } }`},
		"the schema":            {query: "{ __schema { queryType { name } } }"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.reader == nil {
				tt.reader = testReaders["full"]
			}
			if got := tryAnswer(t, tt.reader, tt.query); (got != "") != tt.answered {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestFastPath_leavesAPanicToGqlgen(t *testing.T) {
	// Without resolvers.
	if got, ok := NewFastPath(nil).TryAnswer(t.Context(), make(fastpath.Operation, 1)); ok {
		t.Errorf("got %s", got.Data)
	}
}

func TestFastPath_leavesNullsThatAreErrorsToGqlgen(t *testing.T) {
	page, node := &model.PageInfo{}, &model.FlexRestoreJob{}
	edges := []*model.FlexRestoreJobEdge{{Node: node}}
	selection := func(query string) ast.SelectionSet {
		doc, errs := gqlparser.LoadQueryWithRules(testSchema.Schema(),
			"{ flexRestoreJobs"+`(groupId: "x", clusterName: "c") `+query+" }", rules.NewDefaultRules())
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return doc.Operations[0].SelectionSet[0].(*ast.Field).SelectionSet //nolint:forcetypeassert // it is one
	}
	for _, tt := range []struct {
		name  string
		value any
		query string
		want  bool
	}{
		{
			name: "complete", value: &model.FlexRestoreJobConnection{
				PageInfo: page, Edges: edges, Nodes: []*model.FlexRestoreJob{node},
			}, want: true,
		},
		{
			name: "a node", value: &model.FlexRestoreJobConnection{
				PageInfo: page, Edges: edges, Nodes: []*model.FlexRestoreJob{nil},
			}, want: true,
		},
		{
			name: "an edge", value: &model.FlexRestoreJobConnection{
				PageInfo: page, Edges: []*model.FlexRestoreJobEdge{nil}, Nodes: []*model.FlexRestoreJob{},
			},
		},
		{name: "the edges", value: &model.FlexRestoreJobConnection{PageInfo: page, Nodes: []*model.FlexRestoreJob{}}},
		{name: "the nodes", value: &model.FlexRestoreJobConnection{PageInfo: page, Edges: edges}},
		{name: "the page", value: &model.FlexRestoreJobConnection{Edges: edges, Nodes: []*model.FlexRestoreJob{}}},
		{name: "the connection", value: (*model.FlexRestoreJobConnection)(nil)},
		{name: "the list of nodes", value: []*model.FlexRestoreJob{nil}, query: "{ __typename }", want: true},
		{name: "an element of a list", value: []*model.FlexRestoreJobEdge{nil}, query: "{ __typename }"},
		{name: "a list", value: []*model.FlexRestoreJobEdge(nil), query: "{ __typename }"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			query := cmp.Or(tt.query, "{ edges { __typename } nodes { __typename } pageInfo { __typename } }")
			var w fastpath.Writer
			write := generated.WriterOf(tt.value)
			if got := write != nil && write(t.Context(), &w, selection(query)); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestFastPath_isSwitchedOffAsAWhole(t *testing.T) {
	var off *fastpath.FastPath
	if _, ok := off.TryAnswer(t.Context(), make(fastpath.Operation, 1)); ok {
		t.Error("an operation is answered")
	}
	if _, ok := off.TryField(t.Context(), &restore.Job{}); ok {
		t.Error("a field is written")
	}
}

// TestFastPath_leavesMoreThanItsBudgetToGqlgen gives an operation fewer bytes than its answer has.
func TestFastPath_leavesMoreThanItsBudgetToGqlgen(t *testing.T) {
	const query = `{ projects { nodes { id name } } }`
	for _, tt := range []struct {
		name        string
		bytes       int64
		wantWritten int64
	}{
		{name: "nothing", bytes: 0, wantWritten: 0},
		{name: "enough", bytes: 1 << 20, wantWritten: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limits := NewLimits(0, tt.bytes)
			fast := NewFastPath(testResolver.Query())
			fast.Budget = func(context.Context) *fastpath.Budget { return limits.budget() }
			var c counter
			fast.WriterOf = c.fastPath().WriterOf
			if got, want := execute(t, fast, testReaders["full"], query), execute(t, nil, testReaders["full"], query); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got := min(c.values.Load(), 1); got != tt.wantWritten {
				t.Errorf("%d values were written", c.values.Load())
			}
		})
	}
}

// testReaders have everything: with all that Atlas says of it, with nothing but the keys, and with mistakes of Atlas.
var testReaders = map[string]madeReader{
	"full": {func(v any, n int) { fill(v, n, 2) }}, "empty": {func(any, int) {}}, "flawed": {fillFlawed},
}

// longReader has longer lists than the fast path writes.
var longReader = madeReader{func(v any, n int) { fill(v, n, cost.AssumedItems+1) }}

// fill gives each value another one, and each list the number of elements.
func fill(v any, n, elements int) {
	number := int64(100 * n)
	next := func() int64 { number++; return number }
	filler.Filler{
		Elements: elements,
		Text:     func() string { return fmt.Sprintf("\"%d\" \\ \u00e9\n", next()) },
		ID:       func() string { return fmt.Sprintf("%024x", next()) },
		Number:   next,
	}.Fill(v)
}

// fillFlawed has malformed ids, and fails some elements.
func fillFlawed(v any, n int) {
	fill(v, n, 1+n%(cost.AssumedItems+3))
	switch v := v.(type) {
	case *restore.Job:
		v.SnapshotID, v.TargetClusterName = new("x"), new("")
		if n%3 == 2 {
			v.Err = errors.New("malformed")
		}
	case *restore.Snapshot:
		if n%3 == 2 {
			v.Err = errors.New("malformed")
		}
	case *atlas.Project:
		v.OrgID = new("x")
	}
}

// missingJobs has no job.
type missingJobs struct{ loader.Reader }

func (missingJobs) Job(context.Context, restore.Tier, restore.Key) (*restore.Job, error) {
	return nil, errors.New("not found")
}

// madeReader is a reader that makes everything.
type madeReader struct{ fill func(v any, n int) }

var _ loader.Reader = madeReader{}

// elements is how many there are in each list.
const elements = 4

func jobID(n int) string { return fmt.Sprintf("67ebae01a6713bc8f4%06d", n) }

func (m madeReader) job(key restore.Key, tier restore.Tier) *restore.Job {
	j := &restore.Job{}
	n := int(key.JobID[len(key.JobID)-1] - '0')
	m.fill(j, n)
	j.Key, j.ServedBy, j.DownloadsWithheld = key, tier, false
	if j.DeliveryType != nil {
		flex := restore.FlexStatus(1)
		j.State, j.DeliveryType, j.FlexStatus = restore.Succeeded, new(restore.Download), &flex
	}
	return j
}

func (m madeReader) jobs(cluster restore.ClusterKey, tier restore.Tier) *restore.Jobs {
	out := &restore.Jobs{HasNext: true, EstimatedTotal: new(int64(elements))}
	for n := range elements {
		of := tier
		if tier == restore.AnyTier {
			of = []restore.Tier{restore.Serverless, restore.Flex, restore.Dedicated, restore.Collection}[n%4]
		}
		out.Jobs = append(out.Jobs,
			m.job(restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: jobID(n)}, of))
		out.Cursors = append(out.Cursors, restore.Cursor{JobID: jobID(n), Index: n})
	}
	out.End = out.Cursors[elements-1]
	return out
}

// Job returns the error of a job that cannot be decoded.
func (m madeReader) Job(_ context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	if tier == restore.AnyTier {
		tier = restore.Dedicated
	}
	j := m.job(key, tier)
	if j.Err != nil {
		return nil, j.Err
	}
	return j, nil
}

func (m madeReader) BatchedJobs(ctx context.Context,
	tier restore.Tier, c restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	out := make(map[string]restore.JobResult, len(ids))
	for _, id := range ids {
		job, err := m.Job(ctx, tier, restore.Key{GroupID: c.GroupID, ClusterName: c.Name, JobID: id})
		out[id] = restore.JobResult{Job: job, Err: err}
	}
	return out, nil
}

func (m madeReader) Jobs(_ context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return m.jobs(q.Cluster, q.Tier), nil
}

func (m madeReader) ProjectJobs(_ context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	jobs := m.jobs(restore.ClusterKey{GroupID: q.GroupID, Name: "c"}, restore.AnyTier)
	return &restore.ProjectJobs{
		Jobs: *jobs, Unread: []*restore.UnreadError{
			{GroupID: q.GroupID, ClusterName: "unread", Err: errors.New("failed")},
		},
	}, nil
}

func (m madeReader) Snapshot(_ context.Context, k restore.SnapshotKey) (*restore.Snapshot, error) {
	s := m.snapshot(k)
	return s, s.Err
}

func (m madeReader) snapshot(k restore.SnapshotKey) *restore.Snapshot {
	s := &restore.Snapshot{}
	m.fill(s, int(k.SnapshotID[len(k.SnapshotID)-1]-'0'))
	s.SnapshotKey, s.ServedBy = k, restore.Dedicated
	if s.Status != nil {
		s.Status = new(restore.SnapshotCompleted)
	}
	return s
}

func (m madeReader) Snapshots(ctx context.Context,
	c restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	out := make(map[string]*restore.Snapshot, len(ids))
	for _, id := range ids {
		out[id], _ = m.Snapshot(ctx, restore.SnapshotKey{GroupID: c.GroupID, ClusterName: c.Name, SnapshotID: id})
	}
	return out, nil
}

func (m madeReader) ClusterSnapshots(_ context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	out := &restore.Snapshots{EstimatedTotal: new(int64(elements))}
	for n := range elements {
		out.Snapshots = append(out.Snapshots,
			m.snapshot(restore.SnapshotKey{GroupID: q.Cluster.GroupID, ClusterName: q.Cluster.Name, SnapshotID: jobID(n)}))
	}
	return out, nil
}

func (m madeReader) Cluster(_ context.Context, k restore.ClusterKey) (*restore.Cluster, error) {
	c := &restore.Cluster{}
	m.fill(c, 1)
	c.ClusterKey, c.ServedBy = k, restore.Dedicated
	return c, nil
}

func (m madeReader) ClustersNamed(ctx context.Context,
	group string, names []string) (map[string]*restore.Cluster, error) {
	out := make(map[string]*restore.Cluster, len(names))
	for _, name := range names {
		out[name], _ = m.Cluster(ctx, restore.ClusterKey{GroupID: group, Name: name})
	}
	return out, nil
}

func (m madeReader) Clusters(ctx context.Context, group string) (*restore.Clusters, error) {
	out := &restore.Clusters{}
	for n := range elements {
		c, _ := m.Cluster(ctx, restore.ClusterKey{GroupID: group, Name: fmt.Sprint("c", n)})
		out.Clusters = append(out.Clusters, c)
	}
	return out, nil
}

func (m madeReader) Project(_ context.Context, group string) (*atlas.Project, error) {
	p := &atlas.Project{}
	m.fill(p, 1)
	p.ID = group
	return p, nil
}

func (m madeReader) Projects(ctx context.Context) (*restore.Projects, error) {
	out := &restore.Projects{}
	for _, id := range []string{projectA, projectB} {
		p, _ := m.Project(ctx, id)
		out.Projects = append(out.Projects, p)
	}
	return out, nil
}

func (m madeReader) BackupSchedule(context.Context, restore.ClusterKey) (*atlas.BackupSchedule, error) {
	s := &atlas.BackupSchedule{}
	m.fill(s, 1)
	return s, nil
}

// slice is a list that is read by positions.
func slice[T any](m madeReader) *restore.Slice[*T] {
	out := &restore.Slice[*T]{EstimatedTotal: new(int64(elements))}
	for n := range elements {
		one := new(T)
		m.fill(one, n)
		out.Items = append(out.Items, one)
	}
	return out
}

func (m madeReader) RestoredCollections(context.Context,
	restore.SliceQuery) (*restore.Slice[*atlas.RestoredCollection], error) {
	return slice[atlas.RestoredCollection](m), nil
}

func (m madeReader) SnapshotExports(context.Context,
	restore.SliceQuery) (*restore.Slice[*atlas.SnapshotExport], error) {
	return slice[atlas.SnapshotExport](m), nil
}

func (m madeReader) ExportBuckets(context.Context, restore.SliceQuery) (*restore.Slice[*atlas.ExportBucket], error) {
	return slice[atlas.ExportBucket](m), nil
}

func (m madeReader) BackupCompliancePolicy(context.Context, string) (*restore.CompliancePolicy, error) {
	p := &restore.CompliancePolicy{}
	m.fill(p, 1)
	return p, nil
}

func (m madeReader) RestoreEvents(context.Context, restore.EventQuery) (*restore.Events, error) {
	out := &restore.Events{}
	for n := range elements {
		e := &restore.Event{}
		m.fill(e, n)
		e.Actor = restore.ActorAPIKey
		out.Events, out.Cursors = append(out.Events, e), append(out.Cursors, restore.EventCursor{ID: e.ID})
	}
	return out, nil
}

func (m madeReader) Organizations(context.Context) (*restore.Organizations, error) {
	out := &restore.Organizations{}
	for n := range elements {
		o := &atlas.Organization{}
		m.fill(o, n)
		if n == 0 {
			o.ID = projectA
		}
		out.Organizations = append(out.Organizations, o)
	}
	return out, nil
}
