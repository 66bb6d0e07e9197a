package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// The roles of Atlas that actions need (x-rolesRequirements of its OpenAPI document).
const (
	roleRecoveryOperator = "Project Backup Recovery Operator"
	roleExportOperator   = "Project Backup Export Operator"
	roleCreator          = "Project Backup Creator"
)

// Action is an operation of the Atlas Administration API that changes something.
type Action struct {
	Operation

	Method string
	Roles  []string // of which the credential needs one in the project, as Atlas calls them
}

var declaredActions []operation

func declareAction(method, version, path, name string, roles ...string) operation {
	op := operation{name: name, path: path, version: version, method: method, roles: roles}
	declaredActions = append(declaredActions, op)
	return op
}

// Actions returns all operations of the client that change something. A client uses them only with WithActions.
func Actions() []Action {
	all := make([]Action, len(declaredActions))
	for i, op := range declaredActions {
		all[i] = Action{
			Operation: Operation{Name: op.name, Path: op.path, Version: op.version}, Method: op.method, Roles: op.roles,
		}
	}
	return all
}

// IsOfAction reports whether the error is that of an operation that changes something.
func (e *Error) IsOfAction() bool {
	return slices.ContainsFunc(declaredActions, func(op operation) bool { return op.name == e.Op })
}

var (
	opCreateRestoreJob = declareAction(http.MethodPost, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs", "createGroupClusterBackupRestoreJob",
		roleExportOperator, roleRecoveryOperator)
	opCancelRestoreJob = declareAction(http.MethodDelete, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs/{restoreJobId}", "cancelGroupClusterBackupRestoreJob",
		roleExportOperator, roleRecoveryOperator)
	opTakeSnapshot = declareAction(http.MethodPost, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/snapshots", "takeGroupClusterBackupSnapshots", roleCreator)
	opCreateFlexRestoreJob = declareAction(http.MethodPost, "2024-11-13",
		"/groups/{groupId}/flexClusters/{name}/backup/restoreJobs", "createGroupFlexClusterBackupRestoreJob",
		roleRecoveryOperator)
	opDownloadFlexBackup = declareAction(http.MethodPost, "2024-11-13",
		"/groups/{groupId}/flexClusters/{name}/backup/download", "downloadGroupFlexClusterBackup", roleExportOperator)
)

// DedicatedRestoreRequest is what a restore job of a Dedicated cluster is started with (DiskBackupSnapshotRestoreJob in
// Atlas's OpenAPI document). DeliveryType is automated, download or pointInTime; a field that it does not need is zero.
type DedicatedRestoreRequest struct {
	DeliveryType          string `json:"deliveryType"`
	SnapshotID            string `json:"snapshotId,omitempty"`
	PointInTimeUTCSeconds int64  `json:"pointInTimeUTCSeconds,omitempty"`
	TargetGroupID         string `json:"targetGroupId,omitempty"`
	TargetClusterName     string `json:"targetClusterName,omitempty"`
}

// FlexRestoreRequest is what a restore job of a Flex cluster is started with (FlexBackupRestoreJobCreate20241113 in
// Atlas's OpenAPI document).
type FlexRestoreRequest struct {
	SnapshotID        string `json:"snapshotId"`
	TargetProjectID   string `json:"targetProjectId,omitempty"`
	TargetClusterName string `json:"targetDeploymentItemName"`
}

// SnapshotRequest is what a snapshot is taken with (DiskBackupOnDemandSnapshotRequest in Atlas's OpenAPI document).
type SnapshotRequest struct {
	Description     string `json:"description,omitempty"`
	RetentionInDays int    `json:"retentionInDays"`
}

var errOtherSnapshot = errors.New("the answer is about another snapshot than the request")

// CreateDedicatedRestoreJob starts a restore or a download of a backup of a Dedicated cluster: Atlas operation
// createGroupClusterBackupRestoreJob. The request is sent once. Every error is an *Error; where it is Uncertain the job
// may have been started.
func (c *Client) CreateDedicatedRestoreJob(
	ctx context.Context, groupID, clusterName string, r DedicatedRestoreRequest,
) (*DedicatedRestoreJob, error) {
	job := new(DedicatedRestoreJob)
	return job, c.act(ctx, opCreateRestoreJob, []string{groupID, clusterName}, r, job, func() error {
		return checkStarted(job.ID, r.SnapshotID, job.SnapshotID)
	})
}

// CreateFlexRestoreJob starts a restore of a snapshot of a Flex cluster: Atlas operation
// createGroupFlexClusterBackupRestoreJob. It is as CreateDedicatedRestoreJob.
func (c *Client) CreateFlexRestoreJob(
	ctx context.Context, groupID, name string, r FlexRestoreRequest,
) (*FlexRestoreJob, error) {
	return c.startFlexJob(ctx, opCreateFlexRestoreJob, groupID, name, r.SnapshotID, r)
}

// DownloadFlexBackup starts a download of a snapshot of a Flex cluster: Atlas operation downloadGroupFlexClusterBackup. It
// is as CreateDedicatedRestoreJob.
func (c *Client) DownloadFlexBackup(ctx context.Context, groupID, name, snapshotID string) (*FlexRestoreJob, error) {
	return c.startFlexJob(ctx, opDownloadFlexBackup, groupID, name, snapshotID, map[string]string{"snapshotId": snapshotID})
}

func (c *Client) startFlexJob(
	ctx context.Context, op operation, groupID, name, snapshotID string, request any,
) (*FlexRestoreJob, error) {
	job := new(FlexRestoreJob)
	return job, c.act(ctx, op, []string{groupID, name}, request, job, func() error {
		return checkStarted(job.ID, snapshotID, job.SnapshotID)
	})
}

// checkStarted checks that an answer is about a job of the snapshot, which is "" for a point in time.
func checkStarted(id, snapshotID string, got *string) error {
	switch {
	case id == "":
		return errNoID
	case snapshotID != "" && got != nil && *got != snapshotID:
		return errOtherSnapshot
	}
	return nil
}

// CancelDedicatedRestoreJob cancels a restore job of a Dedicated cluster: Atlas operation
// cancelGroupClusterBackupRestoreJob. Every error is an *Error; where it is Uncertain the job may have been cancelled.
func (c *Client) CancelDedicatedRestoreJob(ctx context.Context, groupID, clusterName, jobID string) error {
	return c.act(ctx, opCancelRestoreJob, []string{groupID, clusterName, jobID}, nil, nil, func() error { return nil })
}

// TakeSnapshot takes a snapshot of a Dedicated cluster: Atlas operation takeGroupClusterBackupSnapshots. It is as
// CreateDedicatedRestoreJob.
func (c *Client) TakeSnapshot(
	ctx context.Context, groupID, clusterName string, r SnapshotRequest,
) (*DedicatedSnapshot, error) {
	s := new(DedicatedSnapshot)
	return s, c.act(ctx, opTakeSnapshot, []string{groupID, clusterName}, r, s, func() error {
		return checkStarted(s.ID, "", nil)
	})
}

// act calls an operation that changes something, with a request as its body, and decodes the answer into a value; both
// may be nil. check looks at the value.
func (c *Client) act(ctx context.Context, op operation, args []string, request, value any, check func() error) error {
	info := newCallInfo(op, args)
	err := c.send(withCallInfo(ctx, info), op, args, request, value)
	if err == nil {
		if err = check(); err == nil {
			return nil
		}
		err = &Error{Op: op.name, Kind: KindMalformed, Status: http.StatusOK, Err: err}
	}
	var e *Error
	if errors.As(err, &e) {
		// A rejection by Atlas itself is certain. From 500 on, and of a proxy, nothing is.
		e.Uncertain = info.maySent.Load() && (e.Kind != KindAnswered || e.Status >= http.StatusInternalServerError)
	}
	return err
}

func (c *Client) send(ctx context.Context, op operation, args []string, request, value any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var content []byte
	if request != nil {
		var err error
		if content, err = json.Marshal(request); err != nil {
			return &Error{Op: op.name, Kind: KindMalformed, Err: err}
		}
	}
	status, header, body, err := c.roundTrip(ctx, op, args, "", content)
	if err != nil {
		return err
	}
	defer c.bodies.release(body)
	c.reportDeprecation(ctx, op, header)
	switch {
	case status < http.StatusOK || status >= http.StatusMultipleChoices:
		return c.callError(op, args, status, header, body)
	case value == nil:
		return nil
	}
	if err := c.decodeObject(body, value); err != nil {
		return &Error{Op: op.name, Kind: KindMalformed, Status: status, Err: err}
	}
	return nil
}
