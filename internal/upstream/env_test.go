package upstream

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// upstreamAtlas is a simulator that records the API keys of its requests.
type upstreamAtlas struct {
	*httptest.Server
	sim *atlassim.Simulator

	mu    sync.Mutex
	asked []string // "key path"
	hold  func(*http.Request)
}

var username = regexp.MustCompile(`username="([^"]*)"`)

const (
	shopOrg    = "aaaaaaaaaaaaaaaaaaaaaaaa"
	supportOrg = "bbbbbbbbbbbbbbbbbbbbbbbb"
	nowhere    = "ffffffffffffffffffffffff"
)

// newSim has two organizations: the shop's has two projects, the other one. Each key has
// the secret secret-of-<name>.
func newSim() *atlassim.Simulator {
	shop := []string{atlassim.SeedGroupID, atlassim.SeedEmptyGroupID}
	return atlassim.New(
		// No test is about this limit.
		atlassim.WithRateLimit(1_000_000, 1_000_000),
		atlassim.WithOrganization(shopOrg, shop...), atlassim.WithOrganization(supportOrg, atlassim.SeedSecondGroupID),
		atlassim.WithAPIKey("shop", "secret-of-shop", atlassim.ProjectOwner, shop...),
		atlassim.WithAPIKey("shop2", "secret-of-shop2", atlassim.ProjectOwner, shop...),
		atlassim.WithAPIKey("support", "secret-of-support", atlassim.ProjectOwner, atlassim.SeedSecondGroupID),
		atlassim.WithServiceAccount("account", "secret-of-account", atlassim.ProjectOwner, shop...))
}

func newAtlas(t *testing.T) *upstreamAtlas {
	t.Helper()
	u := &upstreamAtlas{sim: newSim()}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		hold := u.hold
		if found := username.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
			u.asked = append(u.asked, found[1]+" "+r.URL.Path)
		}
		u.mu.Unlock()
		if hold != nil {
			hold(r)
		}
		u.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(u.Close)
	return u
}

// askers returns the keys of the requests since the last call, each once.
func (u *upstreamAtlas) askers() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var keys []string
	for _, a := range u.asked {
		keys = append(keys, strings.Fields(a)[0])
	}
	u.asked = nil
	slices.Sort(keys)
	return slices.Compact(keys)
}

// build makes the Upstream of a credential.
func (u *upstreamAtlas) build(credential atlas.Credential, baseURL string) (Upstream, error) {
	if baseURL == "" {
		baseURL = u.URL
	}
	client, err := atlas.New(credential, atlas.WithBaseURL(baseURL), atlas.WithRetries(0), atlas.WithBudget(false),
		atlas.WithBreaker(atlas.Breaker{}))
	if err != nil {
		return Upstream{}, err
	}
	service, err := restore.NewService(client, restore.Options{}, slog.New(slog.DiscardHandler))
	return Upstream{Client: client, Service: service}, err
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// keyOf returns an entry of a file of credentials.
func keyOf(name, key, where string) string {
	return "- name: " + name + "\n  " + where + "\n  apiKey: {publicKey: " + key + ", privateKey: {env: SECRET_OF_" +
		strings.ToUpper(key) + "}}\n"
}

// getenv holds the secret of each key.
func getenv(name string) string {
	if key, ok := strings.CutPrefix(name, "SECRET_OF_"); ok {
		return "secret-of-" + strings.ToLower(key)
	}
	return ""
}

// load loads a file of these entries, and returns its path, too.
func (u *upstreamAtlas) load(t *testing.T, entries ...string) (*FileCredentials, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	write(t, path, "credentials:\n"+strings.Join(entries, ""))
	f, err := LoadFile(path, getenv, u.build)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, path
}
