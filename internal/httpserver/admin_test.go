package httpserver

import (
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/telemetry"
)

func TestAdmin_tellsClientsToUseAnotherConnectionWhileTheGatewayDrains(t *testing.T) {
	gw, logger := newTestGateway(t), slog.New(slog.DiscardHandler)
	var output strings.Builder
	admin, err := StartAdmin(t.Context(), AdminConfig{
		Address: "127.0.0.1:0", Metrics: telemetry.New().Handler(logger), Gateway: gw,
		CheckHost: func(*http.Request) error { return nil },
	}, slog.New(slog.NewTextHandler(&output, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	url := regexp.MustCompile(`url=(http://\S+)/metrics`).FindStringSubmatch(output.String())[1]
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, draining := range []bool{false, true} {
		if draining {
			gw.Drain()
		}
		for _, path := range []string{"/metrics", "/health/live", "/health/ready", "/nothing"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.Close != draining {
				t.Errorf("%s: the connection is to be closed: %t", path, res.Close)
			}
		}
	}
}
