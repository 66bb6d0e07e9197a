package cost

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// Model are the costs that the schema declares. It does not change after NewModel.
type Model struct {
	schema *ast.Schema
	fields map[*ast.FieldDefinition]*fieldCost
	// entities are the types of the schema; some can be referred to by a key.
	entities map[string]entity
	// listed are how many elements the lists of introspection have.
	listed map[string]int
}

// fieldCost is the cost of one field.
type fieldCost struct {
	mode       fetchMode
	weight     int
	list       bool
	sized      []string // sizedFields of @listSize
	slices     []string // slicingArguments
	size       int      // assumedSize
	parent     []string // arguments that name the parent of the thing with the key
	key        string   // the argument with the key
	readsWhole bool     // several are searched for in lists that are read to their end
}

// fetchMode is how a field is fetched.
type fetchMode int

const (
	// single costs its weight for each of its parents.
	single fetchMode = iota
	// byKey is one thing by its key; several of one parent are batched.
	byKey
	// references is the field of a router, with things of many types by their keys.
	references
	// jobList is a list of the jobs of one cluster.
	jobList
	// projectJobs is the list of the jobs of all clusters of a project.
	projectJobs
	// organizationJobs is the list of the jobs of all projects of an organization.
	organizationJobs
	// snapshotLink is followed for all jobs of a list at once, cluster by cluster.
	snapshotLink
	// clusterLink is followed for all jobs of a list at once, project by project.
	clusterLink
	// projectLink leads from a cluster to its project, which is read once.
	projectLink
	// clusterList is the list of the clusters of one project.
	clusterList
	// projectList is the list of all projects, read with each credential, and organizationList that of the organizations
	// with the one of the projects.
	projectList
	organizationList
	// snapshotList is a list of the snapshots of one cluster.
	snapshotList
	// watchedJob and watchedJobs are fields of Subscription. Their calls are those of a minute in which the jobs change all
	// the time.
	watchedJob
	watchedJobs
)

var inCluster = []string{"groupId", "clusterName"}

// fetchModes are the fields that are not single.
var fetchModes = map[string]fieldCost{
	"Subscription.serverlessRestoreJob":  {mode: watchedJob},
	"Subscription.restoreJob":            {mode: watchedJob},
	"Subscription.restoreJobs":           {mode: watchedJobs},
	"Query.serverlessRestoreJob":         {mode: byKey, parent: inCluster, key: "restoreJobId"},
	"Query.flexRestoreJob":               {mode: byKey, parent: inCluster, key: "restoreJobId"},
	"Query.dedicatedRestoreJob":          {mode: byKey, parent: inCluster, key: "restoreJobId"},
	"Query.collectionRestoreJob":         {mode: byKey, parent: inCluster, key: "restoreJobId"},
	"Query.collectionRestoreJobs":        {mode: jobList},
	"Query.organizations":                {mode: organizationList},
	"Query.organization":                 {mode: organizationList},
	"AtlasOrganization.projects":         {mode: projectList},
	"AtlasOrganization.restoreJobs":      {mode: organizationJobs},
	"CollectionRestoreJob.snapshot":      {mode: snapshotLink},
	"CollectionRestoreJob.targetCluster": {mode: clusterLink},
	"Query.restoreJob":                   {mode: byKey, parent: inCluster, key: "restoreJobId"},
	"Query.snapshot":                     {mode: byKey, parent: inCluster, key: "snapshotId", readsWhole: true},
	"Query.cluster":                      {mode: byKey, parent: []string{"groupId"}, key: "clusterName", readsWhole: true},
	"Query._entities":                    {mode: references},
	"Query.serverlessRestoreJobs":        {mode: jobList},
	"Query.flexRestoreJobs":              {mode: jobList},
	"Query.dedicatedRestoreJobs":         {mode: jobList},
	"AtlasCluster.restoreJobs":           {mode: jobList},
	"AtlasCluster.snapshots":             {mode: snapshotList},
	"Query.projects":                     {mode: projectList},
	"AtlasProject.clusters":              {mode: clusterList},
	"AtlasCluster.project":               {mode: projectLink},
	"Query.restoreJobs":                  {mode: projectJobs},
	"RestoreJob.snapshot":                {mode: snapshotLink},
	"ServerlessRestoreJob.snapshot":      {mode: snapshotLink},
	"FlexRestoreJob.snapshot":            {mode: snapshotLink},
	"DedicatedRestoreJob.snapshot":       {mode: snapshotLink},
	"RestoreJob.targetCluster":           {mode: clusterLink},
	"ServerlessRestoreJob.targetCluster": {mode: clusterLink},
	"FlexRestoreJob.targetCluster":       {mode: clusterLink},
	"DedicatedRestoreJob.targetCluster":  {mode: clusterLink},
}

