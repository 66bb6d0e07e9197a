package atlassim

// writeFlexSnapshot writes a snapshot as the Flex API does: without links. Only complete ones are recorded;
// that the times come one by one is inferred.
func writeFlexSnapshot(t *jsonText, x *exchange, _ *cluster, sn *snapshot) {
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
