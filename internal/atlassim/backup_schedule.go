package atlassim

import (
	"net/http"
	"time"
)

// backupPolicyItems are those of every cluster, as a new one has them (recorded): what, how often, and the retention.
var backupPolicyItems = []struct {
	frequency, unit string
	every, keep     int64
}{
	{"hourly", "days", 6, 7},
	{"daily", "days", 1, 7},
	{"weekly", "weeks", 6, 4},
	{"monthly", "months", 40, 12},
	{"yearly", "years", 12, 1},
}

// restoreWindowDays is how far back a cluster with continuous backup can be restored to any moment.
const restoreWindowDays = 7

// getBackupSchedule is GET /groups/{groupId}/clusters/{clusterName}/backup/schedule. That a Free cluster is answered as
// one whose backups are off is inferred.
func getBackupSchedule(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	if x.tier(c) == free {
		return newError(http.StatusNotFound, "BACKUP_CONFIG_NOT_FOUND",
			"No backup configuration exists for cluster "+c.id+".", c.id).answer(x.query)
	}
	return x.one(func(t *jsonText) { writeBackupSchedule(t, x, c) })
}

func writeBackupSchedule(t *jsonText, x *exchange, c *cluster) {
	copied := c.masterKey != "" // one of the clusters has copies and exports
	reference := c.created.UTC()
	t.open()
	t.flag("autoExportEnabled", copied)
	t.text("clusterId", c.id)
	t.text("clusterName", c.name)
	t.flag("copyPolicyItemsEnabled", false)
	t.openField("copySettings", '[')
	if copied {
		t.open()
		t.text("cloudProvider", c.provider)
		t.openField("frequencies", '[')
		t.item("DAILY")
		t.close(']')
		t.text("regionName", "US_WEST_2")
		t.flag("shouldCopyOplogs", c.continuous)
		t.text("zoneId", c.part(0))
		t.close('}')
	}
	t.close(']')
	if copied {
		t.openField("export", '{')
		t.text("exportBucketId", c.part(2))
		t.text("frequencyType", "monthly")
		t.close('}')
	}
	t.openField("links", '[')
	t.link("self", x.clusterURL(c)+"/backup/schedule")
	t.link(relation+"group", x.groupURL(c.project.id))
	t.close(']')
	t.instant("nextSnapshot", nextDaily(c.created, x.now).Truncate(time.Second))
	t.openField("policies", '[')
	t.open()
	t.text("id", c.part(3))
	t.openField("policyItems", '[')
	for i, item := range backupPolicyItems {
		t.open()
		t.number("frequencyInterval", item.every)
		t.text("frequencyType", item.frequency)
		t.text("id", c.part(4+i))
		t.text("retentionUnit", item.unit)
		t.number("retentionValue", item.keep)
		t.close('}')
	}
	t.close(']')
	t.close('}')
	t.close(']')
	t.number("referenceHourOfDay", int64(reference.Hour()))
	t.number("referenceMinuteOfHour", int64(reference.Minute()))
	t.number("restoreWindowDays", restoreWindowDays)
	t.flag("useOrgAndGroupNamesInExportPrefix", false)
	t.close('}')
}
