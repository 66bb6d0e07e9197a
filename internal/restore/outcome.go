package restore

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlas"
)

// outcome is what the answer of an API says about whether the API has a cluster.
type outcome int

const (
	// outcomeFound: the API has the cluster. The answer is the answer, or the error is.
	outcomeFound outcome = iota
	// outcomeNotHere: the API does not have the cluster, or has it as one of another tier.
	outcomeNotHere
	// outcomeRetired: the API itself was retired.
	outcomeRetired
	// outcomeUnclear: something was not found, and the answer does not say what.
	outcomeUnclear
	// outcomeFailed: the answer does not tell, because it is a refusal, or not Atlas's own. Other APIs may have the
	// cluster.
	outcomeFailed
	// outcomeStop: the failure has nothing to do with where the cluster is.
	outcomeStop
)

// classify returns the outcome of a call of an API. A failure never means that something does not exist, and one that
// may pass ends a search: other APIs would be asked in vain, and an upstream in trouble should not get more calls.
func classify(tier Tier, err error) outcome {
	if err == nil {
		return outcomeFound
	}
	e := atlas.AnswerOf(err)
	switch {
	case e == nil && isForeignAnswer(err):
		return outcomeFailed
	case e == nil || !tellsCause(e) || sharedCodes[e.ErrorCode]:
		return outcomeStop
	case isNotHereCode(tier, e.ErrorCode):
		return outcomeNotHere
	case jobNotFoundCodes[e.ErrorCode], snapshotNotFoundCodes[e.ErrorCode], noBackupsCodes[e.ErrorCode]:
		return outcomeFound
	case e.Status == http.StatusGone && tier == Serverless:
		return outcomeRetired
	case e.Status == http.StatusNotFound:
		return outcomeUnclear
	default:
		return outcomeFailed
	}
}

// isNoAPI reports whether err, of a list of collection restores, says that Atlas does not have the API, or does not
// offer it. Atlas answers so for a path that it does not know (inferred: there is no recording of collection restores).
func isNoAPI(err error) bool {
	e := atlas.AnswerOf(err)
	if e == nil || !tellsCause(e) || sharedCodes[e.ErrorCode] {
		return false
	}
	switch e.ErrorCode {
	case "FEATURE_UNSUPPORTED", "PROVIDER_UNSUPPORTED":
		return true
	}
	switch e.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusGone:
		return !isNotHereCode(Collection, e.ErrorCode)
	default:
		return false
	}
}

// isForeignAnswer reports whether a proxy before Atlas gave the answer, and would give it again, as one does that does
// not let a path pass. From 500 on the next answer may be another one.
func isForeignAnswer(err error) bool {
	var e *atlas.Error
	return atlas.IsForeign(err) && errors.As(err, &e) && e.Status < http.StatusInternalServerError
}

// tellsCause reports whether the error code of an answer tells what is wrong with the request. That of a failure of
// Atlas, or of its rate limit, does not.
func tellsCause(e *atlas.Error) bool {
	return e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests
}

// The tables below hold error codes of Atlas by what they say about where a cluster is. A code that is in none says
// nothing about it: the search goes on, and its error is the answer if no other API has the cluster.

// notHereCodes are the codes of an API that does not have the cluster: others may. Some count only from some APIs; nil
// means from each.
var notHereCodes = map[string][]Tier{
	"CLUSTER_NOT_FOUND":             nil,
	"CLUSTER_NAME_NOT_FOUND":        nil,
	"SERVERLESS_INSTANCE_NOT_FOUND": nil,
	"NOT_SERVERLESS_TENANT_CLUSTER": nil,
	// The API is not offered at all, as Flex in Atlas for Government. The Dedicated one always is: from it these are
	// refusals.
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

// isNotHereCode reports whether the API of a tier says by this code that it does not have the cluster.
func isNotHereCode(tier Tier, code string) bool {
	from, listed := notHereCodes[code]
	if listed {
		return from == nil || slices.Contains(from, tier)
	}
	// New tiers brought new codes of this form.
	return strings.HasPrefix(code, "CANNOT_USE_") && strings.Contains(code, "_IN_") && strings.HasSuffix(code, "_API")
}

// sharedCodes are the codes that every API would answer: the search ends.
var sharedCodes = map[string]bool{
	"GROUP_NOT_FOUND":               true,
	"IP_ADDRESS_NOT_ON_ACCESS_LIST": true,
	"RESOURCE_REQUIRES_ACCESS_LIST": true,
	"ORG_REQUIRES_ACCESS_LIST":      true,
}

// jobNotFoundCodes are the codes of an API that has the cluster and does not have the job.
var jobNotFoundCodes = map[string]bool{
	"RESTORE_JOB_NOT_FOUND":          true,
	"RESTORE_JOB_NOT_FOUND_IN_GROUP": true,
	"TENANT_RESTORE_NOT_FOUND":       true,
	"INVALID_JOB_ID":                 true,
}

// snapshotNotFoundCodes are the codes of an API that has the cluster and does not have the snapshot.
var snapshotNotFoundCodes = map[string]bool{
	"SNAPSHOT_NOT_FOUND":        true,
	"TENANT_SNAPSHOT_NOT_FOUND": true,
	"INVALID_SNAPSHOT_ID":       true,
}

// isSnapshotNotFound reports whether err, of a call for one snapshot, says that Atlas does not have it. In such a call
// the code for any missing resource means the snapshot.
func isSnapshotNotFound(err error) bool {
	e := atlas.AnswerOf(err)
	return e != nil && tellsCause(e) && (snapshotNotFoundCodes[e.ErrorCode] || e.ErrorCode == "RESOURCE_NOT_FOUND")
}

// noBackupsCodes are the codes of an API that has the cluster and makes no backups of it.
var noBackupsCodes = map[string]bool{
	"BACKUP_CONFIG_NOT_FOUND": true,
	"BACKUP_JOB_NOT_FOUND":    true,
}

// hasNoBackups reports whether err, of a list, says that Atlas makes no backups of the cluster: the list is empty.
func hasNoBackups(err error) bool {
	e := atlas.AnswerOf(err)
	return e != nil && tellsCause(e) && noBackupsCodes[e.ErrorCode]
}
