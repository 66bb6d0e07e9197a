package atlas

import (
	"cmp"
	"slices"
	"time"
)

// Clusters are the Dedicated and Free clusters of one project. Of a Flex cluster Atlas answers
// CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API or, of some, a description.
var Clusters = newResource[Cluster](roleReadOnly, "2024-08-05",
	"/groups/{groupId}/clusters/{clusterName}",
	"getGroupCluster", "listGroupClusters")

// Cluster is one Dedicated or Free cluster, as far as the gateway serves it
// (ClusterDescription20240805 in Atlas's OpenAPI document). A nil field was absent or
// null. It may also be a Flex cluster; see Flex.
type Cluster struct {
	ID                           string                    `json:"id"`
	BackupEnabled                *bool                     `json:"backupEnabled"`
	ClusterType                  *string                   `json:"clusterType"`
	CreateDate                   *time.Time                `json:"createDate"`
	GroupID                      *string                   `json:"groupId"`
	Labels                       Elements[Tag]             `json:"labels"`
	Links                        Elements[Link]            `json:"links"`
	MongoDBVersion               *string                   `json:"mongoDBVersion"`
	Name                         *string                   `json:"name"`
	Paused                       *bool                     `json:"paused"`
	PitEnabled                   *bool                     `json:"pitEnabled"`
	ReplicationSpecs             Elements[ReplicationSpec] `json:"replicationSpecs"`
	StateName                    *string                   `json:"stateName"`
	Tags                         Elements[Tag]             `json:"tags"`
	TerminationProtectionEnabled *bool                     `json:"terminationProtectionEnabled"`
}

// ReplicationSpec is one shard of a cluster; a replica set has one.
type ReplicationSpec struct {
	RegionConfigs Elements[RegionConfig] `json:"regionConfigs"`
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
	DiskSizeGB   *float64 `json:"diskSizeGB"`
	InstanceSize *string  `json:"instanceSize"`
}

// tenant is the provider of clusters that share machines.
const tenant = "TENANT"

// regionConfigs yields the regions of all shards.
func (k *Cluster) regionConfigs(yield func(*RegionConfig) bool) {
	for _, spec := range k.ReplicationSpecs {
		for i := range spec.RegionConfigs {
			if !yield(&spec.RegionConfigs[i]) {
				return
			}
		}
	}
}

// firstElectable returns the first region that has electable nodes of a known size, or an empty one.
func (k *Cluster) firstElectable() RegionConfig {
	for region := range k.regionConfigs {
		if region.ElectableSpecs != nil && region.ElectableSpecs.InstanceSize != nil {
			return *region
		}
	}
	return RegionConfig{ElectableSpecs: &HardwareSpecs{}}
}

// InstanceSize returns the size in the first region that has electable nodes, such as M0 or M10; nil where Atlas sent
// none.
func (k *Cluster) InstanceSize() *string { return k.firstElectable().ElectableSpecs.InstanceSize }

// DiskSizeGB returns the size of a node's disk there, in gigabytes; nil where Atlas sent none.
func (k *Cluster) DiskSizeGB() *float64 { return k.firstElectable().ElectableSpecs.DiskSizeGB }

// Regions returns the regions of all shards, each once, in the order in which Atlas lists them; nil where it lists
// none.
func (k *Cluster) Regions() []string {
	return k.eachOnce(func(region *RegionConfig) *string { return region.RegionName })
}

// CloudProviders returns the clouds of the regions as Regions does.
func (k *Cluster) CloudProviders() []string {
	return k.eachOnce(func(region *RegionConfig) *string {
		return cmp.Or(region.BackingProviderName, region.ProviderName)
	})
}

func (k *Cluster) eachOnce(of func(*RegionConfig) *string) (all []string) {
	for region := range k.regionConfigs {
		if text := of(region); text != nil && len(all) <= MaxElements && !slices.Contains(all, *text) {
			all = append(all, *text)
		}
	}
	return all
}

// Free reports whether this is a Free cluster (M0), of which Atlas makes no backups.
func (k *Cluster) Free() bool { return textOf(k.InstanceSize()) == "M0" }

// Flex reports whether this is a Flex cluster: a former M2 or M5, or one that was created by a request for
// one of these. Only the Flex operations find its backups.
func (k *Cluster) Flex() bool {
	provider := textOf(k.firstElectable().ProviderName)
	return provider == "FLEX" || provider == tenant && !k.Free()
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func (k Cluster) identity() string { return k.ID }

func (k Cluster) fullName() (groupID, name *string) { return k.GroupID, k.Name }
