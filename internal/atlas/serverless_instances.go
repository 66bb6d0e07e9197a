package atlas

import "time"

// ServerlessInstances are the serverless instances of one project. Atlas has migrated all of them to other tiers, so the usual answers
// are 404 and an empty list.
var ServerlessInstances = newResource[ServerlessInstance](roleReadOnly, "2023-01-01",
	"/groups/{groupId}/serverless/{name}",
	"getGroupServerlessInstance", "listGroupServerlessInstances")

// ServerlessInstance is one serverless instance, as far as the gateway serves it
// (ServerlessInstanceDescription in Atlas's OpenAPI document). A nil field was absent
// or null.
type ServerlessInstance struct {
	ID                           string         `json:"id"`
	CreateDate                   *time.Time     `json:"createDate"`
	GroupID                      *string        `json:"groupId"`
	Links                        Elements[Link] `json:"links"`
	MongoDBVersion               *string        `json:"mongoDBVersion"`
	Name                         *string        `json:"name"`
	StateName                    *string        `json:"stateName"`
	Tags                         Elements[Tag]  `json:"tags"`
	TerminationProtectionEnabled *bool          `json:"terminationProtectionEnabled"`

	ServerlessProviderSettings `json:"providerSettings"`
}

// ServerlessProviderSettings are the ProviderSettings of a serverless instance.
// BackupEnabled is recorded and not documented.
type ServerlessProviderSettings struct {
	ProviderSettings
	BackupEnabled *bool `json:"tenantBackupEnabled"`
}

// ProviderSettings are the product (SERVERLESS, FLEX), the cloud (AWS and others), the region and the disk of a
// cluster. The size of the disk is sent for Flex clusters alone.
type ProviderSettings struct {
	BackingProviderName *string  `json:"backingProviderName"`
	DiskSizeGB          *float64 `json:"diskSizeGB"`
	ProviderName        *string  `json:"providerName"`
	RegionName          *string  `json:"regionName"`
}

func (s ServerlessInstance) identity() string { return s.ID }

func (s ServerlessInstance) fullName() (groupID, name *string) { return s.GroupID, s.Name }
