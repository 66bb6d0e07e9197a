package atlassim

// listServerlessRestoreJobs is GET /groups/{groupId}/serverless/{clusterName}/backup/restoreJobs, newest first.
func listServerlessRestoreJobs(_ *Simulator, x *exchange) answer {
	c, e := x.serverlessInstance()
	if e != nil {
		return e.answer(x.query)
	}
	jobs := c.jobsAt(x.now)
	self := x.serverlessURL(c)
	return x.list(len(jobs), func(t *jsonText, i int) { writeServerlessRestoreJob(t, x, c, self, jobs[i]) })
}

// getServerlessRestoreJob is GET /groups/{groupId}/serverless/{clusterName}/backup/restoreJobs/{restoreJobId}.
func getServerlessRestoreJob(_ *Simulator, x *exchange) answer {
	c, e := x.serverlessInstance()
	if e != nil {
		return e.answer(x.query)
	}
	j := c.job(x.arguments.restoreJobID, x.now)
	if j == nil {
		return errNoJob(x.arguments.restoreJobID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 1280)}
	writeServerlessRestoreJob(&t, x, c, x.serverlessURL(c), j)
	return x.resource(t.buf)
}

// writeServerlessRestoreJob writes a job as the serverless API does: no status and no date of creation, a
// desiredTimestamp that is always an object, an empty deliveryUrl rather than none, and finishedAt and expiresAt only
// once they are known. The timestamp is the snapshot's, not the job's.
func writeServerlessRestoreJob(t *jsonText, x *exchange, c *cluster, self string, j *job) {
	st := j.life.at(j.created, x.now)
	t.open()
	t.flag("cancelled", st.cancelled)
	t.text("deliveryType", string(j.deliveryType))
	if !j.bare {
		t.openField("deliveryUrl", '[')
		if st.fetchable {
			t.item(downloadURL(j))
		}
		t.close(']')
		writeDesiredTimestamp(t, j.point)
	}
	t.flag("expired", st.expired)
	t.instant("expiresAt", st.expiresAt)
	t.flag("failed", st.failed)
	if !j.bare {
		t.instant("finishedAt", st.finishedAt)
	}
	t.text("id", j.id)
	if !j.bare {
		t.openField("links", '[')
		t.link("self", self+"/backup/restoreJobs/"+j.id)
		if j.snapshot != nil {
			t.link(relation+"snapshot", self+"/backup/snapshots/"+j.snapshot.id)
		}
		t.link(relation+"cluster", self)
		t.link(relation+"group", x.groupURL(c.project.id))
		t.close(']')
	}
	if j.point.oplogTs > 0 {
		t.number("oplogInc", int64(j.point.oplogInc))
		t.number("oplogTs", int64(j.point.oplogTs))
	}
	if j.point.utcSeconds > 0 {
		t.number("pointInTimeUTCSeconds", int64(j.point.utcSeconds))
	}
	if j.snapshot != nil {
		t.text("snapshotId", j.snapshot.id)
	}
	if j.target != (target{}) {
		t.text("targetClusterName", j.target.clusterName)
		t.text("targetGroupId", j.target.groupID)
	}
	if j.snapshot != nil {
		t.instant("timestamp", j.snapshot.finished)
	}
	t.close('}')
}

// writeDesiredTimestamp writes the point in time in its BSON form. time is not documented, but is always sent.
func writeDesiredTimestamp(t *jsonText, p pointOfTime) {
	t.openField("desiredTimestamp", '{')
	if p.desired.IsZero() {
		t.null("increment")
		t.null("time")
		t.null("date")
	} else {
		t.number("increment", int64(p.desiredIncrement))
		t.number("time", p.desired.Unix())
		t.instant("date", p.desired)
	}
	t.close('}')
}

// downloadURL is where a download can be fetched: a host made for the job, and a path that nobody can guess. Here it
// follows from the job's id, and the host does not exist.
func downloadURL(j *job) string {
	snapshotID := ""
	if j.snapshot != nil {
		snapshotID = j.snapshot.id
	}
	return "https://restore-" + j.id + ".kq7x2m.atlas-simulator.example:27017/" + md5Hex("download " + j.id)[:24] +
		"/restore-" + snapshotID + ".tar.gz"
}
