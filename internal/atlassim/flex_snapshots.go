package atlassim

// listFlexSnapshots is GET /groups/{groupId}/flexClusters/{name}/backup/snapshots. Unlike the other lists
// it begins with the oldest.
func listFlexSnapshots(_ *Simulator, x *exchange) answer {
	c, e := x.flexCluster()
	if e != nil {
		return e.answer(x.query)
	}
	newest := len(c.snapshots) - 1
	return x.list(len(c.snapshots), func(t *jsonText, i int) { writeFlexSnapshot(t, x, c.snapshots[newest-i]) })
}

// getFlexSnapshot is GET /groups/{groupId}/flexClusters/{name}/backup/snapshots/{snapshotId}.
func getFlexSnapshot(_ *Simulator, x *exchange) answer {
	c, e := x.flexCluster()
	if e != nil {
		return e.answer(x.query)
	}
	sn := c.snapshotByID[x.arguments.snapshotID]
	if sn == nil {
		return errNoSnapshot(x.arguments.snapshotID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 320)}
	writeFlexSnapshot(&t, x, sn)
	return x.resource(t.buf)
}

// writeFlexSnapshot writes a snapshot as the Flex API does: without links. Only complete ones are recorded;
// that the times come one by one is inferred.
func writeFlexSnapshot(t *jsonText, x *exchange, sn *snapshot) {
	status := sn.status(x.now)
	t.open()
	t.instant("expiration", sn.expires)
	ended := status == snapshotCompleted || status == snapshotFailed
	if ended {
		t.instant("finishTime", sn.finished)
	}
	t.text("id", sn.id)
	t.text("mongoDBVersion", sn.version)
	t.instant("scheduledTime", sn.scheduled)
	if status != snapshotQueued {
		t.instant("startTime", sn.started)
	}
	t.text("status", flexSnapshotStatus(status))
	t.close('}')
}

func flexSnapshotStatus(status string) string {
	switch status {
	case snapshotQueued:
		return "QUEUED"
	case snapshotInProgress:
		return "RUNNING"
	case snapshotFailed:
		return "FAILED"
	default:
		return "COMPLETED"
	}
}
