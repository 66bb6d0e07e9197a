package restore

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

func TestRestoreEvents_areTheSamePageByPageAsAtOnce(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores(), atlassim.WithRecentJobs())
	q := EventQuery{GroupID: atlassim.SeedGroupID, First: 500}
	all, err := e.RestoreEvents(t.Context(), q)
	if err != nil || len(all.Events) < 100 || len(all.Cursors) != len(all.Events) {
		t.Fatalf("got %+v, %v", all, err)
	}
	for _, event := range all.Events {
		if !slices.Contains(restoreEventTypes, *event.EventTypeName) {
			t.Errorf("got %s", *event.EventTypeName)
		}
	}
	all.Events = all.Events[:60]
	for _, first := range []int{1, 7, 60} {
		var got []*Event
		q.First, q.After = first, EventCursor{}
		for len(got) < 60 {
			p, err := e.RestoreEvents(t.Context(), q)
			if err != nil || len(p.Events) == 0 {
				t.Fatalf("got %+v, %v", p, err)
			}
			got, q.After = append(got, p.Events...), p.Cursors[len(p.Cursors)-1]
		}
		if diff := cmp.Diff(eventIDs(all.Events), eventIDs(got[:60])); diff != "" {
			t.Errorf("%d at a time: %s", first, diff)
		}
	}
}

func eventIDs(all []*Event) []string {
	ids := make([]string, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	return ids
}

func TestRestoreEvents_ofOneSecondAreOrderedByIDAcrossPages(t *testing.T) {
	// 150 events of one second, in no order, between some newer and older ones: a page of Atlas has 100.
	var body []string
	event := func(id int, created string) string {
		return fmt.Sprintf(`{"id":"%024x","created":%q,"eventTypeName":"CPS_RESTORE_FAILED"}`, id, created)
	}
	for i := range 10 {
		body = append(body, event(1000-i, "2026-05-01T00:00:09Z"))
	}
	for i := range 150 {
		body = append(body, event(1+(i*71)%150, "2026-05-01T00:00:05Z"))
	}
	body = append(body, event(999, "2026-05-01T00:00:01Z"))
	s := newServiceOf(t, func(_, number string) (int, string) {
		from := map[string]int{"1": 0, "2": 100, "3": 200}[number]
		end := min(from+100, len(body))
		return http.StatusOK, `{"results":[` + strings.Join(body[min(from, end):end], ",") + `]}`
	})
	var got []*Event
	for q := (EventQuery{GroupID: atlassim.SeedGroupID, First: 20}); ; {
		p, err := s.RestoreEvents(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.Events...)
		if !p.More {
			break
		}
		q.After = p.Cursors[len(p.Cursors)-1]
	}
	if len(got) != len(body) || !slices.IsSortedFunc(got, func(a, b *Event) int { return a.cursor().compare(b.cursor()) }) {
		t.Errorf("got %d events: %v", len(got), eventIDs(got))
	}
}

func TestRestoreEvents_areOfSomeClustersSinceATime(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithRecentJobs())
	since := time.Now().AddDate(0, 0, -12)
	got, err := e.RestoreEvents(t.Context(), EventQuery{
		GroupID: atlassim.SeedGroupID, ClusterNames: []string{billing.Name, reporting.Name}, Since: since, First: 500,
	})
	if err != nil || len(got.Events) == 0 || got.More {
		t.Fatalf("got %+v, %v", got, err)
	}
	e.wantCalls(t, 1)
	for _, event := range got.Events {
		if name := *event.ClusterName; name != billing.Name && name != reporting.Name || event.Created.Before(since.Add(-time.Second)) {
			t.Errorf("got %s of %s at %s", *event.EventTypeName, name, event.Created)
		}
	}
}

func TestEvent_hasAnActorAndWithoutPeopleNoNames(t *testing.T) {
	some := new("x")
	for name, tt := range map[string]struct {
		event atlas.Event
		want  Actor
	}{
		"a user":            {event: atlas.Event{UserID: some, Username: some}, want: ActorUser},
		"an API key":        {event: atlas.Event{APIKeyID: some, PublicKey: some}, want: ActorAPIKey},
		"a service account": {event: atlas.Event{PublicKey: new("mdb_sa_id_1")}, want: ActorServiceAccount},
		"Atlas":             {event: atlas.Event{}, want: ActorAtlas},
		"a delegate":        {event: atlas.Event{DelegatePrincipal: &atlas.Principal{Name: some}}, want: ActorUnknown},
	} {
		tt.event.RemoteAddress = some
		event := newEvent(nil, ClusterKey{}, &tt.event)
		without := event.WithoutPeople()
		if event.Actor != tt.want || without.Actor != tt.want {
			t.Errorf("%s is %d", name, event.Actor)
		}
		if without.Username != nil || without.PublicKey != nil || without.RemoteAddress != nil ||
			without.DelegatePrincipal != nil || !without.PeopleWithheld || without.UserID != event.UserID {
			t.Errorf("%s: %+v", name, without)
		}
		if event.RemoteAddress == nil || event.PeopleWithheld {
			t.Errorf("%s: the event itself was changed", name)
		}
	}
}
