package atlassim

// listClusterSnapshots is GET /groups/{groupId}/clusters/{clusterName}/backup/snapshots, newest first. Of a sharded
// cluster it lists the snapshots without their members (inferred from the documented type). A Free cluster has none
// (inferred).
func listClusterSnapshots(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	snapshots := x.dedicatedSnapshots(c)
	self := x.clusterURL(c)
	return x.list(len(snapshots), func(t *jsonText, i int) { writeClusterSnapshot(t, x, c, self, snapshots[i]) })
}

// getClusterSnapshot is GET /groups/{groupId}/clusters/{clusterName}/backup/snapshots/{snapshotId}.
func getClusterSnapshot(_ *Simulator, x *exchange) answer {
	return x.oneSnapshot(false)
}

// listShardedSnapshots is GET /groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters. It has no
// pages. That a replica set has an empty list here rather than an error is inferred.
func listShardedSnapshots(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	var snapshots []*snapshot
	if c.shards > 0 {
		snapshots = x.dedicatedSnapshots(c)
	}
	self := x.clusterURL(c)
	return x.listAll(len(snapshots), func(t *jsonText, i int) { writeShardedSnapshot(t, x, c, self, snapshots[i]) })
}

// getShardedSnapshot is GET /groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedCluster/{snapshotId}.
func getShardedSnapshot(_ *Simulator, x *exchange) answer {
	return x.oneSnapshot(true)
}

func (x *exchange) oneSnapshot(sharded bool) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	var sn *snapshot
	if x.tier(c) != free && (!sharded || c.shards > 0) {
		sn = c.snapshotByID[x.arguments.snapshotID]
	}
	if sn == nil {
		return errNoSnapshot(x.arguments.snapshotID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 1024)}
	if sharded {
		writeShardedSnapshot(&t, x, c, x.clusterURL(c), sn)
	} else {
		writeClusterSnapshot(&t, x, c, x.clusterURL(c), sn)
	}
	return x.resource(t.buf)
}

func (x *exchange) dedicatedSnapshots(c *cluster) []*snapshot {
	if x.tier(c) == free {
		return nil
	}
	return c.snapshots
}

// writeClusterSnapshot writes a snapshot as the Dedicated API does. While it is in progress its members appear one by
// one: first the version, then the provider, and at the end createdAt and the size.
func writeClusterSnapshot(t *jsonText, x *exchange, c *cluster, self string, sn *snapshot) {
	status := sn.status(x.now)
	t.open()
	if status == snapshotCompleted ||
		(status != snapshotQueued && x.now.After(sn.started.Add(sn.finished.Sub(sn.started)/2))) {
		t.text("cloudProvider", c.provider)
	}
	t.openField("copyRegions", '[')
	t.close(']')
	writeSnapshotHead(t, sn, status)
	t.openField("links", '[')
	t.link("self", self+"/backup/snapshots/"+sn.id)
	t.link(relation+"cluster", self)
	t.close(']')
	writeSnapshotBody(t, c, sn, status)
	if c.shards == 0 {
		t.text("replicaSetName", c.name) // the cluster's name, as recorded, not the replica set's own
	}
	writeSnapshotTail(t, c, sn, status)
	t.close('}')
}

// writeShardedSnapshot writes a snapshot of a sharded cluster with its members: one for each shard, and one for the
// config server. They appear when it is complete (inferred).
func writeShardedSnapshot(t *jsonText, x *exchange, c *cluster, self string, sn *snapshot) {
	status := sn.status(x.now)
	t.open()
	t.text("configServerType", configServerType)
	writeSnapshotHead(t, sn, status)
	t.openField("links", '[')
	t.link("self", self+"/backup/snapshots/shardedCluster/"+sn.id)
	t.link(relation+"cluster", self)
	t.close(']')
	var names []string
	if status == snapshotCompleted {
		names = c.replicaSets()
	}
	t.openField("members", '[')
	for i, name := range names {
		t.open()
		t.text("cloudProvider", c.provider)
		t.text("id", sn.part(i))
		t.text("replicaSetName", name)
		t.close('}')
	}
	t.close(']')
	writeSnapshotBody(t, c, sn, status)
	t.openField("snapshotIds", '[')
	for i := range names {
		t.item(sn.part(i))
	}
	t.close(']')
	writeSnapshotTail(t, c, sn, status)
	t.close('}')
}

// part is the id of the snapshot of one replica set, within that of a sharded cluster.
func (sn *snapshot) part(n int) string {
	_, _, counter := splitObjectID(sn.id)
	return objectID(sn.scheduled, familyPart, 0x800000|counter<<4|uint32(n)) //nolint:gosec // small
}

// These members are in both forms of a snapshot, in the order of their names.

func writeSnapshotHead(t *jsonText, sn *snapshot, status string) {
	if status == snapshotCompleted {
		t.instant("createdAt", sn.finished)
	}
	if sn.onDemand {
		t.text("description", "before the migration")
	}
	t.instant("expiresAt", sn.expires)
	t.text("frequencyType", sn.frequencyType())
	t.text("id", sn.id)
}

func writeSnapshotBody(t *jsonText, c *cluster, sn *snapshot, status string) {
	if c.masterKey != "" {
		t.text("masterKeyUUID", c.masterKey)
	}
	if status != snapshotQueued {
		t.text("mongodVersion", sn.version)
	}
	t.openField("policyItems", '[')
	if !sn.onDemand {
		t.item(c.part(1))
	}
	t.close(']')
}

func writeSnapshotTail(t *jsonText, c *cluster, sn *snapshot, status string) {
	if sn.onDemand {
		t.text("snapshotType", "onDemand")
	} else {
		t.text("snapshotType", "scheduled")
	}
	t.text("status", status)
	size := int64(0)
	if status == snapshotCompleted {
		size = sn.bytes
	}
	t.number("storageSizeBytes", size)
	if c.shards > 0 {
		t.text("type", "shardedCluster")
	} else {
		t.text("type", "replicaSet")
	}
}
