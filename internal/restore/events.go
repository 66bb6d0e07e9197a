package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// ErrPeopleWithheld is the error in the place of a person's name or address that was removed.
var ErrPeopleWithheld = errors.New("restore: the caller may not read who people are")

// restoreEventTypes are the types of events about restores, exports and downloads of backups, as far as Atlas names
// them. It may add others.
var restoreEventTypes = []string{
	"CPS_RESTORE_REQUESTED_AUDIT", "CPS_RESTORE_SUCCESSFUL", "CPS_RESTORE_FAILED",
	"CPS_COLLECTION_RESTORE_SUCCESSFUL", "CPS_COLLECTION_RESTORE_FAILED", "CPS_COLLECTION_RESTORE_PARTIAL_SUCCESS",
	"CPS_COLLECTION_RESTORE_CANCELED",
	"CPS_SNAPSHOT_DOWNLOAD_REQUEST_FAILED", "CPS_EXPORT_SUCCESSFUL", "CPS_EXPORT_FAILED", "CPS_AUTO_EXPORT_FAILED",
	"TENANT_RESTORE_REQUESTED_AUDIT", "TENANT_RESTORE_COMPLETED_AUDIT", "TENANT_RESTORE_FAILED",
	"TENANT_SNAPSHOT_DOWNLOAD_REQUESTED_AUDIT",
}

// Actor is what kind of principal caused an event.
type Actor int

// The actors.
const (
	ActorUnknown Actor = iota
	ActorUser
	ActorAPIKey
	ActorServiceAccount
	ActorAtlas // no principal: Atlas itself
)

// serviceAccountPrefix is that of the client ids of service accounts. That an event has the id in the field publicKey
// is inferred.
const serviceAccountPrefix = "mdb_sa_id_"

// Event is an event about a restore, an export or a download of a backup. Atlas names no restore job in it.
type Event struct {
	atlas.Event
	Actor Actor
	// PeopleWithheld is true when names and addresses were removed, because the caller may not read them.
	PeopleWithheld bool
}

func newEvent(_ *Service, _ ClusterKey, e *atlas.Event) *Event {
	out := &Event{Event: *e, Actor: ActorAtlas}
	switch {
	case e.UserID != nil || e.Username != nil:
		out.Actor = ActorUser
	case e.PublicKey != nil && strings.HasPrefix(*e.PublicKey, serviceAccountPrefix):
		out.Actor = ActorServiceAccount
	case e.APIKeyID != nil || e.PublicKey != nil:
		out.Actor = ActorAPIKey
	case e.DelegatePrincipal != nil || isTrue(e.IsGlobalAdmin):
		out.Actor = ActorUnknown
	}
	return out
}

// WithoutPeople returns a copy of the event without the names and addresses of people. Ids stay.
func (e *Event) WithoutPeople() *Event {
	out := *e
	out.PeopleWithheld = true
	out.Username, out.PublicKey, out.RemoteAddress, out.DelegatePrincipal = nil, nil, nil, nil
	return &out
}

// cursor returns the position of the event in a list. One without a time is the oldest.
func (e *Event) cursor() EventCursor {
	if e.Created == nil {
		return EventCursor{ID: e.ID}
	}
	return EventCursor{Created: e.Created.UTC(), ID: e.ID}
}

// EventCursor is a position in a list of events: behind an event. The zero EventCursor is the beginning.
type EventCursor struct {
	Created time.Time
	ID      string
}

// compare orders newest first.
func (c EventCursor) compare(other EventCursor) int {
	return cmp.Or(other.Created.Compare(c.Created), cmp.Compare(other.ID, c.ID))
}

// compareEvents orders newest first.
func compareEvents(a, b *Event) int { return a.cursor().compare(b.cursor()) }

// EventQuery asks for events of one project about restores, newest first.
type EventQuery struct {
	GroupID string
	// ClusterNames are the clusters; none means all.
	ClusterNames []string
	// Since excludes older events; zero means none.
	Since time.Time
	// First bounds the events of the answer: 0 to MaxFirst.
	First int
	After EventCursor
}

// Events are events, newest first.
type Events struct {
	Events  []*Event
	Cursors []EventCursor
	// More is true when there are more.
	More bool
	// Failures are the errors of events that are missing, because they cannot be decoded.
	Failures []error
}

// RestoreEvents reads events of one project about restores, exports and downloads: one call for up to 498, or two.
// Events that come meanwhile move none from one page to the next, because a page behind a cursor begins at its time.
func (s *Service) RestoreEvents(ctx context.Context, q EventQuery) (*Events, error) {
	to := q.After.Created
	if !to.IsZero() {
		to = to.Add(time.Second) // Atlas does not say whether it includes the moment
	}
	filter := atlas.EventFilter(restoreEventTypes, q.ClusterNames, q.Since, to)
	size := pageSize(q.First)
	list := func(ctx context.Context, o atlas.ListOptions) (*page[*Event], error) {
		o.ItemsPerPage, o.Filter = size, filter
		return events.cachedList(ctx, s, s.cache.eventPages, callKey{groupID: q.GroupID, page: o}, q.GroupID)
	}
	out := &Events{}
	var all []*Event
	more := false
	err := eachPage(ctx, list, func(e *Event) string { return e.ID }, func(p *page[*Event]) bool {
		if p.unidentified != nil {
			out.Failures = append(out.Failures, p.unidentified)
		}
		for _, e := range p.items {
			if q.After.ID == "" || q.After.compare(e.cursor()) < 0 {
				all = append(all, e)
			}
		}
		more = p.more
		return countNewer(all) <= q.First
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, compareEvents)
	out.More = len(all) > q.First || more
	for _, e := range all[:min(len(all), q.First)] {
		out.Events, out.Cursors = append(out.Events, e), append(out.Cursors, e.cursor())
	}
	return out, nil
}

// countNewer returns how many events are newer than the second of the oldest one: the next page may have more of that
// second, which sort before some that were read.
func countNewer(all []*Event) int {
	if len(all) == 0 {
		return 0
	}
	oldest := slices.MaxFunc(all, compareEvents).cursor().Created
	n := 0
	for _, e := range all {
		if e.cursor().Created.After(oldest) {
			n++
		}
	}
	return n
}
