package restore

import (
	"net/http"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlas"
)

// Codes of Atlas, by what they say about where a cluster is. A code that is in no table
// says nothing about it: the search goes on, and its error is the answer when no other API
// has the cluster (see judge).

// notHere are the codes of an API that does not have the cluster: others may. Some count
// only from some APIs; nil means from each.
var notHere = map[string][]Tier{
	"CLUSTER_NOT_FOUND":             nil,
	"CLUSTER_NAME_NOT_FOUND":        nil,
	"SERVERLESS_INSTANCE_NOT_FOUND": nil,
	"NOT_SERVERLESS_TENANT_CLUSTER": nil,
	// The API is not offered here at all, as Flex in Atlas for Government. The Dedicated
	// one always is: from it these are refusals.
	"FEATURE_UNSUPPORTED":  {Serverless, Flex},
	"PROVIDER_UNSUPPORTED": {Serverless, Flex},
	codeNotFlex:            nil,
	codeFlexInClusters:     nil,
	"CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API": nil,
	"CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API": nil,
}

// The two codes that tell the tier of a cluster outright.
const (
	codeNotFlex        = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
	codeFlexInClusters = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"
)

// isNotHere reports whether api says by this code that it does not have the cluster.
func isNotHere(api Tier, code string) bool {
	from, listed := notHere[code]
	if listed {
		return from == nil || slices.Contains(from, api)
	}
	// New tiers brought new ones of this form.
	return strings.HasPrefix(code, "CANNOT_USE_") && strings.Contains(code, "_IN_") && strings.HasSuffix(code, "_API")
}

// everywhere are the codes that every API would answer alike: the search ends.
var everywhere = map[string]bool{
	"GROUP_NOT_FOUND":               true,
	"IP_ADDRESS_NOT_ON_ACCESS_LIST": true,
	"RESOURCE_REQUIRES_ACCESS_LIST": true,
	"ORG_REQUIRES_ACCESS_LIST":      true,
}

// goneJobs are the codes of an API that has the cluster and does not have the job.
var goneJobs = map[string]bool{
	"RESTORE_JOB_NOT_FOUND":          true,
	"RESTORE_JOB_NOT_FOUND_IN_GROUP": true,
	"TENANT_RESTORE_NOT_FOUND":       true,
	"INVALID_JOB_ID":                 true,
}

// goneSnapshots are the codes of an API that has the cluster and does not have the snapshot.
var goneSnapshots = map[string]bool{
	"SNAPSHOT_NOT_FOUND":        true,
	"TENANT_SNAPSHOT_NOT_FOUND": true,
	"INVALID_SNAPSHOT_ID":       true,
}

// isGoneSnapshot reports whether err, of a call for one snapshot, says that Atlas does not
// have it. There the code for whatever is missing means the snapshot.
func isGoneSnapshot(err error) bool {
	e := atlas.AnswerOf(err)
	return e != nil && saysWhat(e) && (goneSnapshots[e.ErrorCode] || e.ErrorCode == "RESOURCE_NOT_FOUND")
}

// noBackups are the codes of an API that has the cluster and makes no backups of it.
var noBackups = map[string]bool{
	"BACKUP_CONFIG_NOT_FOUND": true,
	"BACKUP_JOB_NOT_FOUND":    true,
}

// hasNoBackups reports whether err, of a list, says that Atlas makes no backups of the
// cluster: then the list is empty.
func hasNoBackups(err error) bool {
	e := atlas.AnswerOf(err)
	return e != nil && saysWhat(e) && noBackups[e.ErrorCode]
}

// saysWhat reports whether the code of an answer tells what is wrong with what was asked
// for. One of a failure of Atlas, or of its rate limit, does not, whatever it is.
func saysWhat(e *atlas.Error) bool {
	return e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests
}
