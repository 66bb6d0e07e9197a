package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/resolvers"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

var directSchema = generated.NewExecutableSchema(generated.Config{}).Schema()

// directly answers a query without gqlgen; "" is for what is left to it.
func directly(t *testing.T, reader loader.Reader, query string) string {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(directSchema, query, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatalf("%v: %s", errs, query)
	}
	planned, jobs := plan(&graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]})
	loaders := loader.New(t.Context(), reader, 1, planned)
	defer loaders.Close()
	loaders.Prefetch()
	answer := direct{(&resolvers.Resolver{}).Query()}.answer(loaders.With(t.Context()), jobs)
	if answer == nil {
		return ""
	}
	return `{"data":` + string(answer.Data) + `}`
}

// executed answers a query through the whole gateway, by gqlgen: of a selection with a
// directive nothing else takes charge.
func executed(t *testing.T, e *env, query string) string {
	t.Helper()
	r := e.post(t, strings.Replace(query, "{ __typename", "{ __typename @include(if: true)", 1), nil)
	return r.Raw
}

// jobSelection makes a selection of plain fields of a type of job, in all the ways in which
// a selection can be written. It begins with "{ __typename".
func jobSelection(r *rand.Rand, typename string, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename ")
	definition := directSchema.Types[typename]
	for range 1 + r.IntN(8) {
		field := definition.Fields[r.IntN(len(definition.Fields))]
		of := directSchema.Types[field.Type.Name()]
		switch {
		case strings.HasPrefix(field.Name, "__") || slices.Contains(notPlain, field.Name):
			continue
		case r.IntN(3) == 0:
			// The same name for the same field, wherever it stands.
			b.WriteString("a_" + field.Name + ": ")
		}
		b.WriteString(field.Name + " ")
		if of.IsCompositeType() {
			b.WriteString(jobSelection(r, of.Name, depth+1))
		}
	}
	if depth < 3 {
		switch on := typename; r.IntN(6) {
		case 0:
			b.WriteString("... " + jobSelection(r, typename, depth+1))
		case 1:
			b.WriteString("... on " + on + jobSelection(r, on, depth+1))
		case 2:
			if strings.HasSuffix(typename, "RestoreJob") {
				b.WriteString("... on RestoreJob " + jobSelection(r, "RestoreJob", depth+1))
			}
		case 3:
			if typename == "RestoreJob" {
				b.WriteString("... on FlexRestoreJob { targetProjectId } ... on DedicatedRestoreJob { oplogTs }")
			}
		}
	}
	return b.String() + "} "
}

// notPlain are the fields of jobs, and of what is in them, that have a resolver.
var notPlain = []string{"deliveryUrl", "downloadUrl", "links", "snapshot", "snapshotUrl", "targetCluster"}

var jobRoots = map[string]string{
	"serverlessRestoreJob": "ServerlessRestoreJob", "flexRestoreJob": "FlexRestoreJob",
	"dedicatedRestoreJob": "DedicatedRestoreJob", "restoreJob": "RestoreJob",
}

func keyIn(project string, n int) string {
	return fmt.Sprintf(`(groupId: %q, clusterName: "c", restoreJobId: "67ebae01a6713bc8f4%06d") `, project, n)
}

// compareDirectly has the same selections answered in both ways, and reports how many could be.
func compareDirectly(t *testing.T, e *env, reader loader.Reader, seed uint64) (answered int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	for field, typename := range jobRoots {
		var query strings.Builder
		query.WriteString("{ ")
		for i := range 1 + r.IntN(3) {
			fmt.Fprintf(&query, "j%d: %s%s%s ", i, field, keyIn(projectA, i), jobSelection(r, typename, 0))
		}
		query.WriteString("}")
		got := directly(t, reader, query.String())
		if got == "" {
			continue
		}
		answered++
		if want := executed(t, e, query.String()); got != want {
			t.Fatalf("%s\ngot  %s\nwant %s", query.String(), got, want)
		}
	}
	return answered
}

func TestPlainFieldsAreWrittenAsGqlgenWritesThem(t *testing.T) {
	for name, made := range map[string]func(restore.Key, restore.Tier) *restore.Job{"full": fullJob, "empty": emptyJob} {
		t.Run(name, func(t *testing.T) {
			reader := jobsMadeBy{job: made}
			e := newEnv(t, withConfig(func(c *Config) { c.Reader = reader }))
			answered := 0
			for seed := range uint64(100) {
				answered += compareDirectly(t, e, reader, seed)
			}
			// What is left to gqlgen selects an object twice.
			if answered < 200 {
				t.Errorf("only %d of 400 were answered directly", answered)
			}
		})
	}
}

func FuzzPlainFieldsAreWrittenAsGqlgenWritesThem(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		reader := jobsMadeBy{job: fullJob}
		compareDirectly(t, newEnv(t, withConfig(func(c *Config) { c.Reader = reader })), reader, seed)
	})
}

// jobsMadeBy is a reader that has every job, made by the function.
type jobsMadeBy struct {
	loader.Reader

	job func(restore.Key, restore.Tier) *restore.Job
}

func (m jobsMadeBy) Job(_ context.Context, tier restore.Tier, k restore.Key) (*restore.Job, error) {
	if tier == restore.AnyTier {
		tier = restore.Dedicated
	}
	return m.job(k, tier), nil
}

