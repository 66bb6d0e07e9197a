package atlas

import (
	"context"
	"time"
)

var (
	opGetServerlessInstance = operation{
		name:    "getGroupServerlessInstance",
		path:    "/groups/{groupId}/serverless/{name}",
		version: "2023-01-01",
	}
	opListServerlessInstances = operation{
		name:    "listGroupServerlessInstances",
		path:    "/groups/{groupId}/serverless",
		version: "2023-01-01",
	}
)

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
	TerminationProtectionEnabled *bool          `json:"terminationProtectionEnabled"`

	ServerlessProviderSettings `json:"providerSettings"`
}

// ServerlessProviderSettings are the ProviderSettings of a serverless instance.
// BackupEnabled is recorded and not documented.
type ServerlessProviderSettings struct {
	ProviderSettings
	BackupEnabled *bool `json:"tenantBackupEnabled"`
}

// ProviderSettings are the product (SERVERLESS, FLEX), the cloud (AWS and others) and the region of a cluster.
type ProviderSettings struct {
	BackingProviderName *string `json:"backingProviderName"`
	ProviderName        *string `json:"providerName"`
	RegionName          *string `json:"regionName"`
}

func (s ServerlessInstance) identity() string { return s.ID }

func (s ServerlessInstance) fullName() (groupID, name *string) { return s.GroupID, s.Name }

// GetServerlessInstance returns one serverless instance: Atlas operation
// getGroupServerlessInstance, one call. Atlas has migrated all instances to other
// tiers, so the usual answer is 404. Every error is an *Error; an instance without an id,
// or of another name or project, is KindMalformed.
func (c *Client) GetServerlessInstance(ctx context.Context, groupID, name string) (*ServerlessInstance, error) {
	return getOne[ServerlessInstance](ctx, c, opGetServerlessInstance, groupID, name)
}

// ListServerlessInstances returns one page of the serverless instances of one
// project: Atlas operation listGroupServerlessInstances, one call. The page is
// usually empty. Bounds and errors are those of every list; see ListOptions.
func (c *Client) ListServerlessInstances(ctx context.Context,
	groupID string, o ListOptions) (*Page[ServerlessInstance], error) {
	return list[ServerlessInstance](ctx, c, opListServerlessInstances, o, groupID)
}
