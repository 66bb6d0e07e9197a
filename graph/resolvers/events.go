package resolvers

import (
	"context"
	"strings"
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

var eventActors = [...]model.RestoreEventActor{
	restore.ActorUnknown:        model.RestoreEventActorUnknown,
	restore.ActorUser:           model.RestoreEventActorUser,
	restore.ActorAPIKey:         model.RestoreEventActorAPIKey,
	restore.ActorServiceAccount: model.RestoreEventActorServiceAccount,
	restore.ActorAtlas:          model.RestoreEventActorAtlas,
}

// eventsOf reads a page of the events of a project, by the arguments of the field.
func eventsOf(ctx context.Context, groupID string, clusterNames []model.ClusterName, since *model.DateTime,
	first *int, after *string) (*model.RestoreEventConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(clusterNames)
	if err != nil {
		return nil, err
	}
	q := restore.EventQuery{GroupID: groupID, First: n, ClusterNames: names, Since: timeOf(since)}
	if after != nil {
		if q.After, err = parseEventCursor(*after); err != nil {
			return nil, err
		}
	}
	events, err := loader.From(ctx).RestoreEvents(ctx, q)
	if err != nil {
		return nil, err
	}
	addErrors(ctx, events.Failures)
	nodes, cursors := nodesOf(events.Events, restoreEvent), mapAll(events.Cursors, eventCursorText)
	info := &model.PageInfo{HasNextPage: events.More, HasPreviousPage: after != nil}
	setCursors(info, cursors)
	return &model.RestoreEventConnection{
		Nodes: nodes, PageInfo: info,
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.RestoreEvent) *model.RestoreEventEdge {
			return &model.RestoreEventEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

// eventTime is the form of the time in a cursor.
const eventTime = "2006-01-02T15:04:05.999999999Z"

func eventCursorText(c restore.EventCursor) string {
	return model.Cursor{List: eventList, ID: c.ID + " " + c.Created.UTC().Format(eventTime)}.String()
}

func parseEventCursor(text string) (restore.EventCursor, error) {
	c, err := model.ParseCursor(eventList, text)
	if err != nil {
		return restore.EventCursor{}, err
	}
	id, created, _ := strings.Cut(c.ID, " ")
	at, err := time.Parse(eventTime, created)
	if err != nil {
		return restore.EventCursor{}, model.CursorError()
	}
	return restore.EventCursor{ID: id, Created: at}, nil
}

func restoreEvent(e *restore.Event) *model.RestoreEvent {
	return &model.RestoreEvent{
		PeopleWithheld: e.PeopleWithheld,
		ID:             e.ID, EventTypeName: e.EventTypeName, Created: dateTime(e.Created),
		GroupID: (*model.ObjectID)(e.GroupID), OrgID: (*model.ObjectID)(e.OrgID),
		ClusterName: (*model.ClusterName)(e.ClusterName), Actor: eventActors[e.Actor],
		UserID: (*model.ObjectID)(e.UserID), APIKeyID: (*model.ObjectID)(e.APIKeyID),
		Username: e.Username, PublicKey: e.PublicKey, RemoteAddress: e.RemoteAddress,
		DelegatePrincipals: principals(e.DelegatePrincipal), IsGlobalAdmin: e.IsGlobalAdmin, Links: links(e.Links),
	}
}

func principals(p *atlas.Principal) (all []*model.RestoreEventPrincipal) {
	for ; p != nil; p = p.OnBehalfOf {
		all = append(all, &model.RestoreEventPrincipal{ID: p.ID, Name: p.Name})
	}
	return all
}

// person returns a value that says who a person is, unless it was withheld.
func person[T any](withheld bool, value T) (T, error) {
	if withheld {
		var none T
		return none, restore.ErrPeopleWithheld
	}
	return value, nil
}

// compliancePolicy maps a policy. It returns nil for nil.
func compliancePolicy(p *restore.CompliancePolicy) *model.BackupCompliancePolicy {
	if p == nil {
		return nil
	}
	out := &model.BackupCompliancePolicy{
		PeopleWithheld: p.PeopleWithheld,
		ProjectID:      (*model.ObjectID)(p.ProjectID), State: p.State, CopyProtectionEnabled: p.CopyProtectionEnabled,
		Deletable: p.Deletable, EncryptionAtRestEnabled: p.EncryptionAtRestEnabled, PitEnabled: p.PitEnabled,
		RestoreWindowDays: p.RestoreWindowDays, ScheduledPolicyItems: mapAll(p.ScheduledPolicyItems, backupPolicyItem),
		UpdatedDate: dateTime(p.UpdatedDate), UpdatedUser: p.UpdatedUser, AuthorizedEmail: p.AuthorizedEmail,
		AuthorizedUserFirstName: p.AuthorizedUserFirstName, AuthorizedUserLastName: p.AuthorizedUserLastName,
	}
	if p.OnDemandPolicyItem != nil {
		out.OnDemandPolicyItem = backupPolicyItem(*p.OnDemandPolicyItem)
	}
	return out
}
