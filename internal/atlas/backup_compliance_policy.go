package atlas

import (
	"context"
	"net/http"
	"strings"
	"time"
)

var opGetBackupCompliancePolicy = declare(roleOwner, "2023-10-01", "/groups/{groupId}/backupCompliancePolicy",
	"getGroupBackupCompliancePolicy")

// BackupCompliancePolicy says what can be changed about the backups of a project by MongoDB's support alone
// (DataProtectionSettings20231001 in Atlas's OpenAPI document). A nil field was absent or null.
type BackupCompliancePolicy struct {
	AuthorizedEmail         *string                    `json:"authorizedEmail"`
	AuthorizedUserFirstName *string                    `json:"authorizedUserFirstName"`
	AuthorizedUserLastName  *string                    `json:"authorizedUserLastName"`
	CopyProtectionEnabled   *bool                      `json:"copyProtectionEnabled"`
	Deletable               *bool                      `json:"deletable"`
	EncryptionAtRestEnabled *bool                      `json:"encryptionAtRestEnabled"`
	OnDemandPolicyItem      *BackupPolicyItem          `json:"onDemandPolicyItem"`
	PitEnabled              *bool                      `json:"pitEnabled"`
	ProjectID               *string                    `json:"projectId"`
	RestoreWindowDays       *int64                     `json:"restoreWindowDays"`
	ScheduledPolicyItems    Elements[BackupPolicyItem] `json:"scheduledPolicyItems"`
	State                   *string                    `json:"state"`
	UpdatedDate             *time.Time                 `json:"updatedDate"`
	UpdatedUser             *string                    `json:"updatedUser"`
}

// GetBackupCompliancePolicy returns the backup compliance policy of a project: Atlas operation
// getGroupBackupCompliancePolicy, one call. It needs the role Project Owner. A project without a policy has an answer
// without a projectId (inferred), for which the result is nil. Every error is an *Error; the policy of another project is KindMalformed.
func (c *Client) GetBackupCompliancePolicy(ctx context.Context, groupID string) (*BackupCompliancePolicy, error) {
	p, err := get[BackupCompliancePolicy](ctx, c, opGetBackupCompliancePolicy, groupID)
	switch {
	case err != nil:
		return nil, err
	case p.ProjectID == nil:
		return nil, nil //nolint:nilnil // documented
	case !strings.EqualFold(*p.ProjectID, groupID):
		return nil, &Error{
			Op: opGetBackupCompliancePolicy.name, Kind: KindMalformed, Status: http.StatusOK, Err: errOtherID,
		}
	}
	return p, nil
}
