package cost

import (
	"cmp"
	"encoding/json"
	"hash/maphash"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Estimate is the cost of an operation at worst.
type Estimate struct {
	// Calls are calls of Atlas.
	Calls int
	// Fields are fields of the answer, fields of lists multiplied by the length of the list.
	Fields int
}

// maxCount bounds every count, so that none overflows.
const maxCount = 1 << 40

func times(a, b int) int {
	if a > 0 && b > maxCount/a {
		return maxCount
	}
	return min(a*b, maxCount)
}

// Credentials are the Atlas credentials that an operation is read with. The zero value is a single one.
type Credentials struct {
	// Listed is how many are asked for the list of all projects; 0 means one.
	Listed int
	// Searched is how many are asked which of them has a project that none of them is configured for.
	Searched int
}

// Estimate returns the cost of the operation with these variables, read with these credentials.
func (p *Plan) Estimate(variables map[string]any, c Credentials) Estimate {
	e := &estimator{model: p.model, variables: variables, credentials: c}
	e.below(&p.root, scope{n: 1, projects: 1})
	e.addLookups()
	e.addLists()
	e.addSearches()
	return e.sum
}

type estimator struct {
	model       *Model
	variables   map[string]any
	credentials Credentials
	sum         Estimate
	lookups     []lookup
	// projects are the projects that the operation names, and targets is to how many others its jobs may restore.
	projects map[string]struct{}
	targets  int
	// readsWhole reports whether it reads lists to their end, and readsProjects whether it reads the jobs of whole
	// projects.
	readsWhole, readsProjects bool
	// listsProjects reports whether it reads the list of all projects.
	listsProjects bool
	// follows reports whether it follows links of jobs that are asked for by their keys.
	follows bool
}

// addLists adds the reserve for lists of unknown length.
func (e *estimator) addLists() {
	if e.readsWhole {
		e.calls(longLists)
	}
	if e.readsProjects {
		e.calls(manyClusters)
	}
}

// addSearches adds the calls that find the credential of each project.
func (e *estimator) addSearches() {
	e.calls(times(e.credentials.Searched, len(e.projects)+e.targets))
}

// addProject records a project that the operation names.
func (e *estimator) addProject(groupID string) {
	if e.credentials.Searched == 0 || groupID == "" {
		return
	}
	if e.projects == nil {
		e.projects = make(map[string]struct{})
	}
	e.projects[groupID] = struct{}{}
}

// lookup asks for one thing by its key. Lookups of one group ask for one type and one parent, and are batched.
type lookup struct {
	group, key uint64 // hashes
	weight     int
	// Several are searched for in lists: listed is how many of the lists cost a call beyond lostPages, and readsWhole
	// reports whether they are read to their end.
	listed     int
	readsWhole bool
}

// seed is the seed of all hashes. It is random, so that no client can make keys that collide.
var seed = maphash.MakeSeed()

// newLookup returns a lookup for the names of a type and its parents, and for a key.
func newLookup(weight int, key string, names ...string) lookup {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, name := range names {
		_, _ = h.WriteString(name)
		_ = h.WriteByte(0)
	}
	return lookup{group: h.Sum64(), key: maphash.String(seed, key), weight: weight}
}

// addLookups adds the cost of the lookups, each distinct one once: a single one costs its weight, several cost the
// pages that were searched in vain, and each its own call.
func (e *estimator) addLookups() {
	slices.SortFunc(e.lookups, func(a, b lookup) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.key, b.key))
	})
	lookups := slices.CompactFunc(e.lookups, func(a, b lookup) bool { return a.group == b.group && a.key == b.key })
	e.readsWhole = e.readsWhole || e.follows && len(lookups) > 1
	for len(lookups) > 0 {
		n := 1
		for n < len(lookups) && lookups[n].group == lookups[0].group {
			n++
		}
		calls := lookups[0].weight
		if n > 1 {
			calls = min(times(calls, n+lostPages)+lookups[0].listed, maxCount)
			e.readsWhole = e.readsWhole || lookups[0].readsWhole
		}
		e.calls(calls)
		lookups = lookups[n:]
	}
}

// scope is what is known of the objects whose fields are estimated.
type scope struct {
	n int // how many there are
	// lists are the lists that they are on, where they are jobs; clusters and projects are those that they belong to,
	// where their number is bounded.
	lists, clusters, projects int
	// types is how many there are of each type; nil where that is unknown.
	types map[string]int
	// parent is the field that holds them, and first how many elements its lists have.
	parent *fieldCost
	first  int
}

func (e *estimator) calls(n int) { e.sum.Calls = min(e.sum.Calls+n, maxCount) }

