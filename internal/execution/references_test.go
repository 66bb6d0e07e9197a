package execution

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/graph/generated"
)

func TestReference_typesAndKeysAreThoseOfTheSchema(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	inSchema := make(map[string][]string)
	scalars := map[string]string{"id": "ObjectID"} // the graph's ID is an ObjectID of Atlas
	for name, definition := range schema.Types {
		for _, key := range definition.Directives.ForNames("key") {
			fields := strings.Fields(key.Arguments.ForName("fields").Value.Raw)
			inSchema[name] = append(inSchema[name], fields...)
			for _, field := range fields {
				if typename := definition.Fields.ForName(field).Type.Name(); typename != "ID" {
					scalars[field] = typename
				}
			}
		}
	}
	inTable := make(map[string][]string)
	examples := map[string]string{"ObjectID": "63f3484e1f3a9b27c6000001", "ClusterName": "a-b"}
	for name, fields := range entityKeys {
		for _, field := range fields {
			inTable[name] = append(inTable[name], field.name)
			for scalar, example := range examples {
				if fits := field.check(example) == nil; fits && scalar != scalars[field.name] && scalar != "ObjectID" ||
					!fits && scalar == scalars[field.name] {
					t.Errorf("%s.%s is checked as something else than %s", name, field.name, scalars[field.name])
				}
			}
		}
	}
	if diff := cmp.Diff(inSchema, inTable); diff != "" {
		t.Error(diff)
	}
	for name, keyed := range keyedFields {
		arguments := schema.Query.Fields.ForName(name).Arguments
		if len(arguments) != len(entityKeys[keyed.typename]) || len(keyed.arguments) != len(arguments) {
			t.Errorf("%s has the arguments %v", name, arguments)
		}
		for _, argument := range keyed.arguments {
			if arguments.ForName(argument) == nil {
				t.Errorf("%s has no argument %s", name, argument)
			}
		}
	}
}
