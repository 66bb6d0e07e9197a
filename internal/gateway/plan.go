package gateway

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// plan counts the different jobs that an operation's root fields ask for. With
// that the loader knows when its batch is complete and has nothing to wait for.
func plan(oc *graphql.OperationContext) loader.Plan {
	if oc.Operation == nil || oc.Operation.Operation != ast.Query {
		return loader.Plan{}
	}
	keys := make(map[string]map[restore.Key]struct{}, 1)
	for _, field := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"}) {
		switch field.Name {
		case "serverlessRestoreJob", "flexRestoreJob", "dedicatedRestoreJob", "restoreJob":
			if key, ok := jobKey(field.ArgumentMap(oc.Variables)); ok {
				if keys[field.Name] == nil {
					keys[field.Name] = make(map[restore.Key]struct{}, 1)
				}
				keys[field.Name][key] = struct{}{}
			}
		}
	}
	return loader.Plan{
		ServerlessJobs: len(keys["serverlessRestoreJob"]),
		FlexJobs:       len(keys["flexRestoreJob"]),
		DedicatedJobs:  len(keys["dedicatedRestoreJob"]),
		Jobs:           len(keys["restoreJob"]),
	}
}

// jobKey is the job that the arguments name; a malformed one is never asked for.
func jobKey(args map[string]any) (restore.Key, bool) {
	var group, job model.ObjectID
	var cluster model.ClusterName
	ok := group.UnmarshalGQL(args["groupId"]) == nil && cluster.UnmarshalGQL(args["clusterName"]) == nil && job.UnmarshalGQL(args["restoreJobId"]) == nil
	return restore.Key{GroupID: string(group), ClusterName: string(cluster), JobID: string(job)}, ok
}
