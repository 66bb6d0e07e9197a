package restore

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// ClusterKey names a cluster, or a serverless instance: names are unique in a project.
type ClusterKey struct {
	GroupID string
	Name    string
}

// Key names one restore job. Atlas finds a job below the cluster whose backup it
// restores from, so its id alone is not enough.
type Key struct {
	GroupID     string
	ClusterName string
	JobID       string
}

// Cluster returns the key of the cluster whose backup the job restores from.
func (k Key) Cluster() ClusterKey { return ClusterKey{k.GroupID, k.ClusterName} }

// Cluster returns the key of the cluster that the snapshot was taken of.
func (k SnapshotKey) Cluster() ClusterKey { return ClusterKey{k.GroupID, k.ClusterName} }

// SnapshotKey names one snapshot of one cluster.
type SnapshotKey struct {
	GroupID     string
	ClusterName string
	SnapshotID  string
}

// CreatedAt returns when the job was made, in whole seconds: no API says, but the first four bytes of an ObjectID are
// its time. It is zero when the id is no ObjectID.
func (k Key) CreatedAt() time.Time { return createdAt(k.JobID) }

// isObjectID reports whether id is 24 hexadecimal digits.
func isObjectID(id string) bool {
	return len(id) == 24 && strings.Trim(id, "0123456789abcdefABCDEF") == ""
}

func createdAt(objectID string) time.Time {
	if len(objectID) != 24 {
		return time.Time{}
	}
	var seconds [4]byte
	if _, err := hex.Decode(seconds[:], []byte(objectID[:8])); err != nil {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint32(seconds[:])), 0).UTC()
}
