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
type schemaWalk struct {
	schema *ast.Schema
	first  int // how many elements of each list; 0 for as many as the schema says
	links  int // how many fields with a cost lie in each other, below the first; -1 for any number
}

func newSchemaWalk() schemaWalk {
	return schemaWalk{schema: generated.NewExecutableSchema(generated.Config{}).Schema(), links: -1}
}

// rootArguments are the arguments of root fields, about one project.
func rootArguments(project string) map[string]string {
	return map[string]string{
		"groupId": fmt.Sprintf("%q", project), "clusterName": `"c"`, "restoreJobId": `"67ebae01a6713bc8f4000000"`,
		"snapshotId": `"67ebae01a6713bc8f4000001"`, "id": fmt.Sprintf("%q", organizationOf(project)),
	}
}

// queries are a query for each root field, and for each type that can be referred to, by
// their names.
func (w schemaWalk) queries(project string) map[string]string {
	out := make(map[string]string)
	for _, name := range w.names() {
		out[name] = w.query(name, rootArguments(project), func(typename string) string {
			return representation(typename, project)
		})
	}
	return out
}

// names are those of the root fields, and of the types that can be referred to as "_entities Type". What federation
// adds is left out, but for references.
func (w schemaWalk) names() []string {
	var out []string
	for _, field := range w.schema.Query.Fields {
		if !strings.HasPrefix(field.Name, "_") {
			out = append(out, field.Name)
		}
	}
	for _, typename := range entityTypes() {
		out = append(out, "_entities "+typename)
	}
	return out
}

// entityTypes returns the types with an @key, sorted.
func entityTypes() []string {
	var out []string
	for name, definition := range generated.NewExecutableSchema(generated.Config{}).Schema().Types {
		if definition.Directives.ForName("key") != nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// query asks for everything below one of names.
func (w schemaWalk) query(name string, arguments map[string]string, represent func(typename string) string) string {
	if typename, ok := strings.CutPrefix(name, "_entities "); ok {
		return fmt.Sprintf(`{ _entities(representations: [%s]) { __typename ... on %s %s } }`,
			represent(typename), typename, w.selection(w.schema.Types[typename], map[string]bool{}))
	}
	return "{ " + w.field(w.schema.Query.Fields.ForName(name), arguments, map[string]bool{"Query": true}) + " }"
}

func representation(typename, project string) string {
	id := "67ebae01a6713bc8f4000000"
	switch typename {
	case "AtlasProject":
		id = project
	case "AtlasOrganization":
		id = organizationOf(project)
	}
	return fmt.Sprintf(`{ __typename: %q, groupId: %q, clusterName: "c", name: "c", id: %q }`, typename, project, id)
}

func (w schemaWalk) field(field *ast.FieldDefinition, arguments map[string]string, above map[string]bool) string {
	out := field.Name
	var given []string
	for _, a := range field.Arguments {
		if value, ok := arguments[a.Name]; ok && a.Type.NonNull {
			given = append(given, a.Name+": "+value)
		} else if a.Name == "first" && w.first > 0 {
			given = append(given, fmt.Sprintf("first: %d", w.first))
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

// isLink reports whether a field costs calls of Atlas of its own.
func isLink(field *ast.FieldDefinition) bool {
	cost := field.Directives.ForName("cost")
	return cost != nil && cost.Arguments.ForName("weight").Value.Raw != "0"
}

// selection asks for all fields of a type, and of the types below it that are not above
// it, too.
func (w schemaWalk) selection(of *ast.Definition, above map[string]bool) string {
	above = maps.Clone(above)
	above[of.Name] = true
	parts := []string{"__typename"}
	for _, field := range of.Fields {
		if above[field.Type.Name()] || strings.HasPrefix(field.Name, "__") {
			continue
		}
		below := w
		if isLink(field) && w.links >= 0 {
			if w.links == 0 {
				continue
			}
			below.links--
		}
		parts = append(parts, below.field(field, nil, above))
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

// isThere reports whether the field has a value at all.
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
			out = append(out, answered{typename: typename, field: name, path: at, value: v})
			out = append(out, fieldsOf(v, at)...)
		}
	}
	return out
}

// fields are the fields of all objects that a client can select, as Type.field.
func (w schemaWalk) fields() []string {
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
