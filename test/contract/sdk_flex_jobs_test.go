package contract

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// flexJob is the SDK's restore job of a Flex cluster.
type flexJob = admin.FlexBackupRestoreJob20241113

const (
	catalog = atlassim.SeedFlexClusterName
	returns = atlassim.SeedMigratedToFlexName
)

// flexStages are the Flex jobs of Simulator.Examples as the SDK has to read them: field by field, but for the id of the
// snapshot and the download's address.
var flexStages = []stage[flexJob]{
	// Settled long ago.
	{label: "flex", want: flexRestore(catalog, "2025-04-11T17:07:13Z", "2025-04-12T10:24:51Z", "COMPLETED",
		flexFinished("2025-04-12T10:30:18Z"))},
	{label: "flexFailed", want: flexRestore(catalog, "2025-04-12T17:07:13Z", "2025-04-13T10:24:51Z", "FAILED",
		flexFinished("2025-04-13T10:30:18Z"))},
	{label: "flexExpired", want: flexDownload(catalog, "2025-04-13T17:07:13Z", "2025-04-14T10:24:51Z", "COMPLETED",
		flexFinished("2025-04-14T10:30:18Z"))},
	{label: "flexElsewhere", want: flexRestore(catalog, "2025-04-14T17:07:13Z", "2025-04-15T10:24:51Z", "COMPLETED",
		flexFinished("2025-04-15T10:30:18Z"), flexTarget("catalog-audit"))},
	{label: "flexClosed", want: flexRestore(catalog, "2025-04-15T17:07:13Z", "2025-04-16T10:24:51Z", "CLOSED",
		flexFinished("2025-04-16T10:30:18Z"))},

	// On their way when the simulator started, and later.
	{label: "flexPending", want: flexRestore(catalog, fresh, "2026-01-10T11:59:20Z", "PENDING")},
	{label: "flexPending", after: 24 * time.Hour, want: flexRestore(catalog, fresh, "2026-01-10T11:59:20Z", "PENDING")},
	{label: "flexQueued", want: flexRestore(catalog, fresh, "2026-01-10T11:54:00Z", "QUEUED")},
	{label: "flexQueued", after: 24 * time.Hour, want: flexRestore(catalog, fresh, "2026-01-10T11:54:00Z", "QUEUED")},
	{label: "flexRunning", want: flexRestore(catalog, fresh, "2026-01-10T11:58:25Z", "RUNNING")},
	{label: "flexRunning", after: 24 * time.Hour, want: flexRestore(catalog, fresh, "2026-01-10T11:58:25Z", "RUNNING")},
	{label: "flexReady", url: true, want: flexDownload(catalog, fresh, "2026-01-10T11:35:00Z", "COMPLETED",
		flexFinished("2026-01-10T11:39:00Z"))},
	{label: "flexReady", after: 6 * time.Hour, want: flexDownload(catalog, fresh, "2026-01-10T11:35:00Z", "COMPLETED",
		flexFinished("2026-01-10T11:39:00Z"))},
	{
		label: "flexReadySoon", after: 19 * time.Second,
		want: flexDownload(catalog, fresh, "2026-01-10T11:56:55Z", "RUNNING"),
	},
	{label: "flexReadySoon", after: 20 * time.Second, url: true, want: flexDownload(catalog, fresh, "2026-01-10T11:56:55Z",
		"COMPLETED", flexFinished("2026-01-10T12:00:20Z"))},
	{
		label: "flexSucceedsSoon", after: 29 * time.Second,
		want: flexRestore(catalog, fresh, "2026-01-10T11:57:15Z", "RUNNING"),
	},
	{
		label: "flexSucceedsSoon", after: 30 * time.Second,
		want: flexRestore(catalog, fresh, "2026-01-10T11:57:15Z", "COMPLETED",
			flexFinished("2026-01-10T12:00:30Z"))},
	{label: "flexFailsSoon", after: 45 * time.Second, want: flexRestore(catalog, fresh, "2026-01-10T11:57:49Z", "FAILED",
		flexFinished("2026-01-10T12:00:45Z"))},

	// Of a cluster that was a serverless instance. Its downloads could be fetched for an hour, as they can there.
	{label: "migratedToFlex", want: flexRestore(returns, "2025-03-03T00:02:03Z", "2025-03-03T06:50:14Z", "COMPLETED",
		flexFinished("2025-03-03T06:55:41Z"))},
	{label: "migratedToFlexCancelled", want: flexRestore(returns, "2025-03-05T00:02:03Z", "2025-03-05T06:50:14Z", "FAILED",
		flexFinished("2025-03-05T06:55:41Z"))},
	{
		label: "migratedToFlexExpired",
		want: flexDownload(returns, "2025-03-06T00:02:03Z", "2025-03-06T06:50:14Z", "COMPLETED",
			flexFinished("2025-03-06T06:55:41Z"), func(j *flexJob) { j.ExpirationDate = at("2025-03-06T07:55:41Z") })},
}

