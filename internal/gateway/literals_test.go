package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

const (
	bigNumber = "123456789012345678901234"
	hugeFloat = "63e3484"
)

// TestNumberOutOfRange_isAMalformedValue holds numbers that no int64 and
// no float64 can hold against every position in which a custom scalar is wanted.
func TestNumberOutOfRange_isAMalformedValue(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Introspection = true }))
	good := e.example(t, "succeeded")
	group, cluster, id := `"`+good.GroupID+`"`, `"`+good.ClusterName+`"`, `"`+good.RestoreJobID+`"`
	job := func(group, cluster, id string) string {
		const field = `t: serverlessRestoreJob(groupId: %s, clusterName: %s, restoreJobId: %s) { id } `
		return fmt.Sprintf(field, group, cluster, id)
	}
	neighbour := strings.Replace(job(group, cluster, id), "t:", "n:", 1)
	jobs := func(arguments string) string { return `t: restoreJobs(` + arguments + `) { nodes { id } } ` }
	entity := func(reference string) string {
		return `t: _entities(representations: [` + reference + `]) { ... on AtlasProject { id } } `
	}
	tests := map[string]struct {
		variables string
		query     string
		argument  string
		path      []any
		message   string
	}{
		"a big ObjectID": {
			query: job(bigNumber, cluster, id), argument: "groupId", message: "ObjectID must be", path: []any{"t"},
		},
		"a negative one": {
			query: job("-"+bigNumber, cluster, id), argument: "groupId", message: "got a number", path: []any{"t"},
		},
		"an ObjectID that reads as an exponent": {
			query: job(group, cluster, hugeFloat), argument: "restoreJobId", message: "got a number", path: []any{"t"},
		},
		"one of more digits than any float has": {
			query: job(group, cluster, strings.Repeat("9", 400)), argument: "restoreJobId",
			message: "got a number", path: []any{"t"},
		},
		"a ClusterName": {
			query: job(group, bigNumber, id), argument: "clusterName", message: "ClusterName must be", path: []any{"t"},
		},
		"an element of a list": {
			query:    jobs(`groupId: ` + group + `, clusterNames: ["a", ` + bigNumber + `]`),
			argument: "clusterNames[1]", message: "ClusterName must be", path: []any{"t"},
		},
		"a list in place of a text": {
			query: job(group, cluster, "["+bigNumber+"]"), argument: "restoreJobId", message: "got a list", path: []any{"t"},
		},
		"an object in place of a text": {
			query: job(group, cluster, "{a: "+hugeFloat+"}"), argument: "restoreJobId",
			message: "got an object", path: []any{"t"},
		},
		"a DateTime": {
			query:    jobs(`groupId: ` + group + `, startedAfter: -1e999`),
			argument: "startedAfter", message: "DateTime must be", path: []any{"t"},
		},
		"the default of a variable": {
			variables: `($v: DateTime = ` + bigNumber + `)`,
			query:     jobs(`groupId: ` + group + `, startedAfter: $v`),
			argument:  "startedAfter", message: "DateTime must be", path: []any{"t"},
		},
		"a default of another kind": {
			variables: `($v: DateTime = {a: true})`,
			query:     jobs(`groupId: ` + group + `, startedAfter: $v`),
			argument:  "startedAfter", message: "got an object", path: []any{"t"},
		},
		"an element of the default of a list": {
			variables: `($v: [ClusterName!] = ["a", ` + hugeFloat + `])`,
			query:     jobs(`groupId: ` + group + `, clusterNames: $v`),
			argument:  "clusterNames[1]", message: "ClusterName must be", path: []any{"t"},
		},
		"the default of a key": {
			variables: `($v: ObjectID! = ` + bigNumber + `)`,
			query:     job(group, cluster, "$v"),
			argument:  "restoreJobId", message: "ObjectID must be", path: []any{"t"},
		},
		"the key of a reference": {
			query:    entity(`{__typename: "AtlasProject", id: ` + bigNumber + `}`),
			argument: "representations[0].id", message: "ObjectID must be", path: []any{"t", 0.0},
		},
		"the name of a reference's type": {
			query:    entity(`{__typename: ` + hugeFloat + `, id: ` + group + `}`),
			argument: "representations[0].__typename", message: "The type must be", path: []any{"t", 0.0},
		},
		"beside an introspected type": {
			query:    job(bigNumber, cluster, id) + ` s: __schema { queryType { name } } `,
			argument: "groupId", message: "ObjectID must be", path: []any{"t"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := e.post(t, "query Q"+tt.variables+" {"+tt.query+neighbour+"}", nil)
			if r.Status != 200 || len(r.Errors) != 1 {
				t.Fatalf("got %d %s", r.Status, r.Raw)
			}
			got := r.Errors[0]
			if got.Extensions["code"] != "BAD_USER_INPUT" || got.Extensions["argument"] != tt.argument ||
				!strings.Contains(got.Message, tt.message) || strings.Contains(got.Message, bigNumber) {
				t.Errorf("got %s", r.Raw)
			}
			if diff := cmp.Diff(tt.path, got.Path); diff != "" {
				t.Errorf("the path: -want +got:\n%s", diff)
			}
			if string(r.Data["n"]) != `{"id":`+id+`}` {
				t.Errorf("the neighbour is not served: %s", r.Raw)
			}
			if log := e.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "internal error") {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

func TestNumberOutOfRange_unusedIsNoError(t *testing.T) {
	e := newEnv(t)
	group := e.example(t, "succeeded").GroupID
	r := e.post(t, `{ t: _entities(representations: [{__typename: "AtlasProject", id: "`+group+
		`", x: [9223372036854775808, {y: 1e999}]}]) { ... on AtlasProject { id } } }`, nil)
	if want := `[{"id":"` + group + `"}]`; len(r.Errors) > 0 || string(r.Data["t"]) != want {
		t.Errorf("got %s", r.Raw)
	}
}

// A list with an element that is no reference fails as an argument of _entities, which
// may not be null.
func TestNumberOutOfRange_asReferenceFailsTheField(t *testing.T) {
	e := newEnv(t)
	for _, literal := range []string{hugeFloat, "[" + bigNumber + "]"} {
		r := e.post(t, `{ t: _entities(representations: `+literal+`) { __typename } }`, nil)
		if r.Status != 200 || len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" ||
			r.Errors[0].Extensions["argument"] != "representations[0]" || !cmp.Equal(r.Errors[0].Path, []any{"t"}) {
			t.Errorf("got %d %s", r.Status, r.Raw)
		}
	}
}

var literals = []string{
	bigNumber, hugeFloat, "-" + bigNumber, "1e999", "0", "-0.0", `"a"`, `"""b"""`, "true", "null", "READY", "[]", "{}",
	"[1e999 " + bigNumber + "]", "{a: {b: [1e999]}}", `{__typename: "AtlasProject", id: 1e999}`, "$v", "[$v]", "{id: $v}",
	"5f0000000000000000000001", "3000000000", "[[" + bigNumber + "]]", "[null]",
}

func TestLiterals_inEveryPositionGetAResponse(t *testing.T) {
	check := literalCheck(t)
	for _, literal := range literals {
		for position := range literalPositions {
			check(t, literal, position)
		}
	}
}

// FuzzLiterals puts any literal into any position of a document that takes one.
func FuzzLiterals(f *testing.F) {
	for i, literal := range literals {
		for position := i % len(literals); position < len(literalPositions); position += len(literals) {
			f.Add(literal, position)
		}
	}
	f.Fuzz(literalCheck(f))
}

// literalCheck returns a check of a literal in one of literalPositions: there is no panic;
// the answer is a request error without data, or data in which the neighbour is served.
func literalCheck(tb testing.TB) func(t *testing.T, literal string, position int) {
	tb.Helper()
	log := &lockedBuffer{}
	gw, err := New(Config{
		Reader: quietReader{}, Access: AllowAll(io.Discard), Introspection: true,
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		tb.Fatal(err)
	}
	x := atlassim.Example{GroupID: strings.Repeat("a", 24), ClusterName: "c", RestoreJobID: strings.Repeat("b", 24)}
	neighbour := jobField("n", x, "{ id }")
	return func(t *testing.T, literal string, position int) {
		t.Helper()
		if position < 0 || position >= len(literalPositions) {
			return
		}
		query := strings.ReplaceAll(literalPositions[position], "LITERAL", literal)
		query = strings.Replace(query, "NEIGHBOUR", neighbour, 1)
		log.reset()
		body := strings.NewReader(bodyOf(t, query, nil))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", mediaTypeGraphQL)
		w := httptest.NewRecorder()
		gw.ServeHTTP(w, r)
		checkWellFormed(t, r, w)
		if strings.Contains(log.String(), "panic") || strings.Contains(log.String(), "internal error") {
			t.Errorf("%s: the log says %s", query, log)
		}
		var answer struct {
			Data map[string]json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusOK && answer.Data != nil || w.Code == http.StatusOK && string(answer.Data["n"]) == "null" {
			t.Errorf("%s: got %d %s", query, w.Code, w.Body)
		}
	}
}

// literalPositions are documents with LITERAL in each position that takes one, beside a
// NEIGHBOUR. A literal may use the variable $v.
var literalPositions = func() []string {
	const group = `groupId: "aaaaaaaaaaaaaaaaaaaaaaaa"`
	const key = group + `, clusterName: "c"`
	var documents []string
	for _, field := range []string{
		`serverlessRestoreJob(` + key + `, restoreJobId: LITERAL) { id }`,
		`restoreJob(groupId: LITERAL, clusterName: "c", restoreJobId: "bbbbbbbbbbbbbbbbbbbbbbbb") { id }`,
		`cluster(` + group + `, clusterName: LITERAL) { id restoreJobs(first: 1) { nodes { id } } }`,
		`cluster(` + key + `) { restoreJobs(first: LITERAL) { nodes { id } } }`,
		`restoreJobs(` + group + `, clusterNames: LITERAL) { nodes { id } }`,
		`restoreJobs(` + group + `, clusterNames: ["a", LITERAL]) { nodes { id } }`,
		`restoreJobs(` + group + `, states: LITERAL) { nodes { id } }`,
		`restoreJobs(` + group + `, deliveryTypes: [LITERAL]) { nodes { id } }`,
		`restoreJobs(` + group + `, startedAfter: LITERAL) { nodes { id } }`,
		`projects(first: LITERAL) { nodes { id } }`,
		`projects(after: LITERAL) { nodes { id } }`,
		`projects @include(if: LITERAL) { nodes { id } }`,
		`_entities(representations: LITERAL) { __typename }`,
		`_entities(representations: [LITERAL]) { __typename }`,
		`_entities(representations: [{__typename: "AtlasProject", id: LITERAL}]) { __typename }`,
		`_entities(representations: [{__typename: LITERAL, id: [LITERAL]}]) { __typename }`,
		`__type(name: LITERAL) { name }`,
		`__type(name: "PageInfo") { fields(includeDeprecated: LITERAL) { args(includeDeprecated: LITERAL) { name } } }`,
		`__type(name: "DeliveryType") { enumValues(includeDeprecated: LITERAL) { name } }`,
	} {
		documents = append(documents,
			`query Q($v: ObjectID! = "bbbbbbbbbbbbbbbbbbbbbbbb") {
				t: `+field+` v: serverlessRestoreJob(`+key+`, restoreJobId: $v) { id } NEIGHBOUR }`,
			`query Q($v: Boolean! = true) { t: `+field+` v: __typename @skip(if: $v) NEIGHBOUR }`)
	}
	for _, d := range []struct{ of, field string }{
		{of: "ObjectID!", field: `serverlessRestoreJob(` + key + `, restoreJobId: $v) { id }`},
		{of: "[ClusterName!]", field: `restoreJobs(` + group + `, clusterNames: $v) { nodes { id } }`},
		{of: "ClusterName!", field: `restoreJobs(` + group + `, clusterNames: ["a", $v]) { nodes { id } }`},
		{of: "[RestoreJobState!]", field: `restoreJobs(` + group + `, states: $v) { nodes { id } }`},
		{of: "DateTime", field: `restoreJobs(` + group + `, startedAfter: $v) { nodes { id } }`},
		{of: "Int", field: `projects(first: $v) { nodes { id } }`},
		{of: "String", field: `projects(after: $v) { nodes { id } }`},
		{of: "Boolean!", field: `projects @include(if: $v) { nodes { id } }`},
		{of: "[_Any!]!", field: `_entities(representations: $v) { __typename }`},
		{of: "_Any!", field: `_entities(representations: [{__typename: "AtlasProject", id: $v}, $v]) { __typename }`},
	} {
		documents = append(documents, `query Q($v: `+d.of+` = LITERAL) { t: `+d.field+` NEIGHBOUR }`)
	}
	return documents
}()