func (m jobsMadeBy) BatchedJobs(_ context.Context, api restore.Tier, c restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	out := make(map[string]restore.JobResult, len(ids))
	for _, id := range ids {
		out[id] = restore.JobResult{Job: m.job(restore.Key{GroupID: c.GroupID, ClusterName: c.Name, JobID: id}, max(api, restore.Serverless))}
	}
	return out, nil
}

// emptyJob is a job of which nothing but its key is known.
func emptyJob(key restore.Key, api restore.Tier) *restore.Job {
	return &restore.Job{Key: key, ServedBy: api}
}

// fullJob is a job of which everything is known: each value is another one, each list has two.
func fullJob(key restore.Key, api restore.Tier) *restore.Job {
	j, n := &restore.Job{}, int64(0)
	next := func() int64 { n++; return n }
	filler{
		elements: 2,
		text:     func() string { return fmt.Sprintf("\"%d\" \\ \u00e9\n", next()) },
		id:       func() string { return fmt.Sprintf("%024x", next()) },
		number:   next,
	}.fill(reflect.ValueOf(j).Elem())
	flex := restore.FlexStatus(1)
	j.Key, j.ServedBy, j.State, j.DeliveryType, j.FlexStatus = key, api, restore.Succeeded, new(restore.Download), &flex
	return j
}

func TestEachFieldOfAJobThatHasNoResolverIsPlain(t *testing.T) {
	for root, typename := range jobRoots {
		for _, field := range directSchema.Types[typename].Fields {
			selection := field.Name
			if of := directSchema.Types[field.Type.Name()]; of.IsCompositeType() {
				selection += " { __typename }"
			}
			query := "{ " + root + keyIn(projectA, 1) + "{ " + selection + " } }"
			if got := directly(t, &rich{}, query); (got == "") != slices.Contains(notPlain, field.Name) {
				t.Errorf("%s.%s: got %q", typename, field.Name, got)
			}
		}
	}
}

func TestWhatIsNotPlainIsLeftToGqlgen(t *testing.T) {
	one := func(selection string) string { return "{ restoreJob" + keyIn(projectA, 1) + selection + " }" }
	two := func(first, second string) string { return "{ a: " + first + " { id } b: " + second + " { id } }" }
	// As many steps as there are atoms, to who takes each spread by itself.
	var doubling strings.Builder
	doubling.WriteString(" fragment F on RestoreJob { ...F0 ...F0 }")
	for i := range 256 {
		fmt.Fprintf(&doubling, " fragment F%d on RestoreJob { ...F%d ...F%[2]d }", i, i+1)
	}
	doubling.WriteString(" fragment F256 on RestoreJob { id }")
	tests := map[string]struct {
		reader loader.Reader
		query  string
		direct bool
	}{
		"plain":                             {query: one("{ id }"), direct: true},
		"in a fragment":                     {query: one("{ ...F }") + " fragment F on RestoreJob { id }", direct: true},
		"in a fragment again and again":     {query: one("{ ...F ...F }") + doubling.String(), direct: true},
		"in a fragment of the other type":   {query: one("{ ... on FlexRestoreJob { deliveryUrl } id }"), direct: true},
		"of a job asked for twice":          {query: two("restoreJob"+keyIn(projectA, 1), "restoreJob"+keyIn(projectA, 1)), direct: true},
		"a directive on a field":            {query: one("{ id @include(if: true) }")},
		"a directive on a fragment":         {query: one("{ ... @include(if: true) { id } }")},
		"a directive on a spread":           {query: one("{ ...F @include(if: true) }") + " fragment F on RestoreJob { id }"},
		"a resolver below":                  {query: one("{ ... on DedicatedRestoreJob { components { replicaSetName downloadUrl } } }")},
		"an object twice":                   {query: one("{ ... on DedicatedRestoreJob { desiredTimestamp { date } desiredTimestamp { increment } } }")},
		"jobs of two clusters":              {query: two("restoreJob"+keyIn(projectA, 1), "restoreJob"+keyIn(projectB, 1))},
		"jobs of two types":                 {query: two("restoreJob"+keyIn(projectA, 1), "flexRestoreJob"+keyIn(projectA, 1))},
		"the type of the root":              {query: "{ __typename restoreJob" + keyIn(projectA, 1) + "{ id } }"},
		"something else beside":             {query: "{ restoreJob" + keyIn(projectA, 1) + "{ id } projects { nodes { id } } }"},
		"a key that is malformed":           {query: `{ restoreJob(groupId: "x", clusterName: "c", restoreJobId: "x") { id } }`},
		"one of two keys that is malformed": {query: two("restoreJob"+keyIn(projectA, 1), `restoreJob(groupId: "x", clusterName: "c", restoreJobId: "x")`)},
		"a job that is missing":             {query: "{ flexRestoreJob" + keyIn(projectA, 1) + "{ id } }", reader: quietReader{}},
		"a reader that panics":              {query: one("{ id }"), reader: struct{ loader.Reader }{}},
		"a type that is no job":             {query: `{ project(groupId: "` + projectA + `") { id } }`},
		"the schema":                        {query: "{ __schema { queryType { name } } }"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.reader == nil {
				tt.reader = &rich{}
			}
			if got := directly(t, tt.reader, tt.query); (got != "") != tt.direct {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAPanicIsLeftToGqlgen(t *testing.T) {
	// Without resolvers.
	if got := (direct{}).answer(t.Context(), []jobRoot{{}}); got != nil {
		t.Errorf("got %s", got.Data)
	}
}
