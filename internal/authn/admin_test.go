package authn

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/authz"
)

func TestAdminAccess_needsTheTokenOfTheFileOrThisMachine(t *testing.T) {
	const local, remote = "127.0.0.1:5", "192.0.2.1:5"
	secret := secretOf("admin")
	for name, row := range map[string]struct {
		file             string // its content; without one there is no file
		from, host       string
		header           http.Header
		status           int
		challenge, wants string // in the message
	}{
		"this machine":             {from: local, host: "localhost:9464", status: 200},
		"this machine by IPv6":     {from: "[::1]:5", host: "[::1]:9464", status: 200},
		"the page of this address": {from: local, host: "localhost:1", header: site("same-origin"), status: 200},
		"the address bar":          {from: local, host: "localhost:1", header: site("none"), status: 200},
		"another machine":          {from: remote, host: "localhost:9464", status: 403, wants: "--admin-token-file"},
		"no address":               {from: "", host: "localhost:9464", status: 403, wants: "127.0.0.1"},
		"DNS rebinding":            {from: local, host: "evil.example:9464", status: 403, wants: "loopback"},
		"another site":             {from: local, host: "localhost:1", header: site("cross-site"), status: 403},
		"another port":             {from: local, host: "localhost:1", header: site("same-site"), status: 403},
		"an old browser": {
			from: local, host: "localhost:1", header: http.Header{"Origin": {"http://evil.example"}}, status: 403,
		},
		"a token without a file": {from: remote, host: "gateway", header: authorization(secret), status: 403},

		"the token":            {file: secret, from: remote, host: "gateway:9464", header: authorization(secret), status: 200},
		"the token, a newline": {file: secret + "\n", from: remote, host: "gateway", header: authorization(secret), status: 200},
		"no token": {
			file: secret, from: remote, host: "gateway", status: 401, challenge: challenge, wants: "Authorization: Bearer",
		},
		"no token at loopback": {
			file: secret, from: local, host: "localhost", status: 401, challenge: challenge, wants: "--admin-token-file",
		},
		"another token": {
			file: secret, from: local, host: "localhost", header: authorization(secretOf("other")), status: 401,
			challenge: challengeInvalid, wants: "is not the secret",
		},
		"the token's beginning": {
			file: secret, from: local, host: "localhost", header: authorization(secret[:35]), status: 401,
			challenge: challengeInvalid,
		},
		"another scheme": {
			file: secret, from: local, host: "localhost", header: http.Header{"Authorization": {"Basic " + secret}}, status: 401,
			challenge: challenge,
		},
		"two headers": {
			file: secret, from: local, host: "localhost", status: 401, challenge: challengeInvalid,
			header: http.Header{"Authorization": {"Bearer " + secret, "Bearer " + secret}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := ""
			if row.file != "" {
				path = write(t, "", row.file)
			}
			access, err := NewAdminAccess(path)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/debug/config", http.NoBody)
			r.RemoteAddr, r.Host, r.Header = row.from, row.host, row.header
			err = access.Check(r)
			if row.status == http.StatusOK {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var rejected *authz.Error
			if !errors.As(err, &rejected) {
				t.Fatalf("got %v", err)
			}
			want := authz.Forbidden
			if row.status == http.StatusUnauthorized {
				want = authz.Unauthenticated
			}
			if rejected.Kind != want || rejected.Challenge != row.challenge || !strings.Contains(rejected.Message, row.wants) {
				t.Errorf("got %d, %q, %q", rejected.Kind, rejected.Challenge, rejected.Message)
			}
			if strings.Contains(err.Error(), secret[:20]) {
				t.Errorf("the error has the secret: %v", err)
			}
		})
	}
}

func site(relation string) http.Header { return http.Header{"Sec-Fetch-Site": {relation}} }

func authorization(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

func TestNewAdminAccess_rejectsFilesWithoutOneSecret(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "short": "hunter2", "two lines": secretOf("a") + "\n" + secretOf("b"), "space": secretOf("a") + " x",
		"other characters": secretOf("a") + "{}", "too long": strings.Repeat("a", maxTokenBytes+1),
	} {
		path := write(t, "", content)
		_, err := NewAdminAccess(path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "openssl rand") {
			t.Errorf("%s: got %v", name, err)
		} else if content != "" && strings.Contains(err.Error(), content) {
			t.Errorf("%s: the error has the content: %v", name, err)
		}
	}
}

func TestAdminAccess_readsItsFileAgain(t *testing.T) {
	path := write(t, "", secretOf("old"))
	access, err := NewAdminAccess(path)
	if err != nil {
		t.Fatal(err)
	}
	allowed := func(name string) bool {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header = authorization(secretOf(name))
		return access.Check(r) == nil
	}
	for _, step := range []struct {
		content  string
		old, now bool
	}{{secretOf("old"), true, false}, {secretOf("new"), false, true}, {"broken", false, true}} {
		write(t, path, step.content)
		for _, s := range access.Sources() {
			_, _ = s.Reload(t.Context())
		}
		if allowed("old") != step.old || allowed("new") != step.now {
			t.Errorf("%q: the old secret is allowed: %t, the new one: %t", step.content, allowed("old"), allowed("new"))
		}
	}
}
