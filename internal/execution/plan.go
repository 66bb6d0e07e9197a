package execution

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// rootField is a root field of a query.
type rootField struct {
	graphql.CollectedField

	// key is the key of the one thing that the field asks for. Its typename is "" where the field asks for anything
	// else, or the key is malformed.
	key reference
}

// rootFields returns the root fields of an operation that is a query, and none of any other.
func rootFields(oc *graphql.OperationContext) []rootField {
	if oc.Operation == nil || oc.Operation.Operation != ast.Query {
		return nil
	}
	collected := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"})
	fields := make([]rootField, len(collected))
	for i, field := range collected {
		fields[i].CollectedField = field
		fields[i].key, _ = referenceIn(field, oc.Variables)
	}
	return fields
}

// batchHints counts the different things that root fields ask for by their keys. With these counts a loader knows when
// its batch is complete, and can prefetch jobs that are all that the operation asks for.
func batchHints(fields []rootField, variables map[string]any) loader.Plan {
	var p loader.Plan
	if len(fields) == 0 {
		return p
	}
	different := make(map[reference]struct{}, len(fields))
	for _, field := range fields {
		switch {
		case field.Name == entitiesField:
			addEntities(different, field.CollectedField, variables)
		case field.key.typename != "":
			different[field.key] = struct{}{}
		}
	}
	for ref := range different {
		if tier, job := jobTiers[ref.typename]; job {
			p.Jobs[tier]++
		}
		switch ref.typename {
		case "AtlasSnapshot":
			p.Snapshots++
		case "AtlasCluster":
			p.Clusters++
		case "AtlasProject":
			p.Projects++
		}
	}
	if len(different) > 1 && !slices.ContainsFunc(fields, asksForOther) {
		p.Prefetch = prefetch(different)
	}
	return p
}

// jobTiers are the types of jobs that are asked for by their keys, and the tiers that are asked for them.
var jobTiers = map[string]restore.Tier{
	"ServerlessRestoreJob": restore.Serverless,
	"FlexRestoreJob":       restore.Flex,
	"DedicatedRestoreJob":  restore.Dedicated,
	"CollectionRestoreJob": restore.Collection,
	"RestoreJob":           restore.AnyTier,
}

// asksForOther reports whether a root field asks for anything else than one job.
func asksForOther(field rootField) bool {
	_, job := jobTiers[keyedFields[field.Name].typename]
	return !job && field.Name != "__typename"
}

// prefetch returns the jobs to read before the fields are executed, where all are of one type and one cluster. It is
// nil otherwise: there are several calls, and the fields below the first result do not wait for the last.
func prefetch(different map[reference]struct{}) *loader.Prefetch {
	p := &loader.Prefetch{Keys: make([]restore.Key, 0, len(different))}
	typename := ""
	for ref := range different {
		key := restore.Key{GroupID: ref.values[0], ClusterName: ref.values[1], JobID: ref.values[2]}
		if typename == "" {
			typename, p.Tier, p.Cluster = ref.typename, jobTiers[ref.typename], key.Cluster()
		}
		if ref.typename != typename || key.Cluster() != p.Cluster {
			return nil
		}
		p.Keys = append(p.Keys, key)
	}
	return p
}

// keyedFields are the root fields that ask for one thing by its key: its type, and the arguments that are the key.
var keyedFields = map[string]struct {
	typename  string
	arguments []string
}{
	"serverlessRestoreJob": {"ServerlessRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"flexRestoreJob":       {"FlexRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"dedicatedRestoreJob":  {"DedicatedRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"collectionRestoreJob": {"CollectionRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"restoreJob":           {"RestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"snapshot":             {"AtlasSnapshot", []string{"groupId", "clusterName", "snapshotId"}},
	"cluster":              {"AtlasCluster", []string{"groupId", "clusterName"}},
}

// addEntities adds what an _entities field asks for, without malformed references, which are never read.
func addEntities(different map[reference]struct{}, field graphql.CollectedField, variables map[string]any) {
	list, _ := field.ArgumentMap(variables)["representations"].([]any)
	if len(list) > MaxReferences {
		return
	}
	for i, element := range list {
		representation, _ := element.(map[string]any)
		if ref, err := parseRepresentation(i, representation); err == nil {
			different[ref] = struct{}{}
		}
	}
}

// referenceIn returns the key of the one thing that a root field asks for, and reports whether there is a well-formed
// one.
func referenceIn(field graphql.CollectedField, variables map[string]any) (reference, bool) {
	keyed, ok := keyedFields[field.Name]
	if !ok {
		return reference{}, false
	}
	// field.ArgumentMap would make two maps for each field.
	var values [maxKeyFields]any
	for i, name := range keyed.arguments {
		values[i] = argument(field.Arguments.ForName(name), variables)
	}
	ref, _, err := newReference(keyed.typename, values[:len(keyed.arguments)])
	return ref, err == nil
}

// argument returns the value of an argument that is a string; nil of any other.
func argument(a *ast.Argument, variables map[string]any) any {
	switch {
	case a == nil:
		return nil
	case a.Value.Kind == ast.Variable:
		return variables[a.Value.Raw]
	case a.Value.Kind == ast.StringValue, a.Value.Kind == ast.BlockValue:
		// A copy: a cache may hold the value for longer than the document that it is a part of.
		return strings.Clone(a.Value.Raw)
	default:
		return nil
	}
}
