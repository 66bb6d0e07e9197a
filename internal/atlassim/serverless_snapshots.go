package atlassim

// listServerlessSnapshots is GET /groups/{groupId}/serverless/{clusterName}/backup/snapshots, newest first.
func listServerlessSnapshots(_ *Simulator, x *exchange) answer {
	c, e := x.serverlessInstance()
	if e != nil {
		return e.answer(x.query)
	}
	self := x.serverlessURL(c)
	return x.list(len(c.snapshots), func(t *jsonText, i int) { writeServerlessSnapshot(t, x, c, self, c.snapshots[i]) })
}

// getServerlessSnapshot is GET /groups/{groupId}/serverless/{clusterName}/backup/snapshots/{snapshotId}.
func getServerlessSnapshot(_ *Simulator, x *exchange) answer {
	c, e := x.serverlessInstance()
	if e != nil {
		return e.answer(x.query)
	}
	sn := c.snapshotByID[x.arguments.snapshotID]
	if sn == nil {
		return errNoSnapshot(x.arguments.snapshotID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 768)}
	writeServerlessSnapshot(&t, x, c, x.serverlessURL(c), sn)
	return x.resource(t.buf)
}

// writeServerlessSnapshot writes a snapshot. Before it is complete createdAt and version are absent and the size is
// zero, as on Dedicated clusters (inferred here).
func writeServerlessSnapshot(t *jsonText, x *exchange, c *cluster, self string, sn *snapshot) {
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
