package atlas

import (
	"encoding/json"
	"net/http"
	"time"
)

// Projects are the projects that the credential may see. Recorded lists are in no order of time.
var Projects = Resource[Project]{
	get: declare(roleReadOnly, "2023-01-01", "/groups/{groupId}", "getGroup"),
	// It lists the projects that the credential may see, whatever its roles.
	list: declare("", "2023-01-01", "/groups", "listGroups"),
}

// Project is one project, which Atlas also calls a group, as far as the gateway serves
// it (Group in Atlas's OpenAPI document). A nil field was absent or null.
type Project struct {
	ID           string         `json:"id"`
	ClusterCount *int64         `json:"clusterCount"`
	Created      *time.Time     `json:"created"`
	Links        Elements[Link] `json:"links"`
	Name         *string        `json:"name"`
	OrgID        *string        `json:"orgId"`
	Tags         Elements[Tag]  `json:"tags"`
}

// Tag is a key and a value that users give to a resource (ResourceTag in Atlas's
// OpenAPI document).
type Tag struct {
	Key   *string `json:"key"`
	Value *string `json:"value"`
}

// ProjectNotFound returns the error with which Atlas answers for a project that does not exist, without a call. It
// is for callers that must not learn whether the project exists.
func ProjectNotFound(groupID string) *Error {
	parameters, err := json.Marshal([]string{groupID})
	if err != nil {
		parameters = nil // cannot happen with strings
	}
	return &Error{
		Op: Projects.get.name, Status: http.StatusNotFound, ErrorCode: "GROUP_NOT_FOUND",
		Reason: http.StatusText(http.StatusNotFound), Detail: "No group with ID " + groupID + " exists.",
		Parameters: parameters,
	}
}

func (p Project) identity() string { return p.ID }
