package cost

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// keyFields are the members of a reference to an entity that name its parent, and the
// one that names it there.
var keyFields = map[string]struct {
	parent []string
	key    string
}{
	"ServerlessRestoreJob": {inCluster, "id"},
	"FlexRestoreJob":       {inCluster, "id"},
	"DedicatedRestoreJob":  {inCluster, "id"},
	"RestoreJob":           {inCluster, "id"},
	"AtlasSnapshot":        {inCluster, "id"},
	"AtlasCluster":         {[]string{"groupId"}, "name"},
	"AtlasProject":         {nil, "id"},
}

// references adds the things that a router refers to, and says how many there are of
// each type. What is malformed is never asked for.
func (e *estimator) references(field *ast.Field) map[string]int {
	types := make(map[string]int)
	for _, element := range e.list(field, "representations") {
		representation, _ := element.(map[string]any)
		typename, _ := representation["__typename"].(string)
		how, ok := keyFields[typename]
		if !ok {
			continue
		}
		types[typename]++
		var parents [2]string
		for i, name := range how.parent {
			parents[i] = textOf(representation[name])
		}
		e.things = append(e.things, newThing(e.model.entities[typename], textOf(representation[how.key]), typename, parents[0], parents[1]))
	}
	return types
}
