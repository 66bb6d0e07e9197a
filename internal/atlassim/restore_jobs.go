package atlassim

import "strconv"

// jobWriter writes jobs as the serverless API does and, with a few members more, the Dedicated API: no status and no
// date of creation, a desiredTimestamp that is always an object, an empty deliveryUrl rather than none, and finishedAt
// and expiresAt only once they are known. The timestamp is the snapshot's, not the job's.
type jobWriter struct {
	x               *exchange
	c               *cluster
	self, snapshots string // URLs of the cluster and of its snapshots
	dedicated       bool
	sharded         bool
}

func newJobWriter(x *exchange, c *cluster) func(*jsonText, *job) {
	w := &jobWriter{x: x, c: c, self: x.serverlessURL(c)}
	if x.tier(c) == dedicated {
		w.self, w.dedicated, w.sharded = x.clusterURL(c), true, c.shards > 0
	}
	w.snapshots = w.self + "/backup/snapshots/"
	if w.sharded {
		w.snapshots += "shardedCluster/" // inferred
	}
	return w.write
}

func (w *jobWriter) write(t *jsonText, j *job) {
	st := j.schedule.at(j.created, w.x.now)
	t.open()
	t.flag("cancelled", st.cancelled)
	if w.sharded && !j.minimal {
		w.writeComponents(t, j, st)
	}
	t.text("deliveryType", string(j.deliveryType))
	if !j.minimal {
		t.openField("deliveryUrl", '[')
		// A sharded cluster has a URL in each component (inferred: the URLs may be here, too).
		if st.fetchable && !w.sharded {
			t.item(downloadURL(j, ""))
		}
		t.close(']')
		writeDesiredTimestamp(t, j.point)
	}
	t.flag("expired", st.expired)
	t.instant("expiresAt", st.expiresAt)
	t.flag("failed", st.failed)
	if !j.minimal {
		t.instant("finishedAt", st.finishedAt)
	}
	t.text("id", j.id)
	if !j.minimal {
		w.writeLinks(t, j)
	}
	if j.point.oplogTs > 0 {
		t.number("oplogInc", int64(j.point.oplogInc))
		t.number("oplogTs", int64(j.point.oplogTs))
	}
	if j.point.utcSeconds > 0 {
		t.number("pointInTimeUTCSeconds", int64(j.point.utcSeconds))
	}
	if w.dedicated && !w.sharded {
		writePrivateURLs(t, j, st, "")
	}
	if j.snapshot != nil {
		t.text("snapshotId", j.snapshot.id)
	}
	if j.target != (target{}) {
		t.text("targetClusterName", j.target.clusterName)
		if w.dedicated {
			t.text("targetDeploymentItemName", j.target.deployment) // not documented, but sent
		}
		t.text("targetGroupId", j.target.groupID)
	}
	if j.snapshot != nil {
		t.instant("timestamp", j.snapshot.finished)
	}
	t.close('}')
}

func (w *jobWriter) writeLinks(t *jsonText, j *job) {
	t.openField("links", '[')
	t.link("self", w.self+"/backup/restoreJobs/"+j.id)
	if j.snapshot != nil {
		t.link(relation+"snapshot", w.snapshots+j.snapshot.id)
	}
	t.link(relation+"cluster", w.self)
	t.link(relation+"group", w.x.groupURL(w.c.project.id))
	t.close(']')
}

// writeComponents writes the components of a job on a sharded cluster, one for each replica set. A queued job has them,
// too, but they have URLs only while a download can be fetched (inferred).
func (w *jobWriter) writeComponents(t *jsonText, j *job, st stage) {
	t.openField("components", '[')
	for i, name := range w.c.replicaSets() {
		part := "-" + strconv.Itoa(i)
		t.open()
		if st.fetchable {
			t.text("downloadUrl", downloadURL(j, part))
		}
		writePrivateURLs(t, j, st, part)
		t.text("replicaSetName", name)
		t.close('}')
	}
	t.close(']')
}

// writePrivateURLs writes the URL of a download through a private endpoint, where it has one.
func writePrivateURLs(t *jsonText, j *job, st stage, part string) {
	if j.endpoint == "" || !st.fetchable {
		return
	}
	t.openField("privateDownloadDeliveryUrls", '[')
	t.open()
	t.text("deliveryUrl", downloadURL(j, part+"-private"))
	t.text("endpointId", j.endpoint)
	t.close('}')
	t.close(']')
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

// downloadURL returns the URL of a download, or of one part of it. In Atlas it has a host for the download and a random
// path; here both follow from the id of the job, and the host does not exist.
func downloadURL(j *job, part string) string {
	snapshotID := ""
	if j.snapshot != nil {
		snapshotID = j.snapshot.id
	}
	return "https://restore-" + j.id + part + ".kq7x2m.atlas-simulator.example:27017/" +
		md5Hex("download " + j.id + part)[:24] + "/restore-" + snapshotID + ".tar.gz"
}
