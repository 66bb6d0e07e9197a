package contract

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// job is the SDK's restore job.
type job = admin.ServerlessBackupRestoreJob

// stage is a job as the SDK has to read it at a time.
type stage[J any] struct {
	label string
	after time.Duration // since the start
	url   bool          // there is something to download
	want  J
}

// stages are the serverless jobs of Simulator.Examples as the SDK has to read them: field by field, but for the id of
// the snapshot, the links and the download's address, which TestSDK_readsJobsInEveryStage looks at by themselves.
var stages = []stage[job]{
	// Settled long ago.
	{label: "succeeded", want: restore("orders", "2025-03-29T00:07:03Z", finished("2025-04-01T09:18:00Z"))},
	{label: "failed", want: restore("orders", "2025-03-30T00:07:03Z", failed, finished("2025-04-02T09:18:00Z"))},
	{label: "cancelled", want: restore("orders", "2025-03-31T00:07:03Z", cancelled)},
	{label: "expired", want: download("2025-04-01T00:07:03Z", expired, expires("2025-04-04T10:18:00Z"))},
	{label: "pointInTime", want: restore("orders", "2025-04-02T00:07:03Z", finished("2025-04-05T09:18:00Z"), func(j *job) {
		j.DeliveryType, j.PointInTimeUTCSeconds = "pointInTime", new(1743815553)
	})},
	{
		label: "pointInTimeOplog",
		want: restore("orders", "2025-04-03T00:07:03Z", finished("2025-04-06T09:18:00Z"), func(j *job) {
			j.DeliveryType, j.OplogTs, j.OplogInc = "pointInTime", new(1743901953), new(7)
		})},
	{
		label: "pointInTimeDesired",
		want: restore("orders", "2025-04-04T00:07:03Z", finished("2025-04-07T09:18:00Z"), func(j *job) {
			j.DeliveryType = "pointInTime"
			j.DesiredTimestamp = &admin.ApiBSONTimestamp{Date: at("2025-04-07T01:12:33Z"), Increment: new(3)}
		})},
	{label: "failedWithoutFinishedAt", want: restore("orders", "2025-04-05T00:07:03Z", failed)},
	{
		label: "failedAndCancelled",
		want:  restore("orders", "2025-04-06T00:07:03Z", failed, cancelled, finished("2025-04-09T09:18:00Z")),
	},
	{
		label: "unknownDeliveryType",
		want: restore("orders", "2025-04-07T00:07:03Z", finished("2025-04-10T09:18:00Z"), func(j *job) {
			j.DeliveryType = "streaming"
		})},
	{label: "missingFields", want: job{
		DeliveryType: "automated", Cancelled: new(false), Expired: new(false), Failed: new(false),
	}},

	// On their way when the simulator started, and later.
	{label: "running", want: restore("orders", fresh)},
	{label: "running", after: 24 * time.Hour, want: restore("orders", fresh)},
	{label: "ready", url: true, want: download(fresh, expires("2026-01-11T11:50:00Z"))},
	{label: "queued", want: restore("orders-staging", fresh)},
	{label: "queued", after: 5 * time.Minute, want: restore("orders-staging", fresh, finished("2026-01-10T12:05:00Z"))},
	{label: "readySoon", want: download(fresh)},
	{label: "readySoon", after: 20 * time.Second, url: true, want: download(fresh, expires("2026-01-10T13:00:20Z"))},
	{label: "succeedsSoon", after: 29 * time.Second, want: restore("orders-audit", fresh)},
	{
		label: "succeedsSoon", after: 30 * time.Second,
		want: restore("orders-audit", fresh, finished("2026-01-10T12:00:30Z")),
	},
	{
		label: "failsSoon", after: 45 * time.Second, want: restore("orders", fresh, failed, finished("2026-01-10T12:00:45Z")),
	},
	{
		label: "cancelledSoon", after: 50 * time.Second,
		want: restore("orders-staging", fresh, cancelled, finished("2026-01-10T12:00:50Z")),
	},
	{label: "expiresSoon", after: 59 * time.Second, url: true, want: download(fresh, expires("2026-01-10T12:01:00Z"))},
	{label: "expiresSoon", after: 60 * time.Second, want: download(fresh, expired, expires("2026-01-10T12:01:00Z"))},
	{label: "newest", want: restore("orders", fresh)},

	// In the project with the instance that becomes a Dedicated cluster.
	{label: "becomesDedicated", want: restore("tickets", "2025-02-12T00:22:03Z", finished("2025-02-12T15:33:56Z"))},
}

