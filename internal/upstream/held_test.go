package upstream

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

func wantMissing(t *testing.T, err error) {
	t.Helper()
	var e *atlas.Error
	if !errors.As(err, &e) || e.Status != http.StatusNotFound || e.ErrorCode != "GROUP_NOT_FOUND" {
		t.Errorf("got %v", err)
	}
}

func TestEachProjectIsReadByTheCredentialThatIsForIt(t *testing.T) {
	for name, entries := range map[string][]string{
		"by project":      {keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"), keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]")},
		"by organization": {keyOf("a", "shop", "organizations: ["+shopOrg+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]")},
		"by both":         {keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]")},
	} {
		t.Run(name, func(t *testing.T) {
			u := newAtlas(t)
			h, _ := u.held(t, entries...)
			r := h.Reader()
			for range 2 { // the first time it may have to be found out
				u.askers()
				if _, err := r.Clusters(t.Context(), atlassim.SeedGroupID); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"shop"}, u.askers()); diff != "" {
				t.Error(diff)
			}
			for range 2 {
				u.askers()
				if _, err := r.Cluster(t.Context(), restore.ClusterKey{GroupID: atlassim.SeedSecondGroupID, Name: atlassim.SeedSecondClusterName}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"support"}, u.askers()); diff != "" {
				t.Error(diff)
			}
			_, err := r.Project(t.Context(), nowhere)
			wantMissing(t, err)
		})
	}
}

func TestAProjectThatNoCredentialIsForIsMissingEvenIfOneCouldReadIt(t *testing.T) {
	u := newAtlas(t)
	h, _ := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	_, err := h.Reader().Project(t.Context(), atlassim.SeedEmptyGroupID)
	wantMissing(t, err)
	if asked := u.askers(); len(asked) > 0 {
		t.Errorf("Atlas was asked by %v", asked)
	}
	// The key is of the shop's organization, but it is to be used for the other one.
	h, _ = u.held(t, keyOf("a", "shop", "organizations: ["+supportOrg+"]"))
	_, err = h.Reader().Clusters(t.Context(), atlassim.SeedGroupID)
	wantMissing(t, err)
}

func TestAProjectThatCannotBeLookedForIsNotMissing(t *testing.T) {
	for _, fault := range []atlassim.Fault{{Status: 503}, {Status: 403}, {Status: 404, ContentType: "text/html", Body: "<html>"}} {
		u := newAtlas(t)
		h, _ := u.held(t, keyOf("a", "shop", "organizations: ["+shopOrg+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]"))
		fault.PathContains, fault.Times = "/groups/"+nowhere, 1
		u.sim.Inject(fault)
		_, err := h.Reader().Project(t.Context(), nowhere)
		var e *atlas.Error
		if !errors.As(err, &e) || e.Status != fault.Status || atlas.IsNotFound(err) {
			t.Errorf("got %v, want the %d", err, fault.Status)
		}
	}
}

func ids(p *restore.Projects) []string {
	var out []string
	for _, one := range p.Projects {
		out = append(out, one.ID)
	}
	return out
}

func TestTheProjectsOfAllCredentialsAreListed(t *testing.T) {
	u := newAtlas(t)
	h, _ := u.held(t,
		keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]"),
		// Sees the same projects as a, and one more.
		keyOf("c", "shop2", "organizations: ["+shopOrg+"]"))
	all, err := h.Reader().Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{atlassim.SeedGroupID, atlassim.SeedSecondGroupID, atlassim.SeedEmptyGroupID}
	if diff := cmp.Diff(want, ids(all)); diff != "" || len(all.Failures) > 0 {
		t.Error(diff, all.Failures)
	}
	// One that fails takes nothing from the others.
	defer u.sim.Inject(atlassim.Fault{PathContains: "/groups", Status: 500, Times: 1})()
	all, err = h.Reader().Projects(t.Context())
	if err != nil || len(all.Failures) != 1 || len(all.Projects) == 0 {
		t.Errorf("got %v, %+v", err, all)
	}
	defer u.sim.Inject(atlassim.Fault{PathContains: "/groups", Status: 500})()
	if _, err = h.Reader().Projects(t.Context()); err == nil {
		t.Error("nothing could be read and that is no error")
	}
}

// TestHeld_asksAsManyCredentialsAsItSays counts calls: what an operation can cost is told from
// them.
func TestHeld_asksAsManyCredentialsAsItSays(t *testing.T) {
	u := newAtlas(t)
	h, _ := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]"), keyOf("c", "shop2", "organizations: ["+shopOrg+"]"))
	listed, searched := h.Asked()
	if listed != 3 || searched != 2 {
		t.Errorf("%d are asked for projects, and %d for a project", listed, searched)
	}
	calls := func(read func(context.Context) error) int {
		meter := &atlas.Meter{MaxCalls: 100}
		if err := read(atlas.WithMeter(t.Context(), meter)); err != nil {
			t.Fatal(err)
		}
		return meter.Calls()
	}
	project := func(id string) func(context.Context) error {
		return func(ctx context.Context) error { _, err := h.Reader().Project(ctx, id); return err }
	}
	if n := calls(project(atlassim.SeedEmptyGroupID)); n != 1+searched {
		t.Errorf("a project that none names took %d calls", n)
	}
	if n := calls(project(atlassim.SeedGroupID)); n != 1 {
		t.Errorf("a project that is named took %d calls", n)
	}
	if n := calls(func(ctx context.Context) error { _, err := h.Reader().Projects(ctx); return err }); n != listed {
		t.Errorf("all projects took %d calls", n)
	}
	if n := calls(project(atlassim.SeedSecondGroupID)); n != 1 {
		t.Errorf("a project that was listed took %d calls", n)
	}
}

func TestProjectsAreKnownWhenNoOrganizationIs(t *testing.T) {
	u := newAtlas(t)
	h, _ := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+", "+atlassim.SeedEmptyGroupID+"]"), keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]"))
	if diff := cmp.Diff([]string{atlassim.SeedGroupID, atlassim.SeedEmptyGroupID, atlassim.SeedSecondGroupID}, h.Projects()); diff != "" {
		t.Error(diff)
	}
	h, _ = u.held(t, keyOf("a", "shop", "organizations: ["+shopOrg+"]"))
	if h.Projects() != nil {
		t.Errorf("got %v", h.Projects())
	}
}

func TestWhereAProjectIsIsRememberedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newSet(), &member{}
		s.remember(nowhere, m)
		<-time.After(rememberFor - time.Nanosecond)
		if s.remembered(nowhere) != m {
			t.Error("it is forgotten too early")
		}
		<-time.After(time.Nanosecond)
		if s.remembered(nowhere) != nil {
			t.Error("a project that has moved is never found again")
		}
	})
}
