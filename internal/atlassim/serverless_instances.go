package atlassim

import "time"

// writeServerlessInstance writes an instance as Atlas did in the last months of the API, when every instance ran on
// Flex hardware, which providerSettings has.
func writeServerlessInstance(t *jsonText, x *exchange, c *cluster) {
	self := x.serverlessURL(c)
	t.open()
	t.openField("connectionStrings", '{')
	t.text("standardSrv", "mongodb+srv://"+c.name+"."+c.host)
	t.close('}')
	t.instant("createDate", c.created)
	t.text("groupId", c.project.id)
	t.text("id", c.id)
	t.openField("links", '[')
	t.link("self", self)
	t.link(relation+"restoreJobs", self+"/backup/restoreJobs")
	t.link(relation+"snapshots", self+"/backup/snapshots")
	t.close(']')
	t.text("mongoDBVersion", c.version)
	t.text("name", c.name)
	t.openField("providerSettings", '{')
	t.text("backingProviderName", c.provider)
	t.number("effectiveDiskSizeGBLimit", 5)
	t.text("effectiveInstanceSizeName", "FLEX")
	t.text("effectiveProviderName", "TENANT")
	t.instant("nextBackupDate", nextDaily(c.created, x.now))
	t.text("providerName", "SERVERLESS")
	t.text("regionName", c.region)
	t.flag("tenantBackupEnabled", true)
	t.close('}')
	t.openField("serverlessBackupOptions", '{')
	t.flag("serverlessContinuousBackupEnabled", c.continuous)
	t.close('}')
	t.text("stateName", "IDLE")
	writeTags(t, c.tags)
	t.flag("terminationProtectionEnabled", c.protected)
	t.close('}')
}

// nextDaily returns the next time after now that has the time of day of since.
func nextDaily(since, now time.Time) time.Time {
	const day = 24 * time.Hour
	if now.Before(since) {
		return since.Add(day)
	}
	return now.Add(day - now.Sub(since)%day)
}

// serverlessURL returns the URL of an instance.
func (x *exchange) serverlessURL(c *cluster) string {
	return x.groupURL(c.project.id) + "/serverless/" + c.name
}
