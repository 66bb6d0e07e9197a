package contract

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// dedicatedJob is the SDK's restore job of a Dedicated cluster.
type dedicatedJob = admin.DiskBackupSnapshotRestoreJob

const (
	billing   = atlassim.SeedReplicaSetClusterName
	reporting = atlassim.SeedDedicatedClusterName
	loyalty   = atlassim.SeedMigratedToDedicatedName

	// privateEndpoint is what some downloads can be fetched through too.
	privateEndpoint = "vpce-0c41f7a29be83d605"
)

// dedicatedStages are the jobs of Dedicated clusters in Simulator.Examples as the SDK has to read them: those of
// serverless instances and some members more, which checkParts looks at.
var dedicatedStages = []stage[dedicatedJob]{
	// Settled long ago, of a replica set.
	{label: "dedicated", want: dedicated(restore(billing, "2025-03-29T02:42:03Z", finished("2025-04-02T11:08:36Z")))},
	{
		label: "dedicatedFailed",
		want:  dedicated(restore(billing, "2025-03-30T02:42:03Z", failed, finished("2025-04-03T11:08:36Z"))),
	},
	{label: "dedicatedCancelled", want: dedicated(restore(billing, "2025-03-31T02:42:03Z", cancelled))},
	{label: "dedicatedFailedAndCancelled", want: dedicated(restore(billing, "2025-04-01T02:42:03Z", failed, cancelled,
		finished("2025-04-05T11:08:36Z")))},
	{
		label: "dedicatedExpired",
		want:  dedicated(download("2025-04-02T02:42:03Z", expired, expires("2025-04-06T12:08:36Z"))),
	},
	{
		label: "dedicatedPointInTime",
		want: dedicated(restore(billing, "2025-04-03T02:42:03Z", finished("2025-04-07T11:08:36Z"), func(j *job) {
			j.DeliveryType, j.PointInTimeUTCSeconds = "pointInTime", new(1744020189)
		}))},
	{
		label: "dedicatedOplog", want: dedicated(restore(billing, "2025-04-04T02:42:03Z", finished("2025-04-08T11:08:36Z"),
			func(j *job) {
				j.DeliveryType, j.OplogTs, j.OplogInc = "pointInTime", new(1744106589), new(4)
			}))},
	{
		label: "dedicatedElsewhere",
		want:  dedicated(restore("billing-audit", "2025-04-05T02:42:03Z", finished("2025-04-09T11:08:36Z"))),
	},

	// On their way when the simulator started, and later.
	{label: "dedicatedQueued", want: dedicated(restore(billing, fresh))},
	{
		label: "dedicatedQueued", after: 5 * time.Minute,
		want: dedicated(restore(billing, fresh, finished("2026-01-10T12:05:00Z"))),
	},
	{label: "dedicatedRunning", want: dedicated(restore(billing, fresh))},
	{label: "dedicatedRunning", after: 24 * time.Hour, want: dedicated(restore(billing, fresh))},
	{label: "dedicatedReady", url: true, want: dedicated(download(fresh, expires("2026-01-11T11:31:00Z")))},
	{label: "dedicatedReadySoon", want: dedicated(download(fresh))},
	{
		label: "dedicatedReadySoon", after: 20 * time.Second, url: true,
		want: dedicated(download(fresh, expires("2026-01-10T13:00:20Z"))),
	},
	{label: "dedicatedSucceedsSoon", after: 29 * time.Second, want: dedicated(restore(billing, fresh))},
	{
		label: "dedicatedSucceedsSoon", after: 30 * time.Second,
		want: dedicated(restore(billing, fresh, finished("2026-01-10T12:00:30Z"))),
	},
	{
		label: "dedicatedFailsSoon", after: 45 * time.Second,
		want: dedicated(restore(billing, fresh, failed, finished("2026-01-10T12:00:45Z"))),
	},

	// Of a sharded cluster.
	{label: "sharded", want: dedicated(restore(reporting, "2025-04-05T03:17:03Z", finished("2025-04-06T14:42:49Z")))},
	{
		label: "shardedFailed", want: dedicated(restore(reporting, "2025-04-06T03:17:03Z", failed,
			finished("2025-04-07T14:42:49Z"))),
	},
	{label: "shardedExpired", want: dedicated(download("2025-04-07T03:17:03Z", expired, expires("2025-04-08T15:42:49Z")))},
	{
		label: "shardedPointInTime",
		want: dedicated(restore(reporting, "2025-04-08T03:17:03Z", finished("2025-04-09T14:42:49Z"), func(j *job) {
			j.DeliveryType, j.PointInTimeUTCSeconds = "pointInTime", new(1744205842)
		}))},
	{label: "shardedRunning", want: dedicated(restore(reporting, fresh))},
	{label: "shardedReady", url: true, want: dedicated(download(fresh, expires("2026-01-11T11:19:00Z")))},
	{label: "shardedReadySoon", want: dedicated(download(fresh))},
	{
		label: "shardedReadySoon", after: 20 * time.Second, url: true,
		want: dedicated(download(fresh, expires("2026-01-10T13:00:20Z"))),
	},

	// Of a cluster that was a serverless instance.
	{
		label: "migratedToDedicated",
		want:  dedicated(restore(loyalty, "2025-03-17T00:02:03Z", finished("2025-03-17T18:15:12Z"))),
	},
	{label: "migratedToDedicatedCancelled", want: dedicated(restore(loyalty, "2025-03-19T00:02:03Z", cancelled))},
	{
		label: "migratedToDedicatedExpired",
		want:  dedicated(download("2025-03-20T00:02:03Z", expired, expires("2025-03-20T19:15:12Z"))),
	},
}

