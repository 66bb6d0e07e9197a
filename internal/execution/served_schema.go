package execution

import (
	"maps"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// entityType is the type in which gqlgen declares the resolvers of entities. No operation can select it: the subgraph
// specification has _entities for that.
const entityType = "Entity"

// oneOfDirective is declared for the inputs of mutations alone.
const oneOfDirective = "oneOf"

// ServedSchema returns the part of a schema that operations can reach: without the type Entity, which gqlgen adds, without
// Mutation unless withMutations is true, and without what they alone need. Introspection, validation and suggestions know nothing else. The definitions are shared with the
// schema.
func ServedSchema(schema *ast.Schema, withMutations bool) *ast.Schema {
	served := *schema
	if !withMutations {
		served.Mutation = nil
	}
	reached := make(map[string]bool)
	var reach func(name string)
	reachAll := func(arguments ast.ArgumentDefinitionList) {
		for _, a := range arguments {
			reach(a.Type.Name())
		}
	}
	reach = func(name string) {
		def := schema.Types[name]
		if reached[name] || def == nil || name == entityType {
			return
		}
		reached[name] = true
		for _, field := range def.Fields {
			reach(field.Type.Name())
			reachAll(field.Arguments)
		}
		for _, other := range def.Interfaces {
			reach(other)
		}
		for _, possible := range schema.PossibleTypes[name] {
			reach(possible.Name)
		}
	}
	for name, def := range schema.Types {
		// Also what gqlgen adds is "built in".
		if def.BuiltIn && (def.Kind == ast.Scalar || strings.HasPrefix(name, "__")) {
			reach(name)
		}
	}
	for _, root := range []*ast.Definition{served.Query, served.Mutation, served.Subscription} {
		if root != nil {
			reach(root.Name)
		}
	}
	for _, directive := range schema.Directives {
		reachAll(directive.Arguments)
	}
	served.Directives = without(schema.Directives, func(name string) bool {
		return !withMutations && name == oneOfDirective
	})
	unreached := func(name string) bool { return !reached[name] }
	served.Types = without(schema.Types, unreached)
	served.PossibleTypes = without(schema.PossibleTypes, unreached)
	served.Implements = without(schema.Implements, unreached)
	return &served
}

// without returns a copy of a map without some of its keys.
func without[V any](all map[string]V, leaveOut func(string) bool) map[string]V {
	all = maps.Clone(all)
	maps.DeleteFunc(all, func(name string, _ V) bool { return leaveOut(name) })
	return all
}
