package atlassim

// writeServerlessSnapshot writes a snapshot. Before it is complete createdAt and version are absent and the size is
// zero, as on Dedicated clusters (inferred here).
func writeServerlessSnapshot(t *jsonText, x *exchange, c *cluster, sn *snapshot) {
	self := x.serverlessURL(c)
	status := sn.status(x.now)
	complete := status == snapshotCompleted
	t.open()
	if complete {
		t.instant("createdAt", sn.finished)
	}
	t.instant("expiresAt", sn.expires)
	t.text("frequencyType", sn.frequencyType())
	t.text("id", sn.id)
	t.openField("links", '[')
	t.link("self", self+"/backup/snapshots/"+sn.id)
	t.link(relation+"cluster", self)
	t.close(']')
	size := int64(0)
	if complete {
		t.text("mongodVersion", sn.version)
		size = sn.bytes
	}
	t.text("serverlessInstanceName", c.name)
	if sn.onDemand {
		t.text("snapshotType", "onDemand")
	} else {
		t.text("snapshotType", "scheduled")
	}
	t.text("status", status)
	t.number("storageSizeBytes", size)
	t.close('}')
}