// below estimates the fields below a node.
func (e *estimator) below(n *node, s scope) {
	e.sum.Fields = min(e.sum.Fields+times(s.n, n.own), maxCount)
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

// estimate adds the cost of a field and of the fields below it.
func (e *estimator) estimate(n *node, s scope) {
	e.sum.Fields = min(e.sum.Fields+s.n, maxCount)
	c := n.cost
	e.addProject(e.text(n.field, "groupId"))
	inner := s
	inner.types, inner.parent, inner.first = nil, c, e.first(n)
	switch {
	case !c.list:
	case s.parent != nil && s.parent.isSized(n.field.Name):
		inner.n = times(s.n, s.first)
	default:
		inner.n = times(s.n, n.size)
	}
	switch c.mode {
	case byKey:
		e.lookups = append(e.lookups, e.lookup(n))
		inner.lists, inner.projects = 0, s.n
	case references:
		inner.types = e.references(n.field)
		inner.n = 0
		for _, count := range inner.types {
			inner.n += count
		}
		inner.lists, inner.projects = 0, inner.n
	case watchedJob:
		// And the job itself, where it does not stand on the newest page.
		e.calls(c.weight + times(pollsPerMinute, jobLists+1))
		inner.lists, inner.projects = 0, s.n
	case watchedJobs:
		clusters, calls := e.watchedProject(n)
		e.calls(calls)
		inner.lists, inner.clusters = s.n, clusters
	case jobList:
		e.calls(times(s.n, c.weight+e.pages(n)))
		inner.lists, inner.clusters = s.n, s.n
	case organizationJobs:
		e.calls(times(s.n, c.weight))
		e.readProjects(s.n)
		inner.lists, inner.clusters = s.n, maxCount
	case organizationList:
		e.calls(times(s.n, max(e.credentials.Listed, 1)))
		e.readProjects(s.n)
	case projectJobs:
		clusters, calls := e.project(n)
		e.calls(times(s.n, calls))
		inner.lists, inner.clusters = s.n, times(s.n, clusters)
	case projectList:
		e.readProjects(s.n)
	case clusterList:
		e.calls(times(s.n, c.weight))
		e.readsWhole = e.readsWhole || s.n > 0
		inner.projects = s.n
	case snapshotList:
		e.calls(times(s.n, c.weight+e.pages(n)))
		e.readsWhole = e.readsWhole || s.n > 0
	case snapshotLink:
		e.follow(s)
		e.calls(times(c.weight, s.together(s.clusters)))
	case clusterLink:
		e.follow(s)
		e.calls(times(c.weight, s.together(times(s.lists, 2*assumedTargets))))
		inner.projects = s.together(times(s.lists, assumedTargets))
		e.targets = min(e.targets+inner.projects, maxCount)
		inner.lists = 0
	case projectLink:
		e.calls(times(c.weight, min(s.n, s.projects)))
	case single:
		e.calls(times(s.n, c.weight))
	}
	e.below(n, inner)
}

// readProjects adds the list of the projects, which an operation reads once.
func (e *estimator) readProjects(n int) {
	if n > 0 && !e.listsProjects {
		e.listsProjects = true
		e.calls(max(e.credentials.Listed, 1))
	}
	e.readsWhole = e.readsWhole || n > 0
}

// follow records links that are followed together, where the jobs were read together.
func (e *estimator) follow(s scope) {
	e.readsWhole = e.readsWhole || s.n > 0 && s.lists > 0
	e.follows = e.follows || s.n > 0
}

// together returns how many times the links of jobs are followed: one by one, or for the jobs of a list in groups.
func (s scope) together(groups int) int {
	if s.lists == 0 {
		return s.n
	}
	return min(s.n, groups)
}

// lookup returns what a field asks for by its key.
func (e *estimator) lookup(n *node) lookup {
	var parents [2]string
	for i, name := range n.cost.parent {
		parents[i] = e.text(n.field, name)
	}
	one := newLookup(n.cost.weight, e.text(n.field, n.cost.key), n.field.Name, parents[0], parents[1])
	one.readsWhole = n.cost.readsWhole
	return one
}

// pages returns the calls that the arguments of a list of jobs add to its weight.
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

// project returns how many clusters a list of a project's jobs reads, and how many calls that takes.
func (e *estimator) project(n *node) (clusters, calls int) {
	each := plainPages
	if len(e.list(n.field, "states"))+len(e.list(n.field, "deliveryTypes")) > 0 {
		each = scanPages
	}
	if e.value(n.field, "after") != nil {
		each += seekPages
	}
	if named := len(e.list(n.field, "clusterNames")); named > 0 && len(e.list(n.field, "clusterTags")) == 0 {
		// The API that has them is unknown.
		return named, times(named, each+collectionPages+otherAPIs)
	}
	e.readsWhole, e.readsProjects = true, true
	return assumedClusters, clusterLists + times(assumedClusters, each+collectionPages)
}

// first returns how many elements the lists below a field have.
// watchedProject returns how many clusters a subscription to the jobs of a project has, and the calls of a minute.
func (e *estimator) watchedProject(n *node) (clusters, calls int) {
	clusters = assumedClusters
	if named := len(e.list(n.field, "clusterNames")); named > 0 {
		clusters = named
	}
	calls = times(clusters, pollsPerMinute*jobLists)
	if len(e.list(n.field, "states"))+len(e.list(n.field, "deliveryTypes")) > 0 {
		calls += times(clusters, scanPages-1)
	}
	return clusters, calls + clusterLists
}

func (e *estimator) first(n *node) int {
	first := n.cost.size
	for _, name := range n.cost.slices {
		if value, ok := asInt(e.value(n.field, name)); ok {
			first = value
		} else if value, ok := asInt(defaultOf(n.field, name)); ok {
			first = value // null has the meaning of the default
		}
	}
	return min(max(first, 0), maxFirst)
}

func asInt(value any) (int, bool) {
	switch v := value.(type) {
	case int64:
		return int(min(max(v, 0), maxCount)), true
	case int:
		return v, true
	case float64:
		return int(min(max(v, 0), maxCount)), true
	case json.Number:
		n, err := v.Int64()
		return int(min(max(n, 0), maxCount)), err == nil
	default:
		return 0, false
	}
}

// value returns the value of an argument, or its default, or nil.
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

// defaultOf returns the default of an argument in the schema, or nil.
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

// list returns an argument that is a list. A single value is a list of one.
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

// text returns an argument that is a string.
func (e *estimator) text(field *ast.Field, name string) string {
	argument := field.Arguments.ForName(name)
	if argument == nil {
		return ""
	}
	switch argument.Value.Kind {
	case ast.StringValue:
		return argument.Value.Raw
	default:
		return textOf(e.value(field, name))
	}
}

// textOf returns a string, or "" for another value, which is not a key and never asked for.
func textOf(value any) string {
	s, _ := value.(string)
	return s
}
