package atlas

import (
	"time"

	"atlas-restore-gateway/internal/atlas/jsonscan"
)

// ServerlessRestoreJobs are the restore jobs of one serverless instance. They need the role Project Owner; their documented sunset is
// 2026-01-22.
var ServerlessRestoreJobs = newResource[ServerlessRestoreJob](roleOwner, "2023-01-01",
	"/groups/{groupId}/serverless/{clusterName}/backup/restoreJobs/{restoreJobId}",
	"getGroupServerlessBackupRestoreJob", "listGroupServerlessBackupRestoreJobs")

// ServerlessRestoreJob is one restore job of one serverless instance
// (ServerlessBackupRestoreJob in Atlas's OpenAPI document). A nil field was absent
// or null.
type ServerlessRestoreJob struct {
	ID                    string           `json:"id"`
	Cancelled             *bool            `json:"cancelled"`
	DeliveryType          *string          `json:"deliveryType"`
	DeliveryURL           Elements[string] `json:"deliveryUrl"`
	DesiredTimestamp      *BSONTimestamp   `json:"desiredTimestamp"`
	Expired               *bool            `json:"expired"`
	ExpiresAt             *time.Time       `json:"expiresAt"`
	Failed                *bool            `json:"failed"`
	FinishedAt            *time.Time       `json:"finishedAt"`
	Links                 Links            `json:"links"`
	OplogInc              *int64           `json:"oplogInc"`
	OplogTs               *int64           `json:"oplogTs"`
	PointInTimeUTCSeconds *int64           `json:"pointInTimeUTCSeconds"`
	SnapshotID            *string          `json:"snapshotId"`
	TargetClusterName     *string          `json:"targetClusterName"`
	TargetGroupID         *string          `json:"targetGroupId"`
	Timestamp             *time.Time       `json:"timestamp"`
}

// BSONTimestamp is a second and the ordinal of an operation in it. Atlas sends an object with nulls where there
// is none.
type BSONTimestamp struct {
	Date      *time.Time `json:"date"`
	Increment *int64     `json:"increment"`
}

func (j ServerlessRestoreJob) identity() string { return j.ID }

// ScanJSON decodes the job; see jsonscan.
func (j *ServerlessRestoreJob) ScanJSON(s *jsonscan.Scanner) {
	for name := range s.Object {
		j.scanField(s, name)
	}
}

func (j *ServerlessRestoreJob) scanField(s *jsonscan.Scanner, name []byte) {
	switch string(name) {
	case "id":
		j.ID = s.Text()
	case "cancelled":
		j.Cancelled = s.Bool()
	case "deliveryType":
		j.DeliveryType = s.SharedText()
	case "deliveryUrl":
		j.DeliveryURL = s.Texts(MaxElements)
	case "desiredTimestamp":
		j.DesiredTimestamp = scanTimestamp(s, j.DesiredTimestamp)
	case "expired":
		j.Expired = s.Bool()
	case "expiresAt":
		j.ExpiresAt = s.Time()
	case "failed":
		j.Failed = s.Bool()
	case "finishedAt":
		j.FinishedAt = s.Time()
	case "links":
		j.Links = scanLinks(s)
	case "oplogInc":
		j.OplogInc = s.Integer()
	case "oplogTs":
		j.OplogTs = s.Integer()
	case "pointInTimeUTCSeconds":
		j.PointInTimeUTCSeconds = s.Integer()
	case "snapshotId":
		j.SnapshotID = s.SharedText()
	case "targetClusterName":
		j.TargetClusterName = s.SharedText()
	case "targetGroupId":
		j.TargetGroupID = s.SharedText()
	case "timestamp":
		j.Timestamp = s.Time()
	default:
		s.SkipValue()
	}
}

// scanTimestamp is for desiredTimestamp. A second member of that name is merged into the first one, as the library
// does.
func scanTimestamp(s *jsonscan.Scanner, t *BSONTimestamp) *BSONTimestamp {
	if s.Null() {
		return nil
	}
	if t == nil {
		t = new(BSONTimestamp)
	}
	for name := range s.Object {
		switch string(name) {
		case "date":
			t.Date = s.Time()
		case "increment":
			t.Increment = s.Integer()
		default:
			s.SkipValue()
		}
	}
	return t
}
