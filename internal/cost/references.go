package cost

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// entity is a type that can be referred to by a key: what it weighs, the members of a
// reference that name its parent, and the one that names it there.
type entity struct {
	weight int
	parent []string
	key    string
	// whole is whether several are looked for on lists that are read as a whole.
	readsWhole bool
}

// onLists are the entities of which several are looked for on lists that are read as a whole;
// lists of jobs are read where the jobs stand.
var listedEntities = []string{"AtlasCluster", "AtlasProject", "AtlasSnapshot"}

// readKey takes the @key of a type, whose last field names it within what the others name.
func (e *entity) readKey(directives ast.DirectiveList) {
	if key := directives.ForName("key"); key != nil {
		fields := strings.Fields(key.Arguments.ForName("fields").Value.Raw)
		e.parent, e.key = fields[:len(fields)-1], fields[len(fields)-1]
	}
}

// references adds the things that a router refers to, and says how many there are of
// each type. What is malformed is never asked for.
func (e *estimator) references(field *ast.Field) map[string]int {
	types := make(map[string]int)
	for _, element := range e.list(field, "representations") {
		representation, _ := element.(map[string]any)
		typename, _ := representation["__typename"].(string)
		how := e.model.entities[typename]
		if how.key == "" {
			continue
		}
		types[typename]++
		family := []string{typename}
		for _, name := range how.parent {
			family = append(family, textOf(representation[name]))
		}
		one := newLookup(how.weight, textOf(representation[how.key]), family...)
		one.readsWhole = how.readsWhole
		if typename == "AtlasProject" {
			one.listed = max(e.credentials.Listed-1, 0)
			e.addProject(textOf(representation[how.key]))
		} else {
			e.addProject(textOf(representation["groupId"]))
		}
		e.lookups = append(e.lookups, one)
	}
	return types
}
