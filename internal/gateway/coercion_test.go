package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

var coercionSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { all(int: Int, float: Float, text: String, yes: Boolean, id: ID, state: State, mine: Mine,
		ints: [Int!], grid: [[Int]], filter: Filter): Int }
	enum State { READY FAILED }
	scalar Mine
	input Filter { first: Int  states: [State!]  within: Filter }
`})

func TestCoerceVariables_followsTheSpecification(t *testing.T) {
	tests := map[string]struct {
		of   string // the type
		in   string // JSON
		want string // JSON; empty where the value is refused
		at   string // the path of the refused value
	}{
		"an Int":                    {of: "Int", in: `7`, want: `7`},
		"an Int with a fraction":    {of: "Int", in: `1.0`, want: `1`},
		"an Int with an exponent":   {of: "Int", in: `1e3`, want: `1000`},
		"a small one with both":     {of: "Int", in: `-1.20e1`, want: `-12`},
		"the largest Int":           {of: "Int", in: `2147483647`, want: `2147483647`},
		"the smallest Int":          {of: "Int", in: `-2147483648`, want: `-2147483648`},
		"an Int beyond 32 bits":     {of: "Int", in: `2147483648`, at: "variable.v"},
		"the same as an exponent":   {of: "Int", in: `1e10`, at: "variable.v"},
		"an Int beyond all":         {of: "Int", in: `1e999`, at: "variable.v"},
		"digits beyond all":         {of: "Int", in: strings.Repeat("9", 400), at: "variable.v"},
		"half an Int":               {of: "Int", in: `1.5`, at: "variable.v"},
		"a text for an Int":         {of: "Int", in: `"7"`, at: "variable.v"},
		"a boolean for an Int":      {of: "Int", in: `true`, at: "variable.v"},
		"a list for an Int":         {of: "Int", in: `[7]`, at: "variable.v"},
		"an object for an Int":      {of: "Int", in: `{}`, at: "variable.v"},
		"a Float":                   {of: "Float", in: `1.5`, want: `1.5`},
		"an Int for a Float":        {of: "Float", in: `1`, want: `1`},
		"a Float beyond all":        {of: "Float", in: `1e999`, at: "variable.v"},
		"a text for a Float":        {of: "Float", in: `"1.5"`, at: "variable.v"},
		"a String":                  {of: "String", in: `"7"`, want: `"7"`},
		"a number for a String":     {of: "String", in: `7`, at: "variable.v"},
		"a boolean for a String":    {of: "String", in: `true`, at: "variable.v"},
		"a Boolean":                 {of: "Boolean", in: `false`, want: `false`},
		"a text for a Boolean":      {of: "Boolean", in: `"false"`, at: "variable.v"},
		"a number for a Boolean":    {of: "Boolean", in: `0`, at: "variable.v"},
		"an ID":                     {of: "ID", in: `"x"`, want: `"x"`},
		"a number for an ID":        {of: "ID", in: `70000000000000000000000`, want: `"70000000000000000000000"`},
		"a whole float for an ID":   {of: "ID", in: `4.0`, want: `"4"`},
		"a fraction for an ID":      {of: "ID", in: `4.5`, at: "variable.v"},
		"a boolean for an ID":       {of: "ID", in: `true`, at: "variable.v"},
		"a value of an enumeration": {of: "State", in: `"READY"`, want: `"READY"`},
		"the same in small letters": {of: "State", in: `"ready"`, at: "variable.v"},
		"an unknown value":          {of: "State", in: `"LOST"`, at: "variable.v"},
		"a number for one":          {of: "State", in: `0`, at: "variable.v"},
		"a custom scalar":           {of: "Mine", in: `{"a":[1e999,"b"]}`, want: `{"a":[1e999,"b"]}`},
		"null":                      {of: "Int", in: `null`, want: `null`},
		"a list":                    {of: "[Int!]", in: `[1,2.0]`, want: `[1,2]`},
		"a list of one":             {of: "[Int!]", in: `3.0`, want: `[3]`},
		"a list within a list":      {of: "[[Int]]", in: `[[1.0],null,[2,null]]`, want: `[[1],null,[2,null]]`},
		"a number as such a list":   {of: "[[Int]]", in: `1.0`, want: `[[1]]`},
		"no list at all":            {of: "[Int!]", in: `null`, want: `null`},
		"a text in a list":          {of: "[[Int]]", in: `[[1],[2,"3"]]`, at: "variable.v[1][1]"},
		"a text as a list":          {of: "[Int!]", in: `"3"`, at: "variable.v"},
		"an input object": {
			of: "Filter", in: `{"first":2.0,"states":"READY","within":{"states":["FAILED"]},"more":1}`,
			want: `{"first":2,"more":1,"states":["READY"],"within":{"states":["FAILED"]}}`,
		},
		"a mistake within one": {of: "Filter", in: `{"within":{"states":["FAILED","x"]}}`, at: "variable.v.within.states[1]"},
		"a text for one":       {of: "Filter", in: `"first"`, at: "variable.v"},
	}
	arguments := map[string]string{
		"Int": "int", "Float": "float", "String": "text", "Boolean": "yes", "ID": "id", "State": "state", "Mine": "mine",
		"[Int!]": "ints", "[[Int]]": "grid", "Filter": "filter",
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, errs := gqlparser.LoadQueryWithRules(coercionSchema,
				"query($v: "+tt.of+") { all("+arguments[tt.of]+": $v) }", rules.NewDefaultRules())
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			variables := jsonObject{}
			if err := decodeJSON([]byte(`{"v":`+tt.in+`,"other":"1"}`), &variables); err != nil {
				t.Fatal(err)
			}
			errs = coerceVariables(coercionSchema, doc.Operations[0], variables)
			if tt.want == "" {
				if len(errs) != 1 || errs[0].Path.String() != tt.at {
					t.Errorf("got %v, want an error at %s", errs, tt.at)
				}
				return
			}
			got, err := json.Marshal(variables["v"])
			if err != nil || len(errs) > 0 || string(got) != tt.want {
				t.Errorf("got %s, %v, %v, want %s", got, err, errs, tt.want)
			}
			if variables["other"] != "1" {
				t.Error("a variable that the operation does not have was changed")
			}
		})
	}
}

func TestCoercion_builtInScalarsFailTheRequestAndCustomOnesTheField(t *testing.T) {
	e := newEnv(t)
	const group = "63f3484e1f3a9b27c6000001"
	list := func(of, argument string) string {
		return `query($v: ` + of + `) {
			t: restoreJobs(groupId: "` + group + `", ` + argument + `: $v) { nodes { id } } n: __typename }`
	}
	literal := func(argument string) string {
		return `{ t: restoreJobs(groupId: "` + group + `", ` + argument + `) { nodes { id } } n: __typename }`
	}
	date, names, field := list("DateTime", "startedAfter"), list("[ClusterName!]", "clusterNames"), []any{"t"}
	const first, after, states = "first", "after", "states"
	tests := map[string]struct {
		query     string
		variables string // JSON
		path      []any  // of the error; nil where it is of the request
		ok        bool
	}{
		"a text for an Int":             {query: list("Int", first), variables: `{"v":"5"}`},
		"half an Int":                   {query: list("Int", first), variables: `{"v":1.5}`},
		"an Int beyond 32 bits":         {query: list("Int", first), variables: `{"v":3000000000}`},
		"a whole Int":                   {query: list("Int", first), variables: `{"v":1.0}`, ok: true},
		"a number for a String":         {query: list("String", after), variables: `{"v":5}`},
		"an unknown value":              {query: list("[RestoreJobState!]", states), variables: `{"v":["LOST"]}`},
		"one in small letters":          {query: list("[RestoreJobState!]", states), variables: `{"v":"ready"}`},
		"a value for a list":            {query: list("[RestoreJobState!]", states), variables: `{"v":"READY"}`, ok: true},
		"null in a list":                {query: list("[RestoreJobState!]", states), variables: `{"v":[null]}`},
		"null for a list":               {query: list("[RestoreJobState!]", states), variables: `{"v":null}`, ok: true},
		"a missing variable":            {query: list("Int!", first), variables: `{}`},
		"an Int literal of 33 bits":     {query: literal("first: 3000000000")},
		"an Int literal beyond all":     {query: literal("first: 99999999999999999999")},
		"a Float literal for an Int":    {query: literal("first: 1.0")},
		"a text literal for an Int":     {query: literal(`first: "1"`)},
		"an object literal for an Int":  {query: literal(`first: {}`)},
		"an object literal for a text":  {query: literal(`after: {}`)},
		"an object literal for a value": {query: literal(`states: {}`)},
		"a number literal for a String": {query: literal("after: 5")},
		"an unknown literal":            {query: literal("states: [LOST]")},
		"a default of another kind":     {query: strings.Replace(list("Int", first), "Int", "Int = {}", 1)},
		"a default of 33 bits":          {query: strings.Replace(list("Int", first), "Int", "Int = 3000000000", 1)},
		"a malformed DateTime":          {query: date, variables: `{"v":"2025-05-04T1:02:03Z"}`, path: field},
		"a number for a DateTime":       {query: date, variables: `{"v":1e999}`, path: field},
		"a ClusterName in a list":       {query: names, variables: `{"v":["a", 5]}`, path: field},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"query": tt.query, "variables": json.RawMessage(orNull(tt.variables))})
			if err != nil {
				t.Fatal(err)
			}
			r := e.send(t, "POST", "/graphql", string(body), post, asGraphQL)
			if tt.ok {
				if r.Status != 200 || len(r.Errors) > 0 {
					t.Errorf("got %d %s", r.Status, r.Raw)
				}
				return
			}
			if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] == "INTERNAL_SERVER_ERROR" ||
				!cmp.Equal(r.Errors[0].Path, tt.path) {
				t.Fatalf("got %d %s", r.Status, r.Raw)
			}
			if ofRequest := tt.path == nil; ofRequest != (r.Status == 400) || ofRequest == strings.Contains(r.Raw, `"data"`) {
				t.Errorf("got %d %s", r.Status, r.Raw)
			}
		})
	}
}

func orNull(json string) string {
	if json == "" {
		return "null"
	}
	return json
}
