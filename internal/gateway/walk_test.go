package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
)

// walk makes queries that ask for everything that the schema has.
type walk struct{ schema *ast.Schema }

func newWalk() walk {
	return walk{generated.NewExecutableSchema(generated.Config{}).Schema()}
}

// rootArguments are the arguments of root fields, about one project.
func rootArguments(project string) map[string]string {
	return map[string]string{
		"groupId": fmt.Sprintf("%q", project), "clusterName": `"c"`, "restoreJobId": `"67ebae01a6713bc8f4000000"`, "snapshotId": `"67ebae01a6713bc8f4000001"`,
	}
}

// queries are a query for each root field, and for each type that can be referred to, by
// their names. What federation adds is left out, but for references.
func (w walk) queries(project string) map[string]string {
	out := make(map[string]string)
	for _, field := range w.schema.Query.Fields {
		if strings.HasPrefix(field.Name, "_") {
			continue
		}
		out[field.Name] = "{ " + w.field(field, rootArguments(project), map[string]bool{"Query": true}) + " }"
	}
	for typename := range entityKeys {
		out["_entities "+typename] = fmt.Sprintf(`{ _entities(representations: [%s]) { __typename ... on %s %s } }`,
			representation(typename, project), typename, w.selection(w.schema.Types[typename], map[string]bool{}))
	}
	return out
}

func representation(typename, project string) string {
	id := "67ebae01a6713bc8f4000000"
	if typename == "AtlasProject" {
		id = project
	}
	return fmt.Sprintf(`{ __typename: %q, groupId: %q, clusterName: "c", name: "c", id: %q }`, typename, project, id)
}

func (w walk) field(field *ast.FieldDefinition, arguments map[string]string, above map[string]bool) string {
	out := field.Name
	var given []string
	for _, a := range field.Arguments {
		if value, ok := arguments[a.Name]; ok && a.Type.NonNull {
			given = append(given, a.Name+": "+value)
		}
	}
	if len(given) > 0 {
		out += "(" + strings.Join(given, ", ") + ")"
	}
	of := w.schema.Types[field.Type.Name()]
	if of.IsCompositeType() {
		out += " " + w.selection(of, above)
	}
	return out
}

// selection asks for all fields of a type, and of the types below it that are not above
// it, too.
func (w walk) selection(of *ast.Definition, above map[string]bool) string {
	above = maps.Clone(above)
	above[of.Name] = true
	parts := []string{"__typename"}
	for _, field := range of.Fields {
		if !above[field.Type.Name()] && !strings.HasPrefix(field.Name, "__") {
			parts = append(parts, w.field(field, nil, above))
		}
	}
	if of.IsAbstractType() {
		for _, possible := range w.schema.GetPossibleTypes(of) {
			parts = append(parts, "... on "+possible.Name+" "+w.selection(possible, above))
		}
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// answered is a field of an answer: the type that it is of, its path and its value.
type answered struct {
	typename, field string
	path            []any
	value           any
}

// isThere is whether the field has a value at all.
func (a answered) isThere() bool {
	list, isList := a.value.([]any)
	return a.value != nil && (!isList || len(list) > 0)
}

// fieldsOf are all fields of an answer, at every depth.
func fieldsOf(value any, path []any) []answered {
	var out []answered
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			out = append(out, fieldsOf(element, append(slices.Clip(path), i))...)
		}
	case map[string]any:
		typename, _ := value["__typename"].(string)
		for name, v := range value {
			at := append(slices.Clip(path), name)
			out = append(out, answered{typename, name, at, v})
			out = append(out, fieldsOf(v, at)...)
		}
	}
	return out
}

// fields are the fields of all objects that somebody can ask for, as Type.field.
func (w walk) fields() []string {
	var out []string
	seen := map[string]bool{}
	var visit func(of *ast.Definition)
	visit = func(of *ast.Definition) {
		if seen[of.Name] || !of.IsCompositeType() {
			return
		}
		seen[of.Name] = true
		for _, possible := range w.schema.GetPossibleTypes(of) {
			visit(possible)
		}
		for _, field := range of.Fields {
			if of.Kind == ast.Object && of != w.schema.Query && !strings.HasPrefix(of.Name, "_") {
				out = append(out, of.Name+"."+field.Name)
			}
			visit(w.schema.Types[field.Type.Name()])
		}
	}
	visit(w.schema.Query)
	slices.Sort(out)
	return out
}
