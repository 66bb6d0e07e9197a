package atlas

import "time"

// FlexClusters are the Flex clusters of one project. Of a cluster of another tier Atlas answers
// CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API. Recorded lists are in no order.
var FlexClusters = newResource[FlexCluster](roleReadOnly, "2024-11-13",
	"/groups/{groupId}/flexClusters/{name}",
	"getGroupFlexCluster", "listGroupFlexClusters")

// FlexCluster is one Flex cluster, as far as the gateway serves it
// (FlexClusterDescription20241113 in Atlas's OpenAPI document). A nil field was absent
// or null. Atlas says nothing of Flex clusters being paused.
type FlexCluster struct {
	ID                           string         `json:"id"`
	ClusterType                  *string        `json:"clusterType"`
	CreateDate                   *time.Time     `json:"createDate"`
	GroupID                      *string        `json:"groupId"`
	Links                        Elements[Link] `json:"links"`
	MongoDBVersion               *string        `json:"mongoDBVersion"`
	Name                         *string        `json:"name"`
	StateName                    *string        `json:"stateName"`
	Tags                         Elements[Tag]  `json:"tags"`
	TerminationProtectionEnabled *bool          `json:"terminationProtectionEnabled"`

	FlexBackupSettings `json:"backupSettings"`
	ProviderSettings   `json:"providerSettings"`
}

// FlexBackupSettings say whether Atlas makes backups of a Flex cluster.
type FlexBackupSettings struct {
	BackupEnabled *bool `json:"enabled"`
}

func (f FlexCluster) identity() string { return f.ID }

func (f FlexCluster) fullName() (groupID, name *string) { return f.GroupID, f.Name }
