package upstream

import (
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

func TestChoose_takesTheCredentialThatIsForTheProject(t *testing.T) {
	for name, entries := range map[string][]string{
		"by project": {
			keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"),
			keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]"),
		},
		"by organization": {
			keyOf("a", "shop", "organizations: ["+shopOrg+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]"),
		},
		"by both": {
			keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := newAtlas(t)
			f, _ := u.load(t, entries...)
			r := f.Reader()
			for range 2 { // the first time Atlas may have to be asked
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
				if _, err := r.Cluster(t.Context(), restore.ClusterKey{
					GroupID: atlassim.SeedSecondGroupID, Name: atlassim.SeedSecondClusterName,
				}); err != nil {
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

func TestChoose_projectThatNoCredentialIsForIsMissingEvenIfOneCouldReadIt(t *testing.T) {
	u := newAtlas(t)
	f, _ := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	_, err := f.Reader().Project(t.Context(), atlassim.SeedEmptyGroupID)
	wantMissing(t, err)
	if asked := u.askers(); len(asked) > 0 {
		t.Errorf("Atlas was asked by %v", asked)
	}
	// The key is of the shop's organization, but it is to be used for the other one.
	f, _ = u.load(t, keyOf("a", "shop", "organizations: ["+supportOrg+"]"))
	_, err = f.Reader().Clusters(t.Context(), atlassim.SeedGroupID)
	wantMissing(t, err)
}

func TestChoose_projectThatCannotBeSearchedForIsNotMissing(t *testing.T) {
	for _, fault := range []atlassim.Fault{
		{Status: 503}, {Status: 403}, {Status: 404, ContentType: "text/html", Body: "<html>"},
	} {
		u := newAtlas(t)
		f, _ := u.load(t, keyOf("a", "shop", "organizations: ["+shopOrg+"]"),
			keyOf("b", "support", "organizations: ["+supportOrg+"]"))
		fault.PathContains, fault.Times = "/groups/"+nowhere, 1
		u.sim.Inject(fault)
		_, err := f.Reader().Project(t.Context(), nowhere)
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

func TestProjects_listsThoseOfAllCredentials(t *testing.T) {
	u := newAtlas(t)
	f, _ := u.load(t,
		keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"), keyOf("b", "support", "organizations: ["+supportOrg+"]"),
		// Sees the same projects as a, and one more.
		keyOf("c", "shop2", "organizations: ["+shopOrg+"]"))
	all, err := f.Reader().Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{atlassim.SeedGroupID, atlassim.SeedSecondGroupID, atlassim.SeedEmptyGroupID}
	if diff := cmp.Diff(want, ids(all)); diff != "" || len(all.Failures) > 0 {
		t.Error(diff, all.Failures)
	}
	// One that fails takes nothing from the others.
	defer u.sim.Inject(atlassim.Fault{PathContains: "/groups", Status: 500, Times: 1})()
	all, err = f.Reader().Projects(t.Context())
	if err != nil || len(all.Failures) != 1 || len(all.Projects) == 0 {
		t.Errorf("got %v, %+v", err, all)
	}
	defer u.sim.Inject(atlassim.Fault{PathContains: "/groups", Status: 500})()
	if _, err = f.Reader().Projects(t.Context()); err == nil {
		t.Error("nothing could be read and that is no error")
	}
}

func TestGeneration_forgetsTheEntryOfAProjectAfterItsTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, e := newGeneration(nil), &entry{}
		g.setFound(nowhere, e)
		<-time.After(foundTTL - time.Nanosecond)
		if g.foundFor(nowhere) != e {
			t.Error("the entry is forgotten too early")
		}
		<-time.After(time.Nanosecond)
		if g.foundFor(nowhere) != nil {
			t.Error("a project that has moved is never found again")
		}
	})
}
