package cost

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Estimate is what an operation can cost at worst.
type Estimate struct {
	// Calls are calls of Atlas.
	Calls int
	// Fields are fields of the answer, those of lists as often as they have elements.
	Fields int
}

// most bounds every count, so that none overflows.
const most = 1 << 40

func times(a, b int) int {
	if a > 0 && b > most/a {
		return most
	}
	return min(a*b, most)
}

// Estimate says what the operation can cost with these variables.
func (p *Plan) Estimate(variables map[string]any) Estimate {
	e := &estimator{model: p.model, variables: variables, keys: make(map[string]*keys)}
	e.below(&p.root, scope{n: 1, projects: 1})
	for _, k := range e.keys {
		calls := k.weight
		if len(k.of) > 1 {
			// A list, and one by one what is not on it.
			calls = times(k.weight, len(k.of)+1)
		}
		e.calls(calls)
	}
	return e.sum
}

type estimator struct {
	model     *Model
	variables map[string]any
	sum       Estimate
	keys      map[string]*keys // by how they are fetched, and their parent
}

// keys are things of one parent that are asked for by their keys: together, and each
// once.
type keys struct {
	weight int
	of     map[string]struct{}
}

// scope is what is known of the objects whose fields are estimated.
type scope struct {
	n int // how many there are
	// lists are the lists that they stand on, where they are jobs, and clusters and
	// projects what they belong to, as far as that bounds anything.
	lists, clusters, projects int
	// types says how many there are of each type; nil where that is not known.
	types map[string]int
	// parent is the field that holds them, and first how many elements its lists have.
	parent *fieldCost
	first  int
}

func (e *estimator) calls(n int) { e.sum.Calls = min(e.sum.Calls+n, most) }

// below estimates what lies below a node.
func (e *estimator) below(n *node, s scope) {
	e.sum.Fields = min(e.sum.Fields+times(s.n, n.own), most)
	for _, child := range n.children {
		if child.included(e.variables) {
			e.estimate(child, s.of(child.field))
		}
	}
}

// of narrows the scope to the objects that can have the field.
func (s scope) of(field *ast.Field) scope {
	if s.types == nil || field.ObjectDefinition == nil || field.ObjectDefinition.Kind != ast.Object {
		return s
	}
	s.n = s.types[field.ObjectDefinition.Name]
	return s
}

// estimate adds what a field costs, and what lies below it.
func (e *estimator) estimate(n *node, s scope) {
	e.sum.Fields = min(e.sum.Fields+s.n, most)
	c := n.cost
	inner := s
	inner.types, inner.parent, inner.first = nil, c, e.first(n)
	switch {
	case !c.list:
	case s.parent != nil && s.parent.isSized(n.field.Name):
		inner.n = times(s.n, s.first)
	default:
		inner.n = times(s.n, n.size)
	}
	switch c.how {
	case byKey:
		e.key(n.field.Name, c.weight, e.values(n.field, c.parent), e.values(n.field, []string{c.key}))
		inner.lists, inner.projects = 0, s.n
	case references:
		inner.types = e.references(n.field)
		inner.n = 0
		for _, count := range inner.types {
			inner.n += count
		}
		inner.lists, inner.projects = 0, inner.n
	case jobList:
		e.calls(times(s.n, c.weight+e.pages(n)))
		inner.lists, inner.clusters = s.n, s.n
	case projectJobs:
		clusters, calls := e.project(n)
		e.calls(times(s.n, calls))
		inner.lists, inner.clusters = s.n, times(s.n, clusters)
	case clusterList:
		e.calls(times(s.n, c.weight))
		inner.projects = s.n
	case snapshotLink:
		e.calls(times(c.weight, s.together(s.clusters)))
	case clusterLink:
		e.calls(times(c.weight, s.together(times(s.lists, 2*assumedTargets))))
		inner.projects = s.together(times(s.lists, assumedTargets))
		inner.lists = 0
	case projectLink:
		e.calls(times(c.weight, min(s.n, s.projects)))
	case alone:
		e.calls(times(s.n, c.weight))
	}
	e.below(n, inner)
}

// together is how many times the links of jobs are followed: one by one, or for those of
// a list in so many groups.
func (s scope) together(groups int) int {
	if s.lists == 0 {
		return s.n
	}
	return min(s.n, groups)
}

func (e *estimator) key(what string, weight int, parent, key string) {
	group := what + "/" + parent
	if e.keys[group] == nil {
		e.keys[group] = &keys{weight: weight, of: make(map[string]struct{}, 1)}
	}
	e.keys[group].of[key] = struct{}{}
}

// pages is what the arguments of a list of jobs cost beyond its weight.
func (e *estimator) pages(n *node) int {
	pages := 0
	if e.first(n) > firstPages {
		pages++
	}
	if e.value(n.field, "after") != nil {
		pages += seekPages
	}
	return pages
}

// project is how many clusters a list of a project's jobs reads, and what that costs.
func (e *estimator) project(n *node) (clusters, calls int) {
	each := plainPages
	if len(e.list(n.field, "states"))+len(e.list(n.field, "deliveryTypes")) > 0 {
		each = scanPages
	}
	if e.value(n.field, "after") != nil {
		each += seekPages
	}
	if named := len(e.list(n.field, "clusterNames")); named > 0 {
		// Nobody has said which API has them.
		return named, times(named, each+otherAPIs)
	}
	return assumedClusters, clusterLists + times(assumedClusters, each)
}

// first is how many elements the lists below a field have.
func (e *estimator) first(n *node) int {
	first := n.cost.size
	for _, name := range n.cost.slices {
		if value, ok := asInt(e.value(n.field, name)); ok {
			first = value
		} else if value, ok := asInt(defaultOf(n.field, name)); ok {
			first = value // null is as good as nothing
		}
	}
	return min(max(first, 0), maxFirst)
}

func asInt(value any) (int, bool) {
	switch v := value.(type) {
	case int64:
		return int(min(max(v, 0), most)), true
	case int:
		return v, true
	case float64:
		return int(min(max(v, 0), most)), true
	case json.Number:
		n, err := v.Int64()
		return int(min(max(n, 0), most)), err == nil
	default:
		return 0, false
	}
}

// value is the value of an argument, or its default; nil where there is none.
func (e *estimator) value(field *ast.Field, name string) any {
	if argument := field.Arguments.ForName(name); argument != nil {
		value, err := argument.Value.Value(e.variables)
		if err != nil {
			return nil
		}
		return value
	}
	return defaultOf(field, name)
}

// defaultOf is the value that the schema gives an argument; nil where there is none.
func defaultOf(field *ast.Field, name string) any {
	def := field.Definition.Arguments.ForName(name)
	if def == nil || def.DefaultValue == nil {
		return nil
	}
	value, err := def.DefaultValue.Value(nil)
	if err != nil {
		return nil
	}
	return value
}

// list is an argument that is a list. A single value counts for one of one.
func (e *estimator) list(field *ast.Field, name string) []any {
	switch v := e.value(field, name).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// values joins the values of arguments.
func (e *estimator) values(field *ast.Field, names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = text(e.value(field, name))
	}
	return strings.Join(parts, "/")
}

func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return fmt.Sprint(value)
}
