package main

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
)

func TestTheDemoLeadsToThePagesThatAnswerItsReader(t *testing.T) {
	up := upstream{mode: gateway.ModeDemo, examples: []example{{}}}
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	for auth, want := range map[string]struct{ there, absent string }{
		"":      {"http://127.0.0.1:8080/dashboard", "Headers"},
		"token": {"http://127.0.0.1:8080/  the playground; say under Headers", "dashboard"},
	} {
		var out strings.Builder
		announce(&out, &config.Config{Access: config.Access{Auth: auth}}, slog.New(slog.DiscardHandler), addr, up, "")
		if got := out.String(); !strings.Contains(got, want.there) || strings.Contains(got, want.absent) {
			t.Errorf("with --auth=%q it prints %s", auth, got)
		}
	}
}
