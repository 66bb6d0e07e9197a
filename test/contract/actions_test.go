package contract

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// actionIDs returns the operations that change something.
func actionIDs() (ids []string) {
	for _, op := range atlas.Actions() {
		ids = append(ids, op.Name)
	}
	return ids
}

func TestActions_haveTheRolesOfTheDocument(t *testing.T) {
	document := officialDocument(t)
	for _, op := range atlas.Actions() {
		documented, known := document.byID[op.Name]
		if !known {
			t.Errorf("the document has no operation %s", op.Name)
			continue
		}
		var want []string
		for _, role := range asList(documented.Extensions["x-rolesRequirements"]) {
			want = append(want, role.(string))
		}
		for _, role := range op.Roles {
			if !slices.Contains(want, role) {
				t.Errorf("%s: the document has the roles %q, and not %s", op.Name, want, role)
			}
		}
	}
}

// The official SDK starts, lists and cancels what the simulator serves; its answers are checked against the document.
//
//nolint:bodyclose // the SDK has read and closed it
func TestSDK_startsAndCancels(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			sdk, ctx := e.sdk(t, c), t.Context()
			// From here on the names are those of Atlas after the serverless API.
			e.RetireServerless(true)
			taken, _, err := sdk.CloudBackupsApi.TakeSnapshots(ctx, seedGroupID, loyalty,
				&admin.DiskBackupOnDemandSnapshotRequest{Description: new("before"), RetentionInDays: new(2)}).Execute()
			if err != nil || taken.GetStatus() != "queued" || taken.GetDescription() != "before" {
				t.Fatalf("got %+v, error %v", taken, err)
			}
			early := &admin.DiskBackupSnapshotRestoreJob{DeliveryType: "download", SnapshotId: taken.Id}
			if _, _, err := sdk.CloudBackupsApi.CreateBackupRestoreJob(ctx, seedGroupID, loyalty, early).Execute(); err == nil {
				t.Error("a snapshot that is not completed was downloaded")
			}
			e.clock.set(start.Add(30 * time.Minute))
			for _, delivery := range []string{"automated", "download"} {
				in := &admin.DiskBackupSnapshotRestoreJob{DeliveryType: delivery, SnapshotId: taken.Id}
				if delivery == "automated" {
					in.TargetGroupId, in.TargetClusterName = new(seedGroupID), new(loyalty)
				}
				job, res, err := sdk.CloudBackupsApi.CreateBackupRestoreJob(ctx, seedGroupID, loyalty, in).Execute()
				if err != nil || res.StatusCode != http.StatusOK || job.GetDeliveryType() != delivery || job.FinishedAt != nil {
					t.Fatalf("%s: got %+v, error %v", delivery, job, err)
				}
				if delivery == "automated" {
					_, res, err = sdk.CloudBackupsApi.CreateBackupRestoreJob(ctx, seedGroupID, loyalty, in).Execute()
					if err == nil || res.StatusCode != http.StatusConflict {
						t.Errorf("a second restore into the target: %v", err)
					}
				}
				if _, err := sdk.CloudBackupsApi.CancelBackupRestoreJob(ctx, seedGroupID, loyalty, job.GetId()).Execute(); err != nil {
					t.Fatal(err)
				}
				read, _, err := sdk.CloudBackupsApi.GetBackupRestoreJob(ctx, seedGroupID, loyalty, job.GetId()).Execute()
				if err != nil || !read.GetCancelled() {
					t.Errorf("%s: after the cancel: %+v, error %v", delivery, read, err)
				}
				res, err = sdk.CloudBackupsApi.CancelBackupRestoreJob(ctx, seedGroupID, loyalty, job.GetId()).Execute()
				if err == nil || res.StatusCode != http.StatusBadRequest {
					t.Errorf("%s: a second cancel: %v", delivery, err)
				}
			}
			flexSnapshot := e.flexSnapshot(t, sdk)
			restore, _, err := sdk.FlexRestoreJobsApi.CreateFlexRestoreJob(ctx, seedGroupID, returns,
				admin.NewFlexBackupRestoreJobCreate20241113(flexSnapshot, loyalty)).Execute()
			if err != nil || restore.GetStatus() != "PENDING" || restore.GetTargetDeploymentItemName() != loyalty {
				t.Fatalf("got %+v, error %v", restore, err)
			}
			download, _, err := sdk.FlexSnapshotsApi.DownloadFlexBackup(ctx, returns, seedGroupID,
				admin.NewFlexBackupSnapshotDownloadCreate20241113(flexSnapshot)).Execute()
			if err != nil || download.GetDeliveryType() != "DOWNLOAD" {
				t.Fatalf("got %+v, error %v", download, err)
			}
		})
	}
}

// flexSnapshot returns a completed snapshot of the Flex cluster.
//
//nolint:bodyclose // the SDK has read and closed it
func (e *env) flexSnapshot(t *testing.T, sdk *admin.APIClient) string {
	t.Helper()
	list, _, err := sdk.FlexSnapshotsApi.ListFlexBackupSnapshots(t.Context(), seedGroupID, returns).Execute()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list.GetResults() {
		if s.GetStatus() == "COMPLETED" {
			return s.GetId()
		}
	}
	t.Fatal("there is no completed snapshot")
	return ""
}

// Without the role of the document each action is rejected, and changes nothing.
//
//nolint:bodyclose // the SDK has read and closed it
func TestSDK_actionsNeedTheirRole(t *testing.T) {
	operator := credential{name: "exports", public: "exports", private: "private"}
	e := newEnv(t, atlassim.WithOperator(operator.public, operator.private, atlassim.BackupExportOperator))
	for _, c := range []credential{readerKey, operator} {
		sdk := e.sdk(t, c)
		if _, res, err := sdk.CloudBackupsApi.CreateBackupRestoreJob(t.Context(), seedGroupID, billing,
			&admin.DiskBackupSnapshotRestoreJob{
				DeliveryType: "automated", SnapshotId: new(absentID), TargetGroupId: new(seedGroupID), TargetClusterName: new(billing),
			}).Execute(); err == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: a restore: %v", c.name, err)
		}
		if _, res, err := sdk.CloudBackupsApi.TakeSnapshots(t.Context(), seedGroupID, billing,
			&admin.DiskBackupOnDemandSnapshotRequest{}).Execute(); err == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: a snapshot: %v", c.name, err)
		}
	}
}
