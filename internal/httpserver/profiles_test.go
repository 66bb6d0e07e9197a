package httpserver

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/telemetry"
)

func getText(t *testing.T, url string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// gzipHead is the beginning of a profile.
const gzipHead = "\x1f\x8b"

func TestProfiles_boundsTheirTime(t *testing.T) {
	server := httptest.NewServer(Profiles())
	defer server.Close()
	for path, want := range map[string]struct {
		status int
		part   string
	}{
		"/debug/pprof/":                     {200, "goroutine"},
		"/debug/pprof/goroutine?debug=2":    {200, "TestProfiles_boundsTheirTime"},
		"/debug/pprof/allocs":               {200, gzipHead},
		"/debug/pprof/block":                {200, gzipHead},
		"/debug/pprof/cmdline":              {404, "Unknown profile"},
		"/debug/pprof/nothing":              {404, "Unknown profile"},
		"/debug/pprof/profile?seconds=121":  {400, "from 1 to 120"},
		"/debug/pprof/profile?seconds=0":    {400, "from 1 to 120"},
		"/debug/pprof/profile?seconds=1e9":  {400, "from 1 to 120"},
		"/debug/pprof/trace?seconds=121":    {400, "from 1 to 120"},
		"/debug/pprof/trace?seconds=NaN":    {400, "from 1 to 120"},
		"/debug/pprof/heap?seconds=86400":   {400, "from 1 to 120"},
		"/debug/pprof/profile?seconds=%201": {400, "from 1 to 120"},
	} {
		if status, text := getText(t, server.URL+path); status != want.status || !strings.Contains(text, want.part) {
			t.Errorf("%s: %d %.200q", path, status, text)
		}
	}
}

// The deadlines of the server are for other requests: a profile takes as long as it was asked to.
func TestProfiles_areNotCutByTheDeadlinesOfTheServer(t *testing.T) {
	server := httptest.NewUnstartedServer(closeWhileDraining(func() bool { return false }, Profiles()))
	server.Config.ReadTimeout, server.Config.WriteTimeout = 100*time.Millisecond, 500*time.Millisecond
	server.Start()
	defer server.Close()
	for _, path := range []string{"profile", "trace", "mutex"} {
		start := time.Now()
		status, text := getText(t, server.URL+"/debug/pprof/"+path+"?seconds=1")
		if took := time.Since(start); status != http.StatusOK || text == "" || took < time.Second {
			t.Errorf("%s: %d after %s, %d bytes", path, status, took, len(text))
		}
	}
}

// It would take 120 seconds, and is ended by Close.
func TestAdmin_endsProfilesWhenItIsClosed(t *testing.T) {
	gw, logger := newTestGateway(t), slog.New(slog.DiscardHandler)
	var output strings.Builder
	begun := make(chan struct{})
	admin, err := StartAdmin(t.Context(), AdminConfig{
		Address: "127.0.0.1:0", Metrics: telemetry.New().Handler(logger), Gateway: gw,
		CheckHost: func(*http.Request) error { return nil },
		Debug: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			Profiles().ServeHTTP(w, r)
		}),
	}, slog.New(slog.NewTextHandler(&output, nil)))
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`url=(http://\S+)/metrics`).FindStringSubmatch(output.String())[1]
	go func() {
		<-begun
		admin.Close()
	}()
	start := time.Now()
	status, text := getText(t, url+"/debug/pprof/profile?seconds=120")
	if status != http.StatusOK || !strings.HasPrefix(text, gzipHead) || time.Since(start) > maxProfileSeconds*time.Second {
		t.Errorf("%d %.100q", status, text)
	}
	admin.Close()
}
