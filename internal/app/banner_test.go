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

func TestPrintBanner_namesThePagesThatTheirReaderCanUse(t *testing.T) {
	demo := &target{mode: gateway.ModeDemo, examples: []atlassim.Example{{}}}
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	for auth, want := range map[string]struct{ there, absent string }{
		"":      {there: "http://127.0.0.1:8080/dashboard", absent: "Headers"},
		"token": {there: "http://127.0.0.1:8080/  the playground; say under Headers", absent: "dashboard"},
	} {
		var out strings.Builder
		printBanner(&out, &config.Config{Access: config.Access{Auth: auth}}, slog.New(slog.DiscardHandler), addr, demo, "")
		if got := out.String(); !strings.Contains(got, want.there) || strings.Contains(got, want.absent) {
			t.Errorf("with --auth=%q it prints %s", auth, got)
		}
	}
}
