package app

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
)

func TestPrintBanner_namesThePagesThatAreServed(t *testing.T) {
	demo := &target{mode: gateway.ModeDemo, examples: []atlassim.Example{{}}}
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	const playground, dashboard = "http://127.0.0.1:8080/  ", "http://127.0.0.1:8080/dashboard"
	for _, tt := range []struct {
		name                  string
		playground, dashboard config.Switch
		there, absent         string
	}{
		{name: "both", playground: config.Auto, dashboard: config.Auto, there: dashboard, absent: "nothing"},
		{name: "the playground", playground: config.On, dashboard: config.Off, there: playground, absent: dashboard},
		{name: "the dashboard", playground: config.Off, dashboard: config.On, there: dashboard, absent: playground},
		{name: "none", playground: config.Off, dashboard: config.Off, there: "curl", absent: "in a browser"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			cfg := &config.Config{Demo: true, Playground: tt.playground, Dashboard: tt.dashboard}
			printBanner(&out, cfg, slog.New(slog.DiscardHandler), addr, demo, "")
			if got := out.String(); !strings.Contains(got, tt.there) || strings.Contains(got, tt.absent) {
				t.Errorf("it prints %s", got)
			}
		})
	}
}
