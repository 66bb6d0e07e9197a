package contract

import (
	"time"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// restore is a job that restores a snapshot, taken at timestamp, to a cluster, and has not ended.
func restore(cluster, timestamp string, changes ...func(*job)) job {
	j := job{
		DeliveryType:      "automated",
		Cancelled:         new(false),
		Expired:           new(false),
		Failed:            new(false),
		DesiredTimestamp:  &admin.ApiBSONTimestamp{},
		TargetClusterName: cluster,
		TargetGroupId:     projectOf(cluster),
		Timestamp:         at(timestamp),
	}
	for _, change := range changes {
		change(&j)
	}
	return j
}

// projectOf is the project of a cluster that jobs restore to.
func projectOf(cluster string) string {
	switch cluster {
	case "orders-audit", "catalog-audit", "billing-audit", atlassim.SeedSecondClusterName:
		return atlassim.SeedSecondGroupID
	}
	return seedGroupID
}

// download is a job that makes a snapshot ready to be fetched: it has no target.
func download(timestamp string, changes ...func(*job)) job {
	return restore("", timestamp, append([]func(*job){func(j *job) {
		j.DeliveryType, j.TargetGroupId = "download", ""
	}}, changes...)...)
}

func failed(j *job)    { j.Failed = new(true) }
func cancelled(j *job) { j.Cancelled = new(true) }
func expired(j *job)   { j.Expired = new(true) }

func finished(when string) func(*job) { return func(j *job) { j.FinishedAt = at(when) } }
func expires(when string) func(*job)  { return func(j *job) { j.ExpiresAt = at(when) } }

// at reads a time of a table; one that cannot be read is zero, and will not be found in any answer.
func at(rfc3339 string) *time.Time {
	t, _ := time.Parse(time.RFC3339, rfc3339)
	return &t
}