// NewModel reads the costs of a schema. It fails when a weight is malformed, or when the schema lacks a field of
// fetchModes.
func NewModel(schema *ast.Schema) (*Model, error) {
	m := &Model{schema: schema, fields: make(map[*ast.FieldDefinition]*fieldCost), entities: make(map[string]entity)}
	known := 0
	for name, def := range schema.Types {
		var one entity
		var err error
		if one.weight, err = weightOf(def.Directives); err != nil {
			return nil, fmt.Errorf("cost: %s: %w", name, err)
		}
		one.readKey(def.Directives)
		one.readsWhole = slices.Contains(listedEntities, name)
		m.entities[name] = one
		for _, field := range def.Fields {
			c, hasMode := fetchModes[name+"."+field.Name]
			if hasMode {
				known++
			}
			if err := c.read(field); err != nil {
				return nil, fmt.Errorf("cost: %s.%s: %w", name, field.Name, err)
			}
			m.fields[field] = &c
		}
	}
	if known != len(fetchModes) {
		return nil, fmt.Errorf("cost: the schema has %d of the %d fields that are known here", known, len(fetchModes))
	}
	m.weighInterfaces()
	m.listed = introspectionSizes(schema)
	return m, nil
}

// read reads the directives of a field.
func (c *fieldCost) read(field *ast.FieldDefinition) error {
	var err error
	c.weight, err = weightOf(field.Directives)
	c.list = field.Type.Elem != nil
	c.size = AssumedItems
	listSize := field.Directives.ForName("listSize")
	if listSize == nil || err != nil {
		return err
	}
	if assumed := listSize.Arguments.ForName("assumedSize"); assumed != nil {
		if c.size, err = strconv.Atoi(assumed.Value.Raw); err != nil {
			return fmt.Errorf("the assumedSize of @listSize is no number: %w", err)
		}
	}
	c.slices = stringsOf(listSize, "slicingArguments")
	c.sized = stringsOf(listSize, "sizedFields")
	return nil
}

func weightOf(directives ast.DirectiveList) (int, error) {
	d := directives.ForName("cost")
	if d == nil {
		return 0, nil
	}
	weight, err := strconv.Atoi(d.Arguments.ForName("weight").Value.Raw)
	if err != nil || weight < 0 {
		return 0, fmt.Errorf("the weight of @cost is no number of calls: %q", d.Arguments.ForName("weight").Value.Raw)
	}
	return weight, nil
}

func stringsOf(d *ast.Directive, argument string) []string {
	arg := d.Arguments.ForName(argument)
	if arg == nil {
		return nil
	}
	list := make([]string, len(arg.Value.Children))
	for i, child := range arg.Value.Children {
		list[i] = child.Value.Raw
	}
	return list
}

// weighInterfaces gives an interface, and each of its fields, the largest weight of its types: @cost is not allowed on
// an interface. A reference to one costs a call more, because what the Dedicated API does not have is looked for among
// the collection restores.
func (m *Model) weighInterfaces() {
	for _, def := range m.schema.Types {
		if def.Kind != ast.Interface {
			continue
		}
		one := m.entities[def.Name]
		for _, possible := range m.schema.GetPossibleTypes(def) {
			one.weight = max(one.weight, m.entities[possible.Name].weight)
			for _, field := range def.Fields {
				if own := possible.Fields.ForName(field.Name); own != nil {
					m.fields[field].weight = max(m.fields[field].weight, m.fields[own].weight)
				}
			}
		}
		one.weight++
		m.entities[def.Name] = one
	}
}

// isSized reports whether the list in a field has as many elements as its parent's arguments say.
func (c *fieldCost) isSized(name string) bool { return slices.Contains(c.sized, name) }
