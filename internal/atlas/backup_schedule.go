package atlas

import (
	"context"
	"net/http"
	"strings"
	"time"
)

var opGetBackupSchedule = declare(roleReadOnly, "2024-08-05",
	"/groups/{groupId}/clusters/{clusterName}/backup/schedule", "getGroupClusterBackupSchedule")

// BackupSchedule says when Atlas takes snapshots of a Dedicated cluster, how long it keeps them, and where it copies and
// exports them to (DiskBackupSnapshotSchedule20240805 in Atlas's OpenAPI document, without what only a request has). A
// nil field was absent or null.
type BackupSchedule struct {
	AutoCopySettingsEnabled           *bool                       `json:"autoCopySettingsEnabled"`
	AutoExportEnabled                 *bool                       `json:"autoExportEnabled"`
	ClusterID                         *string                     `json:"clusterId"`
	ClusterName                       *string                     `json:"clusterName"`
	CopyPolicyItemsEnabled            *bool                       `json:"copyPolicyItemsEnabled"`
	CopySettings                      Elements[BackupCopySetting] `json:"copySettings"`
	Export                            *BackupAutoExport           `json:"export"`
	ExtraRetentionSettings            Elements[ExtraRetention]    `json:"extraRetentionSettings"`
	Links                             Elements[Link]              `json:"links"`
	NextSnapshot                      *time.Time                  `json:"nextSnapshot"`
	Policies                          Elements[BackupPolicy]      `json:"policies"`
	ReferenceHourOfDay                *int64                      `json:"referenceHourOfDay"`
	ReferenceMinuteOfHour             *int64                      `json:"referenceMinuteOfHour"`
	RestoreWindowDays                 *int64                      `json:"restoreWindowDays"`
	UseOrgAndGroupNamesInExportPrefix *bool                       `json:"useOrgAndGroupNamesInExportPrefix"`
}

// BackupPolicy is a list of policy items.
type BackupPolicy struct {
	ID          *string                    `json:"id"`
	PolicyItems Elements[BackupPolicyItem] `json:"policyItems"`
}

// BackupPolicyItem says how often snapshots of one frequency are taken, and for how long they are kept.
type BackupPolicyItem struct {
	FrequencyInterval *int64  `json:"frequencyInterval"`
	FrequencyType     *string `json:"frequencyType"`
	ID                *string `json:"id"`
	RetentionUnit     *string `json:"retentionUnit"`
	RetentionValue    *int64  `json:"retentionValue"`
}

// BackupCopySetting says which snapshots are copied to another region.
type BackupCopySetting struct {
	CloudProvider         *string                    `json:"cloudProvider"`
	CopyPolicyItems       Elements[BackupPolicyItem] `json:"copyPolicyItems"`
	Frequencies           Elements[string]           `json:"frequencies"`
	LastNumberOfSnapshots *int64                     `json:"lastNumberOfSnapshots"`
	RegionName            *string                    `json:"regionName"`
	ShouldCopyOplogs      *bool                      `json:"shouldCopyOplogs"`
	ZoneID                *string                    `json:"zoneId"`
}

// BackupAutoExport says which snapshots are exported, and where to.
type BackupAutoExport struct {
	ExportBucketID *string `json:"exportBucketId"`
	FrequencyType  *string `json:"frequencyType"`
}

// ExtraRetention says for how many days more snapshots of one frequency are kept.
type ExtraRetention struct {
	FrequencyType *string `json:"frequencyType"`
	RetentionDays *int64  `json:"retentionDays"`
}

// GetBackupSchedule returns the backup schedule of one Dedicated cluster: Atlas operation
// getGroupClusterBackupSchedule, one call. Of a cluster without backups Atlas answers BACKUP_CONFIG_NOT_FOUND. Every
// error is an *Error; a schedule without the cluster's name, or of another cluster, is KindMalformed.
func (c *Client) GetBackupSchedule(ctx context.Context, groupID, clusterName string) (*BackupSchedule, error) {
	s, err := get[BackupSchedule](ctx, c, opGetBackupSchedule, groupID, clusterName)
	switch {
	case err != nil:
		return nil, err
	case s.ClusterName == nil:
		err = errNoID
	case !strings.EqualFold(*s.ClusterName, clusterName):
		err = errOtherID
	default:
		return s, nil
	}
	return nil, &Error{Op: opGetBackupSchedule.name, Kind: KindMalformed, Status: http.StatusOK, Err: err}
}
