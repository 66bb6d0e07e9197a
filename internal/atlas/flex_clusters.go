package atlas

import (
	"context"
	"time"
)

var (
	opGetFlexCluster = operation{
		name:    "getGroupFlexCluster",
		path:    "/groups/{groupId}/flexClusters/{name}",
		version: "2024-11-13",
	}
	opListFlexClusters = operation{
		name:    "listGroupFlexClusters",
		path:    "/groups/{groupId}/flexClusters",
		version: "2024-11-13",
	}
)

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

// GetFlexCluster returns one Flex cluster: Atlas operation getGroupFlexCluster, one
// call. Of a cluster of another tier Atlas answers
// CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API. Every error is an *Error; a cluster without
// an id, or of another name or project, is KindMalformed.
func (c *Client) GetFlexCluster(ctx context.Context, groupID, name string) (*FlexCluster, error) {
	return getOne[FlexCluster](ctx, c, opGetFlexCluster, groupID, name)
}

// ListFlexClusters returns one page of the Flex clusters of one project: Atlas
// operation listGroupFlexClusters, one call. Recorded lists are in no order. Bounds
// and errors are those of every list; see ListOptions.
func (c *Client) ListFlexClusters(ctx context.Context, groupID string, o ListOptions) (*Page[FlexCluster], error) {
	return list[FlexCluster](ctx, c, opListFlexClusters, o, groupID)
}
