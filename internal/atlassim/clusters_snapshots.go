package atlassim

// writeClusterSnapshot writes a snapshot as the Dedicated API does, of a sharded cluster without the members (inferred
// from the documented type). While it is in progress its members appear one by
// one: first the version, then the provider, and at the end createdAt and the size.
func writeClusterSnapshot(t *jsonText, x *exchange, c *cluster, sn *snapshot) {
	self := x.clusterURL(c)
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
func writeShardedSnapshot(t *jsonText, x *exchange, c *cluster, sn *snapshot) {
	self := x.clusterURL(c)
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
	if sn.description != "" {
		t.text("description", sn.description)
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
