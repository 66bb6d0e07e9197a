package upstream

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

func TestReload_rotatesAKeyWhileRequestsAreAnswered(t *testing.T) {
	u := newAtlas(t)
	dir := t.TempDir()
	path, secret := filepath.Join(dir, "credentials.yaml"), filepath.Join(dir, "secret")
	file := func(key string) string {
		return "credentials:\n- name: a\n  projects: [" + atlassim.SeedGroupID + "]\n  apiKey: {publicKey: " + key +
			", privateKey: {file: secret}}\n" +
			keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]")
	}
	write(t, secret, "secret-of-shop")
	write(t, path, file("shop"))
	f, err := LoadFile(path, getenv, u.build)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := f.Reader()
	if _, err := r.Project(t.Context(), atlassim.SeedGroupID); err != nil {
		t.Fatal(err)
	}
	before, other := f.current.Load().entries[0].lease, f.current.Load().entries[1].lease
	if changed, err := f.Reload(t.Context()); changed || err != nil {
		t.Errorf("nothing happened: %t, %v", changed, err)
	}

	// A question that is under way while the key is rotated.
	arrived, release := make(chan struct{}), make(chan struct{})
	u.mu.Lock()
	u.hold = sync.OnceValue(func() func(*http.Request) {
		return func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/clusters") && r.Header.Get("Authorization") != "" {
				close(arrived)
				<-release
			}
		}
	})()
	u.mu.Unlock()
	underWay := make(chan error)
	go func() {
		_, err := r.Clusters(t.Context(), atlassim.SeedGroupID)
		underWay <- err
	}()
	<-arrived
	u.mu.Lock()
	u.hold = nil
	u.mu.Unlock()
	write(t, secret, "secret-of-shop2")
	write(t, path, file("shop2"))
	if changed, err := f.Reload(t.Context()); !changed || err != nil {
		t.Fatalf("changed %t, %v", changed, err)
	}
	u.askers()
	if _, err := r.Project(t.Context(), atlassim.SeedGroupID); err != nil {
		t.Fatal(err)
	}
	// What is under way may still ask beside it.
	if askers := u.askers(); !slices.Contains(askers, "shop2") {
		t.Errorf("the project was read by %q", askers)
	}
	if before.users != 1 || !before.retired {
		t.Errorf("the old client has %d users, retired is %t", before.users, before.retired)
	}
	close(release)
	if err := <-underWay; err != nil {
		t.Errorf("what was under way failed: %v", err)
	}
	if f.current.Load().entries[1].lease != other {
		t.Error("the other credential did not change and was made anew")
	}
}

func TestReload_keepsTheOldKeyWhenTheNewOneIsRefused(t *testing.T) {
	u := newAtlas(t)
	f, path := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	for name, tt := range map[string]struct{ content, want string }{
		"a wrong key": {
			content: "credentials:\n" +
				strings.Replace(keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]"), "SECRET_OF_SHOP2", "SECRET_OF_OTHER",
					1), want: "atlas refuses the new credential a",
		},
		"a broken file": {content: "credentials: all\n", want: "credentials.yaml:1:14: credentials must be a list"},
		"an unfit host": {
			content: "credentials:\n" +
				keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]\n  baseUrl: http://cloud.mongodb.com"),
			want: "the credential a: atlas: the base URL must use https",
		},
		"no secret": {
			content: "credentials:\n- {name: a, projects: [" + atlassim.SeedGroupID +
				"], apiKey: {publicKey: shop, privateKey: {env: NOT_SET}}}\n",
			want: "privateKey: the variable that it names is empty, or not set",
		},
		"a file no more": {content: "", want: "cannot be read"},
	} {
		if tt.content == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, path, tt.content)
		}
		changed, err := f.Reload(t.Context())
		if changed || err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret-of") {
			t.Errorf("%s: changed %t, %v", name, changed, err)
		}
		if _, err := f.Reader().Project(t.Context(), atlassim.SeedGroupID); err != nil {
			t.Errorf("%s: the old one does not serve: %v", name, err)
		}
	}
}

func TestReload_takesANewKeyWhenAtlasCannotBeAsked(t *testing.T) {
	u := newAtlas(t)
	f, path := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	defer u.sim.Inject(atlassim.Fault{Status: 503, Times: 1})()
	write(t, path, "credentials:\n"+keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]"))
	if changed, err := f.Reload(t.Context()); !changed || err != nil {
		t.Errorf("changed %t, %v", changed, err)
	}
}

