package atlas

import "net/http"

// Organizations are the organizations that the credential may see, whatever its roles. Only the list is used: one
// organization has all that the list has of it.
var Organizations = Resource[Organization]{list: declare("", "2023-01-01", "/orgs", "listOrgs")}

// Organization is one organization (AtlasOrganization in Atlas's OpenAPI document). A nil field was absent or null.
type Organization struct {
	ID                        string         `json:"id"`
	IsDeleted                 *bool          `json:"isDeleted"`
	Links                     Elements[Link] `json:"links"`
	Name                      *string        `json:"name"`
	SkipDefaultAlertsSettings *bool          `json:"skipDefaultAlertsSettings"`
}

func (o Organization) identity() string { return o.ID }

// OrganizationNotFound returns the error of an organization that does not exist, or that must look so, without a call.
// Its code is inferred.
func OrganizationNotFound(id string) *Error {
	return &Error{
		Op: Organizations.list.name, Status: http.StatusNotFound, ErrorCode: "ORG_NOT_FOUND",
		Reason: http.StatusText(http.StatusNotFound), Detail: "No organization with ID " + id + " exists.",
	}
}
