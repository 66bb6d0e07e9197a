package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/authz"
)

// TestOnlyARouterSaysWhereARequestCameFrom reads a download as callers who say so of
// themselves. Whoever comes before a router can put what they like before what it adds,
// and must not push it out of the log.
func TestOnlyARouterSaysWhereARequestCameFrom(t *testing.T) {
	const header = "X-Forwarded-For: "
	router := authz.Caller{Method: authz.Router, Router: "supergraph", Subject: "alice"}
	through := authz.Caller{Method: authz.OIDC, Router: "supergraph", Subject: "alice"}
	token := authz.Caller{Method: authz.Token, Token: "t"}
	for name, tt := range map[string]struct {
		caller  authz.Caller
		headers []string
		want    string // the end of it; "" where nothing is to be there
	}{
		"a router":              {router, []string{header + "192.0.2.1, 10.0.0.1"}, "192.0.2.1, 10.0.0.1"},
		"a token by a router":   {through, []string{header + "192.0.2.1"}, "192.0.2.1"},
		"a router says nothing": {router, nil, ""},
		"a token of itself":     {token, []string{header + "192.0.2.1"}, ""},
		"several lines":         {router, []string{header + "spoofed", header + "192.0.2.1"}, "spoofed, 192.0.2.1"},
		"a long one":            {router, []string{header + strings.Repeat("198.51.100.7, ", 100) + "192.0.2.1"}, "198.51.100.7, 192.0.2.1"},
		"a long one, in lines":  {router, []string{header + strings.Repeat("é", 4000), header + "192.0.2.1"}, "é, 192.0.2.1"},
		"lines of a log":        {router, []string{header + "a\x85{\"event\":\"forged\"}"}, "a\ufffd{\"event\":\"forged\"}"},
	} {
		t.Run(name, func(t *testing.T) {
			audit := &lockedBuffer{}
			e := newEnv(t, withConfig(func(c *Config) {
				c.Access = AllowAll(audit)
				c.Access.Authenticate = func(*http.Request) (*authz.Caller, error) { return &tt.caller, nil }
			}))
			ready := e.example(t, "ready")
			e.send(t, http.MethodPost, "/graphql", bodyOf(t, "{"+jobField("a", ready, "{ deliveryUrl }")+"}", nil), append(tt.headers, post)...)
			var line struct {
				Remote string `json:"remote"`
				Before string `json:"forwarded_for"`
			}
			if err := json.Unmarshal([]byte(audit.String()), &line); err != nil {
				t.Fatalf("%v: %s", err, audit.String())
			}
			if !strings.HasPrefix(line.Remote, "127.0.0.1:") || !strings.HasSuffix(line.Before, tt.want) || (tt.want == "") != (line.Before == "") || len(line.Before) > 300 {
				t.Errorf("got %s", audit.String())
			}
		})
	}
}
