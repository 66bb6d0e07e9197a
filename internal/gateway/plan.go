package gateway

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// plan counts the different things that an operation's root fields ask for by their
// keys. With that the loader knows when its batch is complete and has nothing to wait
// for, and can read ahead what is all that the operation asks for.
//
// Jobs are the root fields where each asks for one job and all of them are read at once;
// else there are none.
func plan(oc *graphql.OperationContext) (p loader.Plan, jobs []jobRoot) {
	if oc.Operation == nil || oc.Operation.Operation != ast.Query {
		return loader.Plan{}, nil
	}
	fields := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"})
	different := make(map[reference]struct{}, len(fields))
	jobs = make([]jobRoot, 0, len(fields))
	for _, field := range fields {
		if field.Name == entitiesField {
			addEntities(different, field, oc.Variables)
			continue
		}
		ref, ok := referenceIn(field, oc.Variables)
		if !ok {
			continue
		}
		different[ref] = struct{}{}
		if _, job := jobTypes[ref.typename]; job {
			jobs = append(jobs, jobRoot{field, ref})
		}
	}
	for ref := range different {
		if tier, job := jobTypes[ref.typename]; job {
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
	if len(different) > 1 && !slices.ContainsFunc(fields, isNoJob) {
		p.Prefetch = ahead(different)
	}
	if len(jobs) != len(fields) || len(different) > 1 && p.Prefetch == nil {
		jobs = nil
	}
	return p, jobs
}

// jobRoot is a root field that asks for one job, and for which.
type jobRoot struct {
	graphql.CollectedField
	job reference
}

// jobTypes are the types of jobs that are asked for by their keys, and who is asked.
var jobTypes = map[string]restore.Tier{
	"ServerlessRestoreJob": restore.Serverless,
	"FlexRestoreJob":       restore.Flex,
	"DedicatedRestoreJob":  restore.Dedicated,
	"RestoreJob":           restore.AnyTier,
}

// isNoJob is whether a root field asks for anything else than one job.
func isNoJob(field graphql.CollectedField) bool {
	_, job := jobTypes[byKey[field.Name].typename]
	return !job && field.Name != "__typename"
}

// ahead are the jobs, where they are of one type and one cluster. Else there are several
// calls, and what the first one leads to need not wait for the last.
func ahead(different map[reference]struct{}) *loader.Prefetch {
	a := &loader.Prefetch{Keys: make([]restore.Key, 0, len(different))}
	typename := ""
	for ref := range different {
		key := restore.Key{GroupID: ref.key[0], ClusterName: ref.key[1], JobID: ref.key[2]}
		if typename == "" {
			typename, a.Tier, a.Cluster = ref.typename, jobTypes[ref.typename], key.Cluster()
		}
		if ref.typename != typename || key.Cluster() != a.Cluster {
			return nil
		}
		a.Keys = append(a.Keys, key)
	}
	return a
}

// byKey are the root fields that ask for one thing by its key: its type, and the
// arguments that make up the key.
var byKey = map[string]struct {
	typename  string
	arguments []string
}{
	"serverlessRestoreJob": {"ServerlessRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"flexRestoreJob":       {"FlexRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"dedicatedRestoreJob":  {"DedicatedRestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"restoreJob":           {"RestoreJob", []string{"groupId", "clusterName", "restoreJobId"}},
	"snapshot":             {"AtlasSnapshot", []string{"groupId", "clusterName", "snapshotId"}},
	"cluster":              {"AtlasCluster", []string{"groupId", "clusterName"}},
}

// addEntities adds what an _entities field asks for; what is malformed is never asked for.
func addEntities(different map[reference]struct{}, field graphql.CollectedField, variables map[string]any) {
	list, _ := field.ArgumentMap(variables)["representations"].([]any)
	if len(list) > maxReferences {
		return
	}
	for i, element := range list {
		representation, _ := element.(map[string]any)
		if ref, err := referenceOf(i, representation); err == nil {
			different[ref] = struct{}{}
		}
	}
}

// referenceIn is the one thing that a root field asks for, if it does and its key is well-formed.
func referenceIn(field graphql.CollectedField, variables map[string]any) (reference, bool) {
	how, ok := byKey[field.Name]
	if !ok {
		return reference{}, false
	}
	// Without field.ArgumentMap, which makes two maps: this is done for each field.
	var values [maxKeyFields]any
	for i, name := range how.arguments {
		values[i] = argument(field.Arguments.ForName(name), variables)
	}
	ref, _, err := referenceTo(how.typename, values[:len(how.arguments)])
	return ref, err == nil
}

// argument is the value of an argument that is a text; nil of any other.
func argument(a *ast.Argument, variables map[string]any) any {
	switch {
	case a == nil:
		return nil
	case a.Value.Kind == ast.Variable:
		return variables[a.Value.Raw]
	case a.Value.Kind == ast.StringValue, a.Value.Kind == ast.BlockValue:
		// What is read by it may be kept for longer than the document that it is a part of.
		return strings.Clone(a.Value.Raw)
	default:
		return nil
	}
}
