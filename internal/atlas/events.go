package atlas

import (
	"net/url"
	"time"
)

// Events are the events of one project, newest first. Only the list is used.
var Events = Resource[Event]{
	list: declare(roleReadOnly, "2023-01-01", "/groups/{groupId}/events", "listGroupEvents"),
}

// Event is one event of a project, with the fields that events about backups have (EventViewForNdsGroup in Atlas's
// OpenAPI document). A nil field was absent or null. An event carries the id of no restore job.
type Event struct {
	ID                string         `json:"id"`
	APIKeyID          *string        `json:"apiKeyId"`
	ClusterName       *string        `json:"clusterName"` // not documented, but recorded
	Created           *time.Time     `json:"created"`
	DelegatePrincipal *Principal     `json:"delegatePrincipal"`
	EventTypeName     *string        `json:"eventTypeName"`
	GroupID           *string        `json:"groupId"`
	IsGlobalAdmin     *bool          `json:"isGlobalAdmin"`
	Links             Elements[Link] `json:"links"`
	OrgID             *string        `json:"orgId"`
	PublicKey         *string        `json:"publicKey"`
	RemoteAddress     *string        `json:"remoteAddress"`
	UserID            *string        `json:"userId"`
	Username          *string        `json:"username"`
}

func (e Event) identity() string { return e.ID }

func (e Event) fullName() (groupID, name *string) { return e.GroupID, nil } //nolint:unparam // it has no name

// Principal is in whose name something was done.
type Principal struct {
	ID         *string    `json:"id"`
	Name       *string    `json:"name"`
	OnBehalfOf *Principal `json:"onBehalfOf"`
}

// EventFilter returns the filter of a list of events: of some types, of some clusters, and between two moments, in whole
// seconds. Empty and zero values do not filter.
func EventFilter(types, clusterNames []string, from, to time.Time) string {
	q := url.Values{}
	for _, name := range types {
		q.Add("eventType", name)
	}
	for _, name := range clusterNames {
		q.Add("clusterNames", name)
	}
	if !from.IsZero() {
		q.Set("minDate", from.UTC().Format(time.RFC3339))
	}
	if !to.IsZero() {
		q.Set("maxDate", to.UTC().Format(time.RFC3339))
	}
	return q.Encode()
}
