package atlas

import (
	"context"
	"time"
)

var (
	opGetProject = operation{
		name:    "getGroup",
		path:    "/groups/{groupId}",
		version: "2023-01-01",
	}
	opListProjects = operation{
		name:    "listGroups",
		path:    "/groups",
		version: "2023-01-01",
	}
)

// Project is one project, which Atlas also calls a group, as far as the gateway serves
// it (Group in Atlas's OpenAPI document). A nil field was absent or null.
type Project struct {
	ID           string     `json:"id"`
	ClusterCount *int64     `json:"clusterCount"`
	Created      *time.Time `json:"created"`
	Links        []Link     `json:"links"`
	Name         *string    `json:"name"`
	OrgID        *string    `json:"orgId"`
	Tags         []Tag      `json:"tags"`
}

// Tag is a key and a value that somebody gave a resource (ResourceTag in Atlas's
// OpenAPI document).
type Tag struct {
	Key   *string `json:"key"`
	Value *string `json:"value"`
}

func (p Project) identity() string { return p.ID }

// GetProject returns one project: Atlas operation getGroup, one call. Every error is
// an *Error; a project without an id is KindMalformed.
func (c *Client) GetProject(ctx context.Context, groupID string) (*Project, *Response, error) {
	return getOne[Project](ctx, c, opGetProject, groupID)
}

// ListProjects returns one page of the projects that the credential may see: Atlas
// operation listGroups, one call. Recorded lists are in no order of time. Bounds and
// errors are those of every list; see ListOptions.
func (c *Client) ListProjects(ctx context.Context, o ListOptions) (*Page[Project], *Response, error) {
	return list[Project](ctx, c, opListProjects, o)
}