func TestSDK_readsFlexJobsInEveryStage(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t, atlassim.WithTokenLifetime(48*time.Hour))
			for _, s := range flexStages {
				t.Run(s.label+" after "+s.after.String(), func(t *testing.T) {
					example := e.example(t, s.label)
					e.clock.set(start.Add(s.after))
					got := read[flexJob](t, e.sdk(t, c), getFlexJob, placeOf(example))
					want := s.want
					want.Id = &example.RestoreJobID
					if diff := cmp.Diff(&want, got, cmpopts.IgnoreFields(flexJob{}, "SnapshotId", "SnapshotUrl")); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
					var urls []string
					if got.SnapshotUrl != nil {
						urls = append(urls, *got.SnapshotUrl)
					}
					checkURLs(t, urls, s.url)

					p := placeOf(example)
					p.snapshotID = got.GetSnapshotId()
					snapshot := read[admin.FlexBackupSnapshot20241113](t, e.sdk(t, c), getFlexSnapshot, p)
					if taken := snapshot.GetFinishTime(); !taken.Equal(got.GetSnapshotFinishedDate()) {
						t.Errorf("the snapshot was finished at %s, and the job says %s", taken, got.GetSnapshotFinishedDate())
					}
				})
			}
		})
	}
}

// flexRestore is a job that restores a snapshot of a cluster to the cluster itself. It has an expiration from the
// beginning, six hours after it was asked for, and no links.
func flexRestore(cluster, snapshotFinished, scheduled, status string, changes ...func(*flexJob)) flexJob {
	expiration := at(scheduled).Add(6 * time.Hour)
	j := flexJob{
		DeliveryType:         new("RESTORE"),
		ExpirationDate:       &expiration,
		InstanceName:         &cluster,
		ProjectId:            new(seedGroupID),
		RestoreScheduledDate: at(scheduled),
		SnapshotFinishedDate: at(snapshotFinished),
		Status:               &status,
	}
	flexTarget(cluster)(&j)
	for _, change := range changes {
		change(&j)
	}
	return j
}

// flexDownload is a job that makes a snapshot ready to be fetched: it has no target.
func flexDownload(cluster, snapshotFinished, scheduled, status string, changes ...func(*flexJob)) flexJob {
	return flexRestore(cluster, snapshotFinished, scheduled, status, append([]func(*flexJob){func(j *flexJob) {
		j.DeliveryType, j.TargetDeploymentItemName, j.TargetProjectId = new("DOWNLOAD"), nil, nil
	}}, changes...)...)
}

func flexFinished(when string) func(*flexJob) {
	return func(j *flexJob) { j.RestoreFinishedDate = at(when) }
}

func flexTarget(cluster string) func(*flexJob) {
	return func(j *flexJob) {
		j.TargetDeploymentItemName, j.TargetProjectId = &cluster, new(projectOf(cluster))
	}
}
