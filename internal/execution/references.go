package execution

import (
	"slices"
	"strconv"
	"strings"

	"atlas-restore-gateway/graph/model"
)

// MaxReferences is how many references to entities one _entities field takes. Routers ask for the elements of one of
// their lists.
const MaxReferences = 1000

// keyField is a field of the key of an entity. Check is UnmarshalGQL of its scalar.
type keyField struct {
	name  string
	check func(v any) error
}

func isObjectID(v any) error    { return new(model.ObjectID).UnmarshalGQL(v) }
func isClusterName(v any) error { return new(model.ClusterName).UnmarshalGQL(v) }

var (
	jobKey     = []keyField{{"groupId", isObjectID}, {"clusterName", isClusterName}, {"id", isObjectID}}
	clusterKey = []keyField{{"groupId", isObjectID}, {"name", isClusterName}}
	projectKey = []keyField{{"id", isObjectID}}
)

// entityKeys are the types with an @key, and the fields of the key.
var entityKeys = map[string][]keyField{
	"AtlasCluster":         clusterKey,
	"AtlasOrganization":    projectKey,
	"AtlasProject":         projectKey,
	"AtlasSnapshot":        jobKey,
	"CollectionRestoreJob": jobKey,
	"DedicatedRestoreJob":  jobKey,
	"FlexRestoreJob":       jobKey,
	"RestoreJob":           jobKey,
	"ServerlessRestoreJob": jobKey,
}

// reference is a well-formed reference to an entity.
type reference struct {
	typename string
	values   [maxKeyFields]string // of its key
}

const maxKeyFields = 3

// parseRepresentation returns the reference that a router sent (a representation, in the words of the Apollo
// Federation subgraph specification). The error of a malformed one is a *model.InputError.
func parseRepresentation(index int, representation map[string]any) (reference, *model.InputError) {
	typename, named := representation["__typename"].(string)
	fields, known := entityKeys[typename]
	if !named || !known {
		return reference{}, &model.InputError{
			Scalar: "The type", Want: "one of " + strings.Join(entityTypes(), ", "), Got: "got something else",
			Argument: representationField(index, "__typename"),
		}
	}
	values := make([]any, len(fields))
	for i, field := range fields {
		values[i] = representation[field.name]
	}
	ref, wrong, err := newReference(typename, values)
	if err == nil {
		return ref, nil
	}
	mistake := *err.(*model.InputError) //nolint:errorlint,forcetypeassert // our scalars return nothing else
	name := fields[wrong].name
	mistake.Argument = representationField(index, name)
	if _, given := representation[name]; !given {
		mistake.Got = "it is missing"
	}
	return reference{}, &mistake
}

// newReference joins the values of a key. It returns the index and the error of the first one that is malformed.
func newReference(typename string, values []any) (reference, int, error) {
	ref := reference{typename: typename}
	for i, field := range entityKeys[typename] {
		if err := field.check(values[i]); err != nil {
			return reference{}, i, err
		}
		ref.values[i] = values[i].(string) //nolint:forcetypeassert // the scalars are strings
	}
	return ref, 0, nil
}

// representationField is the name of a field of a representation, for an error.
func representationField(index int, field string) string {
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
