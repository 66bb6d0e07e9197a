package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/secret"
)

// tokenAtlas answers each token with a project that has the token's name, and records
// the tokens of its requests.
type tokenAtlas struct {
	*httptest.Server

	mu    sync.Mutex
	asked map[string]int
	hold  func(token string)
}

func newTokenAtlas(t *testing.T) *tokenAtlas {
	t.Helper()
	a := &tokenAtlas{asked: map[string]int{}}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("Authorization")
		a.mu.Lock()
		a.asked[token]++
		hold := a.hold
		a.mu.Unlock()
		if hold != nil {
			hold(token)
		}
		w.Header().Set("Content-Type", "application/vnd.atlas.2023-01-01+json;charset=utf-8")
		_, _ = fmt.Fprintf(w, `{"id":"63f3484e1f3a9b27c6000001","name":%q}`, token)
	}))
	t.Cleanup(a.Close)
	return a
}

// made counts the clients that were made, and those that were closed.
type made struct{ built, closed atomic.Int32 }

type closing struct {
	http.RoundTripper
	count *atomic.Int32
}

func (c closing) CloseIdleConnections() {
	c.count.Add(1)
	if t, ok := c.RoundTripper.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// open returns how many clients are open, in use or not.
func (m *made) open() int32 { return m.built.Load() - m.closed.Load() }

func (m *made) build(url string) Build {
	return m.over(func() http.RoundTripper { return &http.Transport{} }, url)
}

func (m *made) over(transport func() http.RoundTripper, url string) Build {
	return func(credential atlas.Credential, _ string) (Upstream, error) {
		client, err := atlas.New(credential, atlas.WithBaseURL(url), atlas.WithRetries(0),
			atlas.WithTransport(closing{RoundTripper: transport(), count: &m.closed}))
		if err != nil {
			return Upstream{}, err
		}
		m.built.Add(1)
		// The cache is the token's own.
		service, err := restore.NewService(client, restore.Options{Cache: restore.DefaultCacheSettings},
			slog.New(slog.DiscardHandler))
		return Upstream{Client: client, Service: service}, err
	}
}

func as(ctx context.Context, token string) context.Context {
	return authz.WithCaller(ctx, &authz.Caller{Method: authz.Passthrough, Subject: token, Atlas: secret.Text(token)})
}

func TestPassthrough_sharesNothingBetweenTokens(t *testing.T) {
	a := newTokenAtlas(t)
	release := make(chan struct{})
	a.hold = func(string) { <-release }
	var m made
	p := NewPassthrough(m.build(a.URL), 0)
	defer p.Close()
	r := p.Reader()
	var wg sync.WaitGroup
	for i := range 20 {
		token := fmt.Sprintf("token-%d", i%4)
		wg.Go(func() {
			project, err := r.Project(as(t.Context(), token), "63f3484e1f3a9b27c6000001")
			if err != nil || *project.Name != "Bearer "+token {
				t.Errorf("%s got %v, %v", token, project, err)
			}
		})
	}
	close(release)
	wg.Wait()
	// The cache is that of one token.
	for i := range 5 {
		token := fmt.Sprintf("token-%d", i)
		if project, err := r.Project(as(t.Context(), token), "63f3484e1f3a9b27c6000001"); err != nil ||
			*project.Name != "Bearer "+token {
			t.Errorf("%s got %v, %v", token, project, err)
		}
	}
	if len(a.asked) != 5 || m.built.Load() != 5 {
		t.Errorf("asked with %v by %d clients", a.asked, m.built.Load())
	}
	if list, err := r.Projects(as(t.Context(), "token-1")); list != nil && err == nil && len(list.Projects) > 0 {
		t.Errorf("got %v", list.Projects)
	}
}

func TestPassthrough_refusesACallerWithoutAToken(t *testing.T) {
	a := newTokenAtlas(t)
	var m made
	p := NewPassthrough(m.build(a.URL), 0)
	defer p.Close()
	for _, ctx := range []context.Context{t.Context(), authz.WithCaller(t.Context(), authz.Anonymous())} {
		_, err := p.Reader().Project(ctx, "63f3484e1f3a9b27c6000001")
		var e *authz.Error
		if !errors.As(err, &e) || e.Kind != authz.Unauthenticated || len(a.asked) > 0 {
			t.Errorf("got %v", err)
		}
	}
}

func TestPassthrough_boundsAndClosesClients(t *testing.T) {
	a := newTokenAtlas(t)
	var m made
	p := NewPassthrough(m.build(a.URL), 3)
	read := func(token string) {
		t.Helper()
		if _, err := p.Reader().Project(as(t.Context(), token), "63f3484e1f3a9b27c6000001"); err != nil {
			t.Error(err)
		}
	}
	for i := range 10 {
		read(fmt.Sprintf("token-%d", i))
	}
	if m.built.Load() != 10 || m.closed.Load() != 7 {
		t.Errorf("%d made, %d closed", m.built.Load(), m.closed.Load())
	}
	read("token-9")
	if m.built.Load() != 10 {
		t.Error("the last one was made again")
	}
	p.Close()
	if m.closed.Load() != 10 {
		t.Errorf("%d closed after the end", m.closed.Load())
	}
	if _, err := p.Reader().Project(as(t.Context(), "token-9"), "63f3484e1f3a9b27c6000001"); !errors.Is(err, errClosed) {
		t.Errorf("after the end: %v", err)
	}
}
