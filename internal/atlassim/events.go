package atlassim

import (
	"cmp"
	"net/url"
	"slices"
	"time"
)

// event is an event of a project, about one of its clusters.
type event struct {
	id        string
	created   time.Time
	eventType string
	cluster   *cluster
	actor     int // index of actors; -1: Atlas itself
}

// actors are who requests restores: a user, an API key and a service account. That a service account has its client id
// in publicKey is inferred.
//
//nolint:gosec // public keys and client ids are no secrets
var actors = []struct{ userID, username, apiKeyID, publicKey, address string }{
	{userID: "5f2c81d9e04b7a6312c9d8e1", username: "dana@storefront.example", address: "198.51.100.14"},
	{apiKeyID: "5f2c81d9e04b7a6312c9d8e2", publicKey: "kqzvwxyb", address: "198.51.100.77"},
	{apiKeyID: "5f2c81d9e04b7a6312c9d8e3", publicKey: "mdb_sa_id_5f2c81d9e04b7a6312c9d8e3", address: "203.0.113.9"},
}

// maxEventJobs bounds the jobs of a cluster, the newest ones, about which there are events.
const maxEventJobs = 200

// listGroupEvents is GET /groups/{groupId}/events: newest first. Of the parameters it has eventType, clusterNames,
// minDate and maxDate, both of which include their second (inferred).
func listGroupEvents(_ *Simulator, x *exchange) answer {
	values := x.request.URL.Query()
	from, e := timeParameter(values, "minDate")
	to, other := timeParameter(values, "maxDate")
	if e = cmp.Or(e, other); e != nil {
		return e.answer(x.query)
	}
	types, names := values["eventType"], values["clusterNames"]
	var all []event
	for _, c := range x.project.clusters {
		if len(names) > 0 && !slices.Contains(names, c.name) {
			continue
		}
		for _, one := range x.eventsOf(c) {
			if (len(types) == 0 || slices.Contains(types, one.eventType)) && !one.created.After(x.now) &&
				!one.created.Before(from) && (to.IsZero() || !one.created.After(to)) {
				all = append(all, one)
			}
		}
	}
	slices.SortFunc(all, func(a, b event) int {
		return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.id, a.id))
	})
	return x.list(len(all), func(t *jsonText, i int) { all[i].write(t, x) })
}

func timeParameter(values url.Values, name string) (time.Time, *apiError) {
	text := values.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		e := errQuery(name, "must be a moment in ISO 8601")
		return time.Time{}, &e
	}
	return at, nil
}

// eventsOf returns the events about a cluster, in no order.
func (x *exchange) eventsOf(c *cluster) []event {
	events := []event{c.event(c.created, "CLUSTER_CREATED", 0, 0)}
	tier := x.tier(c)
	if tier == free {
		return events
	}
	jobs, _, _ := c.jobs.page(query{pageNum: 1, itemsPerPage: maxEventJobs}, x.now)
	for _, j := range jobs {
		_, _, counter := splitObjectID(j.id)
		by := scatter(int(counter), int(j.created.Unix()))
		st := j.schedule.at(j.created, x.now)
		requested, ended := "CPS_RESTORE_REQUESTED_AUDIT", "CPS_RESTORE_SUCCESSFUL"
		if tier != dedicated {
			requested, ended = "TENANT_RESTORE_REQUESTED_AUDIT", "TENANT_RESTORE_COMPLETED_AUDIT"
		}
		switch {
		case j.deliveryType == download && tier != dedicated:
			requested = "TENANT_SNAPSHOT_DOWNLOAD_REQUESTED_AUDIT"
		case j.deliveryType == download:
			ended = ""
		}
		switch {
		case st.failed && tier == dedicated:
			ended = "CPS_RESTORE_FAILED"
		case st.failed:
			ended = "TENANT_RESTORE_FAILED"
		}
		events = append(events, c.event(j.created, requested, by%len(actors), counter<<1))
		if !st.endedAt.IsZero() && ended != "" {
			events = append(events, c.event(st.endedAt, ended, -1, counter<<1|1))
		}
	}
	for i, j := range x.collectionJobs(c) {
		ended := map[string]string{
			collectionSuccessful: "CPS_COLLECTION_RESTORE_SUCCESSFUL", collectionFailed: "CPS_COLLECTION_RESTORE_FAILED",
			collectionPartly: "CPS_COLLECTION_RESTORE_PARTIAL_SUCCESS", collectionCanceled: "CPS_COLLECTION_RESTORE_CANCELED",
		}[j.state(x.now)]
		if ended != "" {
			events = append(events, c.event(j.created.Add(j.takes), ended, -1, 0x400000+uint32(i)))
		}
	}
	for i, e := range x.exports(c) {
		if ended := map[string]string{"Successful": "CPS_EXPORT_SUCCESSFUL", "Failed": "CPS_EXPORT_FAILED"}[e.state]; ended != "" {
			events = append(events, c.event(e.finished, ended, -1, 0x500000+uint32(i)))
		}
	}
	return events
}

func (c *cluster) event(at time.Time, eventType string, actor int, counter uint32) event {
	_, _, number := splitObjectID(c.id)
	return event{
		id: objectID(at, familyEvent, number<<20^counter), created: at.Truncate(time.Second), eventType: eventType,
		cluster: c, actor: actor,
	}
}

// write writes an event. Those of Flex clusters have no clusterName (recorded).
func (e *event) write(t *jsonText, x *exchange) {
	t.open()
	if e.actor >= 0 {
		if id := actors[e.actor].apiKeyID; id != "" {
			t.text("apiKeyId", id)
		}
	}
	if x.tier(e.cluster) == dedicated {
		t.text("clusterName", e.cluster.name)
	}
	t.instant("created", e.created)
	t.text("eventTypeName", e.eventType)
	t.text("groupId", e.cluster.project.id)
	t.text("id", e.id)
	t.flag("isGlobalAdmin", false)
	t.openField("links", '[')
	t.link("self", x.groupURL(e.cluster.project.id)+"/events/"+e.id)
	t.close(']')
	t.text("orgId", e.cluster.project.orgID)
	if e.actor >= 0 {
		by := actors[e.actor]
		if by.publicKey != "" {
			t.text("publicKey", by.publicKey)
		}
		t.text("remoteAddress", by.address)
		if by.userID != "" {
			t.text("userId", by.userID)
			t.text("username", by.username)
		}
	}
	t.close('}')
}
