package atlas

import "time"

// Clusters are the Dedicated and Free clusters of one project. Of a Flex cluster Atlas answers
// CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API or, of some, a description.
var Clusters = newResource[Cluster]("2024-08-05",
	"/groups/{groupId}/clusters/{clusterName}",
	"getGroupCluster", "listGroupClusters")

// Cluster is one Dedicated or Free cluster, as far as the gateway serves it
// (ClusterDescription20240805 in Atlas's OpenAPI document). A nil field was absent or
// null. It may also be a Flex cluster; see Flex.
type Cluster struct {
	ID                           string            `json:"id"`
	BackupEnabled                *bool             `json:"backupEnabled"`
	ClusterType                  *string           `json:"clusterType"`
	CreateDate                   *time.Time        `json:"createDate"`
	GroupID                      *string           `json:"groupId"`
	Links                        Elements[Link]    `json:"links"`
	MongoDBVersion               *string           `json:"mongoDBVersion"`
	Name                         *string           `json:"name"`
	Paused                       *bool             `json:"paused"`
	ReplicationSpecs             []ReplicationSpec `json:"replicationSpecs"`
	StateName                    *string           `json:"stateName"`
	TerminationProtectionEnabled *bool             `json:"terminationProtectionEnabled"`
}

// ReplicationSpec is one shard of a cluster; a replica set has one.
type ReplicationSpec struct {
	RegionConfigs []RegionConfig `json:"regionConfigs"`
}

// RegionConfig is the nodes of a shard in one region. ProviderName is the cloud, or TENANT where several
// clusters share machines; then BackingProviderName is the cloud.
type RegionConfig struct {
	BackingProviderName *string        `json:"backingProviderName"`
	ElectableSpecs      *HardwareSpecs `json:"electableSpecs"`
	ProviderName        *string        `json:"providerName"`
	RegionName          *string        `json:"regionName"`
}

// HardwareSpecs are the machines of a region. InstanceSize is M0, M10 and so on.
type HardwareSpecs struct {
	InstanceSize *string `json:"instanceSize"`
}

// tenant is the provider of clusters that share machines.
const tenant = "TENANT"

// firstElectable returns the size and the provider of the first region that has electable nodes; both are
// empty where Atlas sent none.
func (k *Cluster) firstElectable() (instanceSize, provider string) {
	for _, spec := range k.ReplicationSpecs {
		for _, region := range spec.RegionConfigs {
			if region.ElectableSpecs == nil || region.ElectableSpecs.InstanceSize == nil {
				continue
			}
			if region.ProviderName != nil {
				provider = *region.ProviderName
			}
			return *region.ElectableSpecs.InstanceSize, provider
		}
	}
	return "", ""
}

// InstanceSize returns the size in the first region that has electable nodes, such as M0 or M10; empty
// where Atlas sent none.
func (k *Cluster) InstanceSize() string {
	size, _ := k.firstElectable()
	return size
}

// Free reports whether this is a Free cluster (M0), of which Atlas makes no backups.
func (k *Cluster) Free() bool { return k.InstanceSize() == "M0" }

// Flex reports whether this is a Flex cluster: a former M2 or M5, or one that was created by a request for
// one of these. Only the Flex operations find its backups.
func (k *Cluster) Flex() bool {
	size, provider := k.firstElectable()
	return provider == "FLEX" || provider == tenant && size != "M0"
}

func (k Cluster) identity() string { return k.ID }

func (k Cluster) fullName() (groupID, name *string) { return k.GroupID, k.Name }