func TestSDK_readsDedicatedJobsInEveryStage(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t, atlassim.WithTokenLifetime(48*time.Hour))
			for _, s := range dedicatedStages {
				t.Run(s.label+" after "+s.after.String(), func(t *testing.T) {
					example := e.example(t, s.label)
					e.clock.set(start.Add(s.after))
					got := read[dedicatedJob](t, e.sdk(t, c), getDedicatedJob, placeOf(example))
					sent := e.wire.last(t).body
					want := s.want
					want.Id = &example.RestoreJobID
					ignored := cmpopts.IgnoreFields(dedicatedJob{}, "SnapshotId", "Links", "DeliveryUrl", "Components",
						"PrivateDownloadDeliveryUrls")
					if diff := cmp.Diff(&want, got, ignored); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
					checkDeployment(t, sent, want.TargetClusterName != nil)
					private := s.label == "dedicatedReady" || s.label == "shardedReady"
					snapshot := "/backup/snapshots/" + got.GetSnapshotId()
					if example.ClusterName == reporting {
						checkParts(t, got, s.url, private)
						snapshot = "/backup/snapshots/shardedCluster/" + got.GetSnapshotId()
					} else {
						checkURLs(t, got.GetDeliveryUrl(), s.url)
						checkPrivateURLs(t, got.GetPrivateDownloadDeliveryUrls(), private)
					}
					e.checkDedicatedSnapshot(t, c, example, got)
					e.checkJobLinks(t, example, "/clusters/", snapshot, got.GetLinks())
				})
			}
		})
	}
}

// dedicated is a job of a serverless instance as the API of Dedicated clusters tells it.
func dedicated(j job) dedicatedJob {
	optional := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	return dedicatedJob{
		Cancelled: j.Cancelled, DeliveryType: j.DeliveryType, DesiredTimestamp: j.DesiredTimestamp,
		Expired: j.Expired, ExpiresAt: j.ExpiresAt, Failed: j.Failed, FinishedAt: j.FinishedAt,
		OplogInc: j.OplogInc, OplogTs: j.OplogTs, PointInTimeUTCSeconds: j.PointInTimeUTCSeconds,
		TargetClusterName: optional(j.TargetClusterName), TargetGroupId: optional(j.TargetGroupId), Timestamp: j.Timestamp,
	}
}

// checkParts looks at a job of the sharded cluster: two shards and a config server, each with a download of its own,
// and none of the whole.
func checkParts(t *testing.T, got *dedicatedJob, url, private bool) {
	t.Helper()
	checkURLs(t, got.GetDeliveryUrl(), false)
	checkPrivateURLs(t, got.GetPrivateDownloadDeliveryUrls(), false)
	parts := got.GetComponents()
	names, downloads := map[string]bool{}, map[string]bool{}
	for _, part := range parts {
		var urls []string
		if part.DownloadUrl != nil {
			urls = append(urls, *part.DownloadUrl)
			downloads[*part.DownloadUrl] = true
		}
		checkURLs(t, urls, url)
		checkPrivateURLs(t, part.GetPrivateDownloadDeliveryUrls(), private)
		names[part.GetReplicaSetName()] = true
	}
	if len(parts) != 3 || len(names) != 3 || names[""] || (len(downloads) == 3) != url {
		t.Errorf("%d components, named %v, at %v", len(parts), names, downloads)
	}
}

func checkPrivateURLs(t *testing.T, got []admin.ApiPrivateDownloadDeliveryUrl, want bool) {
	t.Helper()
	urls := make([]string, 0, len(got))
	for _, u := range got {
		urls = append(urls, u.GetDeliveryUrl())
		if u.GetEndpointId() != privateEndpoint {
			t.Errorf("the private endpoint is %q", u.GetEndpointId())
		}
	}
	checkURLs(t, urls, want)
}

// checkDeployment looks for the member that Atlas sends and does not document: only on the wire, because the SDK does
// not know it.
func checkDeployment(t *testing.T, body []byte, want bool) {
	t.Helper()
	var sent struct {
		TargetDeploymentItemName string `json:"targetDeploymentItemName"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	if (sent.TargetDeploymentItemName != "") != want {
		t.Errorf("targetDeploymentItemName is %q", sent.TargetDeploymentItemName)
	}
}

// checkDedicatedSnapshot follows the job to its snapshot, by the path of its kind of cluster.
func (e *env) checkDedicatedSnapshot(t *testing.T, c credential, x atlassim.Example, got *dedicatedJob) {
	t.Helper()
	p := placeOf(x)
	p.snapshotID = got.GetSnapshotId()
	var taken time.Time
	if x.ClusterName == reporting {
		taken = read[admin.DiskBackupShardedClusterSnapshot](t, e.sdk(t, c), getShardedSnapshot, p).GetCreatedAt()
	} else {
		taken = read[admin.DiskBackupReplicaSet](t, e.sdk(t, c), getWholeSnapshot, p).GetCreatedAt()
	}
	if !taken.Equal(got.GetTimestamp()) {
		t.Errorf("the timestamp is %s, and the snapshot was taken at %s", got.GetTimestamp(), taken)
	}
}
