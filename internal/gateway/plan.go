package gateway

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/loader"
)

// plan counts the different things that an operation's root fields ask for by their
// keys. With that the loader knows when its batch is complete and has nothing to wait
// for.
func plan(oc *graphql.OperationContext) loader.Plan {
	if oc.Operation == nil || oc.Operation.Operation != ast.Query {
		return loader.Plan{}
	}
	keys := make(map[string]map[string]struct{}, 1)
	for _, field := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"}) {
		for _, ref := range referencesOf(field, oc.Variables) {
			if keys[ref.typename] == nil {
				keys[ref.typename] = make(map[string]struct{}, 1)
			}
			keys[ref.typename][ref.key] = struct{}{}
		}
	}
	return loader.Plan{
		ServerlessJobs: len(keys["ServerlessRestoreJob"]),
		FlexJobs:       len(keys["FlexRestoreJob"]),
		DedicatedJobs:  len(keys["DedicatedRestoreJob"]),
		Jobs:           len(keys["RestoreJob"]),
		Snapshots:      len(keys["AtlasSnapshot"]),
		Clusters:       len(keys["AtlasCluster"]),
		Projects:       len(keys["AtlasProject"]),
	}
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

// referencesOf is what a root field asks for; what is malformed is never asked for.
func referencesOf(field graphql.CollectedField, variables map[string]any) []reference {
	if field.Name == entitiesField {
		list, _ := field.ArgumentMap(variables)["representations"].([]any)
		if len(list) > maxReferences {
			return nil
		}
		refs := make([]reference, 0, len(list))
		for i, element := range list {
			representation, _ := element.(map[string]any)
			if ref, err := referenceOf(i, representation); err == nil {
				refs = append(refs, ref)
			}
		}
		return refs
	}
	how, ok := byKey[field.Name]
	if !ok {
		return nil
	}
	arguments := field.ArgumentMap(variables)
	values := make([]any, len(how.arguments))
	for i, name := range how.arguments {
		values[i] = arguments[name]
	}
	ref, _, err := referenceTo(how.typename, values)
	if err != nil {
		return nil
	}
	return []reference{ref}
}
