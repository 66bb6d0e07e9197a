package cost

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// entity is a type that can be referred to by a key: its weight, the members of a reference that name its parent, and
// the one that has the key.
type entity struct {
	weight int
	parent []string
	key    string
	// readsWhole reports whether several are searched for in lists that are read to their end.
	readsWhole bool
}

// listedEntities are the entities of which several are searched for in lists that are read to their end. Of lists of
// jobs only the pages with the jobs are read.
var listedEntities = []string{"AtlasCluster", "AtlasProject", "AtlasSnapshot"}

// readKey reads the @key of a type, whose last field is the key within the parent that the others name.
func (e *entity) readKey(directives ast.DirectiveList) {
	if key := directives.ForName("key"); key != nil {
		fields := strings.Fields(key.Arguments.ForName("fields").Value.Raw)
		e.parent, e.key = fields[:len(fields)-1], fields[len(fields)-1]
	}
}

// references adds the lookups for the references of a router, and returns how many there are of each type. Malformed
// references are never asked for.
func (e *estimator) references(field *ast.Field) map[string]int {
	types := make(map[string]int)
	for _, element := range e.list(field, "representations") {
		representation, _ := element.(map[string]any)
		typename, _ := representation["__typename"].(string)
		entity := e.model.entities[typename]
		if entity.key == "" {
			continue
		}
		types[typename]++
		group := []string{typename}
		for _, name := range entity.parent {
			group = append(group, textOf(representation[name]))
		}
		one := newLookup(entity.weight, textOf(representation[entity.key]), group...)
		one.readsWhole = entity.readsWhole
		if typename == "AtlasProject" {
			one.listed = max(e.credentials.Listed-1, 0)
			e.addProject(textOf(representation[entity.key]))
		} else {
			e.addProject(textOf(representation["groupId"]))
		}
		e.lookups = append(e.lookups, one)
	}
	return types
}
