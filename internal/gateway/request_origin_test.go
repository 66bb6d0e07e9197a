package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/authz"
)

// TestOrigin_forwardedForCountsFromRoutersOnly reads a download as callers who say so of
// themselves. A client of a router can put any text before what it adds,
// and must not push it out of the log.
func TestOrigin_forwardedForCountsFromRoutersOnly(t *testing.T) {
	const header = "X-Forwarded-For: "
	router := authz.Caller{Method: authz.Router, Router: "supergraph", Subject: "alice"}
	through := authz.Caller{Method: authz.OIDC, Router: "supergraph", Subject: "alice"}
	token := authz.Caller{Method: authz.Token, Token: "t"}
	for name, tt := range map[string]struct {
		caller  authz.Caller
		headers []string
		want    string // the end of it; "" where nothing is to be there
	}{
		"a router": {
			caller: router, headers: []string{header + "192.0.2.1, 10.0.0.1"}, want: "192.0.2.1, 10.0.0.1",
		},
		"a token by a router":   {caller: through, headers: []string{header + "192.0.2.1"}, want: "192.0.2.1"},
		"a router says nothing": {caller: router},
		"a token of itself":     {caller: token, headers: []string{header + "192.0.2.1"}, want: ""},
		"several lines": {
			caller: router, headers: []string{header + "spoofed", header + "192.0.2.1"}, want: "spoofed, 192.0.2.1",
		},
		"a long one": {
			caller: router, headers: []string{header + strings.Repeat("198.51.100.7, ", 100) + "192.0.2.1"},
			want: "198.51.100.7, 192.0.2.1",
		},
		"a long one, in lines": {
			caller: router, headers: []string{header + strings.Repeat("é", 4000), header + "192.0.2.1"}, want: "é, 192.0.2.1",
		},
		"lines of a log": {
			caller: router, headers: []string{header + "a\x85{\"event\":\"forged\"}"}, want: "a\ufffd{\"event\":\"forged\"}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			audit := &lockedBuffer{}
			e := newEnv(t, withConfig(func(c *Config) {
				c.Access = AllowAll(audit)
				c.Access.Authenticate = func(*http.Request) (*authz.Caller, error) { return &tt.caller, nil }
			}))
			ready := e.example(t, "ready")
			e.send(t, http.MethodPost, "/graphql", bodyOf(t, "{"+jobField("a", ready, "{ deliveryUrl }")+"}", nil),
				append(tt.headers, post)...)
			var line struct {
				Remote string `json:"remote"`
				Before string `json:"forwarded_for"`
			}
			if err := json.Unmarshal([]byte(audit.String()), &line); err != nil {
				t.Fatalf("%v: %s", err, audit.String())
			}
			if !strings.HasPrefix(line.Remote, "127.0.0.1:") || !strings.HasSuffix(line.Before, tt.want) ||
				(tt.want == "") != (line.Before == "") || len(line.Before) > 300 {
				t.Errorf("got %s", audit.String())
			}
		})
	}
}
