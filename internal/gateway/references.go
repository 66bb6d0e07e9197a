package gateway

import (
	"slices"
	"strconv"
	"strings"

	"atlas-restore-gateway/graph/model"
)

// maxReferences is how many references to entities one _entities field takes. Routers
// ask for what one list of theirs holds.
const maxReferences = 1000

// keyField is a field of the key of an entity, and what its scalar says of a value.
type keyField struct {
	name  string
	check func(v any) error
}

func isObjectID(v any) error    { return new(model.ObjectID).UnmarshalGQL(v) }
func isClusterName(v any) error { return new(model.ClusterName).UnmarshalGQL(v) }

var (
	keyOfJob     = []keyField{{"groupId", isObjectID}, {"clusterName", isClusterName}, {"id", isObjectID}}
	keyOfCluster = []keyField{{"groupId", isObjectID}, {"name", isClusterName}}
	keyOfProject = []keyField{{"id", isObjectID}}
)

// entityKeys are the types with an @key, and what it consists of.
var entityKeys = map[string][]keyField{
	"AtlasCluster":         keyOfCluster,
	"AtlasProject":         keyOfProject,
	"AtlasSnapshot":        keyOfJob,
	"DedicatedRestoreJob":  keyOfJob,
	"FlexRestoreJob":       keyOfJob,
	"RestoreJob":           keyOfJob,
	"ServerlessRestoreJob": keyOfJob,
}

// reference is a well-formed reference to an entity.
type reference struct {
	typename string
	key      [maxKeyFields]string // the values of its key
}

const maxKeyFields = 3

// referenceOf reads what a router sent (a representation, in the words of the Apollo
// Federation subgraph specification). What is malformed is a *model.InputError.
func referenceOf(index int, representation map[string]any) (reference, *model.InputError) {
	typename, named := representation["__typename"].(string)
	fields, known := entityKeys[typename]
	if !named || !known {
		return reference{}, &model.InputError{
			Scalar: "The type", Want: "one of " + strings.Join(entityTypes(), ", "), Got: "got something else",
			Argument: argumentOf(index, "__typename"),
		}
	}
	values := make([]any, len(fields))
	for i, field := range fields {
		values[i] = representation[field.name]
	}
	ref, wrong, err := referenceTo(typename, values)
	if err == nil {
		return ref, nil
	}
	mistake := *err.(*model.InputError) //nolint:errorlint,forcetypeassert // our scalars return nothing else
	name := fields[wrong].name
	mistake.Argument = argumentOf(index, name)
	if _, given := representation[name]; !given {
		mistake.Got = "it is missing"
	}
	return reference{}, &mistake
}

// referenceTo joins the values of a key, or says which of them is malformed, and why.
func referenceTo(typename string, values []any) (reference, int, error) {
	ref := reference{typename: typename}
	for i, field := range entityKeys[typename] {
		if err := field.check(values[i]); err != nil {
			return reference{}, i, err
		}
		ref.key[i] = values[i].(string) //nolint:forcetypeassert // the scalars are strings
	}
	return ref, 0, nil
}

func argumentOf(index int, field string) string {
	return "representations[" + strconv.Itoa(index) + "]." + field
}

func entityTypes() []string {
	names := make([]string, 0, len(entityKeys))
	for name := range entityKeys {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
