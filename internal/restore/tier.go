package restore

// Tier is one of the APIs of Atlas that have restore jobs.
type Tier int

// The APIs, named by what their clusters are. AnyAPI is whichever one has the
// cluster.
const (
	AnyTier Tier = iota
	Serverless
	Flex
	Dedicated
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

// Cluster is the cluster whose backup the job restores from.
func (k Key) Cluster() ClusterKey { return ClusterKey{k.GroupID, k.ClusterName} }

// SnapshotKey names one snapshot of one cluster.
type SnapshotKey struct {
	GroupID     string
	ClusterName string
	SnapshotID  string
}

// Cluster is the cluster that the snapshot was taken of.
func (k SnapshotKey) Cluster() ClusterKey { return ClusterKey{k.GroupID, k.ClusterName} }

// ServerlessMode says whether the serverless API is asked.
type ServerlessMode string

// The modes of --atlas-serverless.
const (
	// ServerlessAuto asks it while it lives, and others when it is gone.
	ServerlessAuto ServerlessMode = "auto"
	// ServerlessOn asks it and, for what is asked of serverless instances, no other.
	ServerlessOn ServerlessMode = "on"
	// ServerlessOff never asks it.
	ServerlessOff ServerlessMode = "off"
)
