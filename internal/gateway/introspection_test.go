package gateway

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const introspectedFields = `kind name description specifiedByURL fields{name} interfaces{name} possibleTypes{name}
	enumValues{name} inputFields{name} isOneOf ofType{name}`

func TestIntrospection_isNullWhereTheKindOfTypeHasNoSuchField(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Introspection = true }))
	// What the specification says, section 4.2.2, and what graphql-js answers.
	tests := map[string]struct {
		query string // of the type, by the name t
		kind  string
		want  []string
	}{
		"a built-in scalar": {
			query: `t: __type(name: "Int") { ...T }`, kind: "SCALAR", want: []string{"description", "name"},
		},
		"a custom scalar": {
			query: `t: __type(name: "ObjectID") { ...T }`, kind: "SCALAR",
			want: []string{"description", "name", "specifiedByURL"},
		},
		"an object with interfaces": {
			query: `t: __type(name: "FlexRestoreJob") { ...T }`, kind: "OBJECT",
			want: []string{"description", "fields", "interfaces", "name"},
		},
		"an object without": {
			query: `t: __type(name: "PageInfo") { ...T }`, kind: "OBJECT",
			want: []string{"description", "fields", "interfaces", "name"},
		},
		"an interface": {
			query: `t: __type(name: "RestoreJob") { ...T }`, kind: "INTERFACE",
			want: []string{"description", "fields", "interfaces", "name", "possibleTypes"},
		},
		"a union": {
			query: `t: __type(name: "_Entity") { ...T }`, kind: "UNION", want: []string{"name", "possibleTypes"},
		},
		"an enumeration": {
			query: `t: __type(name: "RestoreJobState") { ...T }`, kind: "ENUM",
			want: []string{"description", "enumValues", "name"},
		},
		"a type that may not be null": {
			query: `t: __type(name: "PageInfo") { fields { type { ...T } } }`, kind: "NON_NULL", want: []string{"ofType"},
		},
		"a list": {
			query: `t: __type(name: "RestoreJobConnection") { fields { type { ofType { ...T } } } }`,
			kind:  "LIST", want: []string{"ofType"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			query := "{" + tt.query + "} fragment T on __Type {" + introspectedFields + "}"
			r := e.post(t, query, nil)
			if r.Status != 200 || len(r.Errors) > 0 {
				t.Fatalf("got %d %s", r.Status, r.Raw)
			}
			var answer any
			if err := json.Unmarshal(r.Data["t"], &answer); err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for field, value := range typeOfKind(answer, tt.kind) {
				if value != nil && field != "kind" {
					got = append(got, field)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s\n%s", diff, r.Raw)
			}
		})
	}
}

// typeOfKind is the first type of the kind in an answer, or nil.
func typeOfKind(answer any, kind string) map[string]any {
	switch v := answer.(type) {
	case []any:
		for _, element := range v {
			if found := typeOfKind(element, kind); found != nil {
				return found
			}
		}
	case map[string]any:
		if v["kind"] == kind {
			return v
		}
		for _, name := range []string{"fields", "type", "ofType"} {
			if found := typeOfKind(v[name], kind); found != nil {
				return found
			}
		}
	}
	return nil
}

func TestIntrospection_ofAnObjectWithoutInterfacesIsAnEmptyList(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Introspection = true }))
	r := e.post(t, `{ t: __type(name: "PageInfo") { interfaces { name } possibleTypes { name } } }`, nil)
	if got := string(r.Data["t"]); got != `{"interfaces":[],"possibleTypes":null}` {
		t.Errorf("got %s", r.Raw)
	}
}