// fresh is when the snapshot of the jobs on their way was finished.
const fresh = "2026-01-10T10:02:00Z"

func TestSDK_readsJobsInEveryStage(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			// The SDK judges the age of its token by its own clock, which stands nearly still beside the simulator's.
			e := newEnv(t, atlassim.WithTokenLifetime(48*time.Hour))
			for _, s := range stages {
				t.Run(s.label+" after "+s.after.String(), func(t *testing.T) {
					example := e.example(t, s.label)
					e.clock.set(start.Add(s.after))
					got := read[job](t, e.sdk(t, c), getJob, placeOf(example))
					want := s.want
					want.Id = &example.RestoreJobID
					ignored := cmpopts.IgnoreFields(job{}, "SnapshotId", "Links", "DeliveryUrl")
					if diff := cmp.Diff(&want, got, ignored); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
					checkDeliveryURL(t, got, s.url)
					if s.label != "missingFields" {
						e.checkSnapshot(t, c, example, got)
						e.checkLinks(t, example, got)
					}
				})
			}
		})
	}
}

// Every example has at least one stage, or a stage could be added that nothing looks at.
func TestExamples_haveAStage(t *testing.T) {
	e := newEnv(t)
	examples := e.Examples()
	found := make([]string, 0, len(examples))
	for _, x := range examples {
		found = append(found, x.Label)
	}
	staged := slices.Concat(labels(stages), labels(flexStages), labels(dedicatedStages))
	slices.Sort(staged)
	staged = slices.Compact(staged)
	compareSets(t, "stages of Simulator.Examples", found, staged)
}

func labels[J any](of []stage[J]) []string {
	out := make([]string, 0, len(of))
	for _, s := range of {
		out = append(out, s.label)
	}
	return out
}

// example finds a job at the start, because the newest changes with time.
func (e *env) example(t *testing.T, label string) atlassim.Example {
	t.Helper()
	e.clock.set(start)
	for _, x := range e.Examples() {
		if x.Label == label {
			return x
		}
	}
	t.Fatalf("there is no example %q", label)
	return atlassim.Example{}
}

func checkDeliveryURL(t *testing.T, got *job, want bool) {
	t.Helper()
	checkURLs(t, got.GetDeliveryUrl(), want)
}

// checkURLs wants one address of a download, or none.
func checkURLs(t *testing.T, urls []string, want bool) {
	t.Helper()
	if (len(urls) == 1) != want || len(urls) > 1 {
		t.Errorf("the downloads are %q", urls)
	}
	for _, u := range urls {
		if !strings.HasPrefix(u, "https://") || !strings.HasSuffix(u, ".tar.gz") {
			t.Errorf("the download is at %q", u)
		}
	}
}

// checkSnapshot follows the job to its snapshot: the timestamp is when that was taken.
func (e *env) checkSnapshot(t *testing.T, c credential, x atlassim.Example, got *job) {
	t.Helper()
	p := placeOf(x)
	p.snapshotID = got.GetSnapshotId()
	snapshot := read[admin.ServerlessBackupSnapshot](t, e.sdk(t, c), getSnapshot, p)
	if taken := snapshot.GetCreatedAt(); !taken.Equal(got.GetTimestamp()) {
		t.Errorf("the timestamp is %s, and the snapshot was taken at %s", got.GetTimestamp(), taken)
	}
}

// checkLinks compares the links with those that a recorded Dedicated job has.
func (e *env) checkLinks(t *testing.T, x atlassim.Example, got *job) {
	t.Helper()
	e.checkJobLinks(t, x, "/serverless/", "/backup/snapshots/"+got.GetSnapshotId(), got.GetLinks())
}

func (e *env) checkJobLinks(t *testing.T, x atlassim.Example, tier, snapshot string, got []admin.Link) {
	t.Helper()
	group := e.url + "/api/atlas/v2/groups/" + x.GroupID
	cluster := group + tier + x.ClusterName
	want := map[string]string{
		"self":                               cluster + "/backup/restoreJobs/" + x.RestoreJobID,
		"https://cloud.mongodb.com/snapshot": cluster + snapshot,
		"https://cloud.mongodb.com/cluster":  cluster,
		"https://cloud.mongodb.com/group":    group,
	}
	links := map[string]string{}
	for _, l := range got {
		links[l.GetRel()] = l.GetHref()
	}
	if diff := cmp.Diff(want, links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}
