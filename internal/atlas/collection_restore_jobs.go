package atlas

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// CollectionRestoreJobs are the restore jobs of one Dedicated cluster that restore some of its collections, since
// August 2026. The path has no /backup/.
//
// There is no recording of them: what is said here is Atlas's OpenAPI document, and the order of the list (newest
// first) is inferred of the other lists.
var CollectionRestoreJobs = newResource[CollectionRestoreJob](roleBackupManager, "2025-03-12",
	"/groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs/{jobId}",
	"getCollectionRestoreJob", "listCollectionRestoreJobs").uncounted()

// RestoredCollections are the collections of one collection restore job, each with its state. Only the list is used:
// one collection has all that the list has of it.
var RestoredCollections = Resource[RestoredCollection]{
	list: declare(roleBackupManager, "2025-03-12",
		"/groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs/{jobId}/collections", "listRestoreJobCollections"),
}.uncounted()

// CollectionRestoreJob is one restore job of collections (ApiAtlasCollectionRestoreJobResponse in Atlas's OpenAPI
// document). A nil field was absent or null.
type CollectionRestoreJob struct {
	ID               string                           `json:"id"`
	CollectionSuffix *string                          `json:"collectionSuffix"`
	Collections      Elements[RestoreNamespace]       `json:"collections"`
	CreatedAt        *time.Time                       `json:"createdAt"`
	DatabaseSuffix   *string                          `json:"databaseSuffix"`
	Databases        Elements[RestoreNamespace]       `json:"databases"`
	ErrorMessage     *string                          `json:"errorMessage"`
	FinishedAt       *time.Time                       `json:"finishedAt"`
	IndexStatus      *CollectionRestoreJobIndexStatus `json:"indexStatus"`
	IndexStrategy    *string                          `json:"indexStrategy"`
	Links            Links                            `json:"links"` // not documented
	OplogInc         *int64                           `json:"oplogInc"`
	OplogTs          *int64                           `json:"oplogTs"`
	// PointInTimeUtcSeconds is spelled otherwise than in the other APIs.
	PointInTimeUtcSeconds *int64  `json:"pointInTimeUtcSeconds"`
	RestoredDocuments     *int64  `json:"restoredDocuments"`
	SnapshotID            *string `json:"snapshotId"`
	// State is INITIALIZING, IN_PROGRESS, FINALIZING, SUCCESSFUL, FAILED or CANCELED, or says that a part succeeded; the
	// document leaves it open.
	State             *string `json:"state"`
	TargetClusterName *string `json:"targetClusterName"`
	TargetGroupID     *string `json:"targetGroupId"`
	// TotalDocuments is an estimate at first.
	TotalDocuments *int64  `json:"totalDocuments"`
	WriteStrategy  *string `json:"writeStrategy"`
}

func (j CollectionRestoreJob) identity() string { return j.ID }

// RestoreNamespace is a database or a collection, and the name under which it is restored
// (ApiAtlasRestoreNamespace in Atlas's OpenAPI document).
type RestoreNamespace struct {
	SourceNamespace *string `json:"sourceNamespace"`
	TargetNamespace *string `json:"targetNamespace"`
}

// CollectionRestoreJobIndexStatus says how far the indexes of all collections are.
type CollectionRestoreJobIndexStatus struct {
	FailedCollectionCount *int64  `json:"failedCollectionCount"`
	State                 *string `json:"state"`
}

// RestoredCollection is one collection of a collection restore job (ApiAtlasCollectionRestoreCollectionStateResponse in
// Atlas's OpenAPI document). Its SourceNamespace names it. A nil field was absent or null.
type RestoredCollection struct {
	// EffectiveTargetNamespace is where the collection is in the end.
	EffectiveTargetNamespace *string                        `json:"effectiveTargetNamespace"`
	IndexStatus              *RestoredCollectionIndexStatus `json:"indexStatus"`
	RestoredDocuments        *int64                         `json:"restoredDocuments"`
	SourceNamespace          string                         `json:"sourceNamespace"`
	State                    *string                        `json:"state"`
	TargetNamespace          *string                        `json:"targetNamespace"`
	TotalDocuments           *int64                         `json:"totalDocuments"`
}

func (c RestoredCollection) identity() string { return c.SourceNamespace }

// RestoredCollectionIndexStatus says how far the indexes of one collection are.
type RestoredCollectionIndexStatus struct {
	ErrorMessage *string `json:"errorMessage"`
	// FailedIndexes are objects of which Atlas documents no field.
	FailedIndexes Elements[jsontext.Value] `json:"failedIndexes"`
	State         *string                  `json:"state"`
}
