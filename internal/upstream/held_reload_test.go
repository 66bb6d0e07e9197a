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

	"atlas-restore-gateway/internal/atlassim"
)

func TestAKeyIsRotatedWhileRequestsAreAnswered(t *testing.T) {
	u := newAtlas(t)
	dir := t.TempDir()
	path, secret := filepath.Join(dir, "credentials.yaml"), filepath.Join(dir, "secret")
	file := func(key string) string {
		return "credentials:\n- name: a\n  projects: [" + atlassim.SeedGroupID + "]\n  apiKey: {publicKey: " + key + ", privateKey: {file: secret}}\n" +
			keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]")
	}
	write(t, secret, "secret-of-shop")
	write(t, path, file("shop"))
	h, err := LoadFile(path, getenv, u.build)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	r := h.Reader()
	if _, err := r.Project(t.Context(), atlassim.SeedGroupID); err != nil {
		t.Fatal(err)
	}
	before, other := h.current.Load().members[0].lease, h.current.Load().members[1].lease
	if changed, err := h.Reload(t.Context()); changed || err != nil {
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
	if changed, err := h.Reload(t.Context()); !changed || err != nil {
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
	if h.current.Load().members[1].lease != other {
		t.Error("the other credential did not change and was made anew")
	}
}

func TestANewKeyThatAtlasRefusesIsNotTaken(t *testing.T) {
	u := newAtlas(t)
	h, path := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	for name, tt := range map[string]struct{ content, want string }{
		"a wrong key":    {"credentials:\n" + strings.Replace(keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]"), "SECRET_OF_SHOP2", "SECRET_OF_OTHER", 1), "atlas refuses the new credential a"},
		"a broken file":  {"credentials: all\n", "credentials.yaml:1: credentials must be a list"},
		"an unfit host":  {"credentials:\n" + keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]\n  baseUrl: http://cloud.mongodb.com"), "the credential a: atlas: the base URL must use https"},
		"no secret":      {"credentials:\n- {name: a, projects: [" + atlassim.SeedGroupID + "], apiKey: {publicKey: shop, privateKey: {env: NOT_SET}}}\n", "privateKey: the variable that it names is empty, or not set"},
		"a file no more": {"", "cannot be read"},
	} {
		if tt.content == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, path, tt.content)
		}
		changed, err := h.Reload(t.Context())
		if changed || err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret-of") {
			t.Errorf("%s: changed %t, %v", name, changed, err)
		}
		if _, err := h.Reader().Project(t.Context(), atlassim.SeedGroupID); err != nil {
			t.Errorf("%s: the old one does not serve: %v", name, err)
		}
	}
}

func TestANewKeyIsTakenWhenAtlasCannotBeAsked(t *testing.T) {
	u := newAtlas(t)
	h, path := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	defer u.sim.Inject(atlassim.Fault{Status: 503, Times: 1})()
	write(t, path, "credentials:\n"+keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]"))
	if changed, err := h.Reload(t.Context()); !changed || err != nil {
		t.Errorf("changed %t, %v", changed, err)
	}
}

func TestManyReadWhileCredentialsComeAndGo(t *testing.T) {
	u := newAtlas(t)
	h, path := u.held(t, keyOf("a", "shop", "organizations: ["+shopOrg+"]"))
	r := h.Reader()
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
		if changed, err := h.Reload(t.Context()); !changed || err != nil {
			t.Errorf("changed %t, %v", changed, err)
		}
	}
	stop()
	wg.Wait()
	h.Close()
	if _, err := r.Project(t.Context(), atlassim.SeedGroupID); !errors.Is(err, errClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestACredentialForAnotherAtlasIsAnotherOne(t *testing.T) {
	u := newAtlas(t)
	h, path := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	before := h.current.Load().members[0].lease
	write(t, path, "credentials:\n"+keyOf("a", "shop", "baseUrl: "+u.URL+"/elsewhere\n  projects: ["+atlassim.SeedGroupID+"]"))
	if changed, err := h.Reload(t.Context()); !changed || err != nil {
		t.Fatalf("changed %t, %v", changed, err)
	}
	if now := h.current.Load().members[0].lease; now == before || !strings.HasSuffix(now.Client.BaseURL(), "/elsewhere") {
		t.Errorf("the client is still of %s", now.Client.BaseURL())
	}
}

func TestANewKeyThatAtlasRefusedIsTriedAgainAfterAWhile(t *testing.T) {
	u := newAtlas(t)
	h, path := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
	remove := u.sim.Inject(atlassim.Fault{Status: 403})
	write(t, path, "credentials:\n"+keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]"))
	if changed, err := h.Reload(t.Context()); changed || err == nil {
		t.Fatalf("changed %t, %v", changed, err)
	}
	remove() // as an access list in Atlas that somebody has mended
	u.askers()
	if changed, err := h.Reload(t.Context()); changed || err == nil || len(u.askers()) > 0 {
		t.Errorf("at once: changed %t, %v", changed, err)
	}
	h.refused = time.Now().Add(-recheckAfter)
	if changed, err := h.Reload(t.Context()); !changed || err != nil {
		t.Errorf("after a while: changed %t, %v", changed, err)
	}
}

func TestNewKeysAreTriedSideBySide(t *testing.T) {
	u := newAtlas(t)
	h, path := u.held(t, keyOf("a", "shop", "projects: ["+atlassim.SeedGroupID+"]"))
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
	write(t, path, "credentials:\n"+keyOf("a", "shop2", "projects: ["+atlassim.SeedGroupID+"]")+keyOf("b", "support", "projects: ["+atlassim.SeedSecondGroupID+"]"))
	done := make(chan error)
	go func() {
		_, err := h.Reload(t.Context())
		done <- err
	}()
	first := <-arrived
	<-arrived
	if first.Err() != nil {
		t.Error("the second is tried when nobody waits for the first any more")
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