func TestReload_failsNoConcurrentRead(t *testing.T) {
	u := newAtlas(t)
	f, path := u.load(t, keyOf("a", "shop", "organizations: ["+shopOrg+"]"))
	r := f.Reader()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := r.Project(t.Context(), atlassim.SeedGroupID); err != nil {
					t.Error(err)
					return
				}
				if _, err := r.Projects(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 20 {
		write(t, path, "credentials:\n"+keyOf("a", []string{"shop2", "shop"}[i%2], "organizations: ["+shopOrg+"]"))
		if changed, err := f.Reload(t.Context()); !changed || err != nil {
			t.Errorf("changed %t, %v", changed, err)
		}
	}
	stop()
	wg.Wait()
	f.Close()
	if _, err := r.Project(t.Context(), atlassim.SeedGroupID); !errors.Is(err, errClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestReload_buildsANewClientForAnotherBaseURL(t *testing.T) {
	u := newAtlas(t)
	f, path := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	before := f.current.Load().entries[0].lease
	write(t, path, "credentials:\n"+
		keyOf("a", "shop", "baseUrl: "+u.URL+"/elsewhere\n  projects: ["+atlassim.SeedGroupID+"]"))
	if changed, err := f.Reload(t.Context()); !changed || err != nil {
		t.Fatalf("changed %t, %v", changed, err)
	}
	if now := f.current.Load().entries[0].lease; now == before || !strings.HasSuffix(now.Client.BaseURL(), "/elsewhere") {
		t.Errorf("the client is still of %s", now.Client.BaseURL())
	}
}

func TestReload_triesARefusedKeyAgainAfterAWhile(t *testing.T) {
	u := newAtlas(t)
	f, path := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	remove := u.sim.Inject(atlassim.Fault{Status: 403})
	write(t, path, "credentials:\n"+keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]"))
	if changed, err := f.Reload(t.Context()); changed || err == nil {
		t.Fatalf("changed %t, %v", changed, err)
	}
	remove() // as after the access list was corrected in Atlas
	u.askers()
	if changed, err := f.Reload(t.Context()); changed || err == nil || len(u.askers()) > 0 {
		t.Errorf("at once: changed %t, %v", changed, err)
	}
	f.refusedAt = time.Now().Add(-recheckAfter)
	if changed, err := f.Reload(t.Context()); !changed || err != nil {
		t.Errorf("after a while: changed %t, %v", changed, err)
	}
}

func TestReload_triesNewKeysAtTheSameTime(t *testing.T) {
	u := newAtlas(t)
	f, path := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	arrived := make(chan context.Context, 2)
	release := make(chan struct{})
	u.mu.Lock()
	u.hold = func(r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			arrived <- r.Context()
			<-release
		}
	}
	u.mu.Unlock()
	write(t, path, "credentials:\n"+keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]")+
		keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]"))
	done := make(chan error)
	go func() {
		_, err := f.Reload(t.Context())
		done <- err
	}()
	first := <-arrived
	<-arrived
	if first.Err() != nil {
		t.Error("the second is tried after the first was given up")
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestAsked_isHowManyCallsAreMade counts calls: what an operation can cost is told from
// them.
func TestAsked_isHowManyCallsAreMade(t *testing.T) {
	u := newAtlas(t)
	f, _ := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"),
		keyOf("b", "support", "organizations: ["+supportOrg+"]"), keyOf("c", "shop2", "organizations: ["+shopOrg+"]"))
	listed, searched := f.Asked()
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
		return func(ctx context.Context) error { _, err := f.Reader().Project(ctx, id); return err }
	}
	if n := calls(project(atlassim.SeedEmptyGroupID)); n != 1+searched {
		t.Errorf("a project that none names took %d calls", n)
	}
	if n := calls(project(atlassim.SeedGroupID)); n != 1 {
		t.Errorf("a project that is named took %d calls", n)
	}
	if n := calls(func(ctx context.Context) error { _, err := f.Reader().Projects(ctx); return err }); n != listed {
		t.Errorf("all projects took %d calls", n)
	}
	if n := calls(project(atlassim.SeedSecondGroupID)); n != 1 {
		t.Errorf("a project that was listed took %d calls", n)
	}
}

func TestFileCredentials_projectsAreKnownUnlessAnOrganizationIsNamed(t *testing.T) {
	u := newAtlas(t)
	f, _ := u.load(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+", "+atlassim.SeedEmptyGroupID+"]"),
		keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]"))
	if diff := cmp.Diff([]string{atlassim.SeedGroupID, atlassim.SeedEmptyGroupID, atlassim.SeedSecondGroupID},
		f.Projects()); diff != "" {
		t.Error(diff)
	}
	f, _ = u.load(t, keyOf("a", "shop", "organizations: ["+shopOrg+"]"))
	if f.Projects() != nil {
		t.Errorf("got %v", f.Projects())
	}
}
