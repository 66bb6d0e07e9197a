package atlassim

import (
	"strconv"
	"time"
)

// export is an export of a snapshot to a bucket. Clusters whose snapshots are encrypted by the customer have some, of
// their newest snapshots that are complete.
type export struct {
	id                string
	snapshot          *snapshot
	created, finished time.Time
	state             string
}

const maxExports = 4

// exports returns the exports of a cluster, newest first (inferred: recorded lists have one).
func (x *exchange) exports(c *cluster) []export {
	if c.masterKey == "" || x.tier(c) != dedicated {
		return nil
	}
	var all []export
	for _, sn := range c.snapshots {
		if len(all) == maxExports || sn.status(x.now) != snapshotCompleted {
			continue
		}
		i := len(all)
		e := export{snapshot: sn, created: sn.finished.Add(time.Minute), state: "Successful"}
		e.id = objectID(e.created, familyExport, uint32(i)) //nolint:gosec // small
		e.finished = e.created.Add(14 * time.Minute)
		switch i {
		case 0:
			e.state, e.finished = "InProgress", time.Time{}
		case 2:
			e.state = "Failed"
		}
		all = append(all, e)
	}
	return all
}

// listBackupExports is GET /groups/{groupId}/clusters/{clusterName}/backup/exports.
func listBackupExports(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	all := x.exports(c)
	return x.list(len(all), func(t *jsonText, i int) { all[i].write(t, c) })
}

func (e *export) write(t *jsonText, c *cluster) {
	t.open()
	if c.shards > 0 {
		t.openField("components", '[')
		for i, name := range c.replicaSets() {
			t.open()
			t.text("exportId", c.part(20+i))
			t.text("replicaSetName", name)
			t.close('}')
		}
		t.close(']')
	}
	t.instant("createdAt", e.created)
	t.openField("customData", '[')
	t.open()
	t.text("key", "ticket")
	t.text("value", "OPS-"+strconv.Itoa(e.created.YearDay()))
	t.close('}')
	t.close(']')
	t.text("exportBucketId", c.project.bucketID(0))
	t.openField("exportStatus", '{')
	done := int64(12)
	if e.state != "Successful" {
		done = 5
	}
	t.number("exportedCollections", done)
	t.number("totalCollections", 12)
	t.close('}')
	t.instant("finishedAt", e.finished)
	t.text("id", e.id)
	t.text("prefix", "exported_snapshots/"+c.project.orgID+"/"+c.project.id+"/"+c.name+"/"+
		e.created.Format("2006-01-02T1504")+"/"+strconv.FormatInt(e.created.Unix(), 10))
	t.text("snapshotId", e.snapshot.id)
	t.text("state", e.state)
	if e.state == "Failed" {
		t.openField("stateReason", '{')
		t.text("errorCode", "EXPORT_BUCKET_ACCESS_DENIED")
		t.text("message", "The bucket cannot be written to.")
		t.close('}')
	}
	t.close('}')
}

// bucketID returns the id of a bucket of the project.
func (p *project) bucketID(n int) string {
	return objectID(p.created, familyExport, 0x800000+uint32(n)) //nolint:gosec // small
}

// listExportBuckets is GET /groups/{groupId}/backup/exportBuckets. A project with tags has one at each provider.
func listExportBuckets(_ *Simulator, x *exchange) answer {
	p := x.project
	if len(p.tags) == 0 {
		return x.list(0, nil)
	}
	return x.list(3, func(t *jsonText, i int) {
		t.open()
		t.text("_id", p.bucketID(i))
		t.text("bucketName", "storefront-archive-"+strconv.Itoa(i))
		switch i {
		case 0:
			t.text("cloudProvider", "AWS")
			t.text("iamRoleId", "5f2c81d9e04b7a6312c9d8f1")
			t.text("region", "us-east-1")
			t.flag("requirePrivateNetworking", false)
		case 1:
			t.text("cloudProvider", "AZURE")
			t.text("roleId", "5f2c81d9e04b7a6312c9d8f2")
			t.text("serviceUrl", "https://storefront.blob.core.example/archive")
			t.text("tenantId", "7d1c2b3a-94e5-4f60-8b21-5c6d7e8f9a0b")
		default:
			t.text("cloudProvider", "GCP")
			t.text("roleId", "5f2c81d9e04b7a6312c9d8f3")
		}
		t.close('}')
	})
}
