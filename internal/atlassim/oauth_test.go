package atlassim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func token(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	wantStatus(t, w, http.StatusOK)
	return decode[struct {
		AccessToken string `json:"access_token"`
	}](t, w).AccessToken
}

const formType = "application/x-www-form-urlencoded"

func body(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

func bearer(value string) with { return header("Authorization", "Bearer "+value) }

func TestToken_isThatOfOAuth(t *testing.T) {
	a := newAtlas(t, atlassim.WithTokenLifetime(90*time.Second))
	w := a.requestToken(ownerID)
	wantStatus(t, w, http.StatusOK)
	got := decode[map[string]any](t, w)
	if got["token_type"] != "Bearer" || got["expires_in"] != float64(90) || got["access_token"] == "" || len(got) != 3 {
		t.Errorf("token answer %v", got)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a token must not be stored on its way: %q", w.Header().Get("Cache-Control"))
	}
}

func TestToken_acceptsPlainAndFormEncodedCredentials(t *testing.T) {
	a := newAtlas(t)
	for name, encode := range map[string]func(string) string{
		"form-encoded": url.QueryEscape,
		"plain":        func(s string) string { return s },
	} {
		w := a.send(http.MethodPost, "/api/oauth/token", func(r *http.Request) {
			r.SetBasicAuth(encode(ownerID), encode(saSecret))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			r.Body = body("grant_type=client_credentials")
		})
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d, body %s", name, w.Code, w.Body)
		}
	}
}

func TestToken_hasTheErrorsOfOAuth(t *testing.T) {
	for name, tc := range map[string]struct {
		id, secret, form, contentType string
		status                        int
		code                          string
	}{
		"unknown client": {
			id: "nobody", secret: saSecret, form: "grant_type=client_credentials", contentType: formType, status: 401,
			code: "invalid_client",
		},
		"wrong secret": {
			id: ownerID, secret: "wrong", form: "grant_type=client_credentials", contentType: formType, status: 401,
			code: "invalid_client",
		},
		"no grant type": {
			id: ownerID, secret: saSecret, form: "", contentType: formType, status: 400, code: "invalid_request",
		},
		"other grant type": {
			id: ownerID, secret: saSecret, form: "grant_type=password", contentType: formType, status: 400,
			code: "unsupported_grant_type",
		},
		"not a form": {
			id: ownerID, secret: saSecret, form: `{"grant_type":"client_credentials"}`, contentType: "application/json",
			status: 400, code: "invalid_request",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t)
			w := a.send(http.MethodPost, "/api/oauth/token", func(r *http.Request) {
				r.SetBasicAuth(tc.id, tc.secret)
				r.Header.Set("Content-Type", tc.contentType)
				r.Body = body(tc.form)
			})
			wantStatus(t, w, tc.status)
			e := decode[map[string]string](t, w)
			if e["error"] != tc.code || e["error_description"] == "" || len(e) != 2 {
				t.Errorf("error %v, want %s with a description", e, tc.code)
			}
		})
	}
}

func TestToken_acceptsOnlyPOST(t *testing.T) {
	w := newAtlas(t).send(http.MethodGet, "/api/oauth/token")
	wantStatus(t, w, http.StatusMethodNotAllowed)
	if w.Header().Get("Allow") != "POST" {
		t.Errorf("Allow %q", w.Header().Get("Allow"))
	}
}

func TestToken_expires(t *testing.T) {
	a := newAtlas(t, atlassim.WithTokenLifetime(time.Minute))
	old := bearer(token(t, a.requestToken(ownerID)))
	a.clock.advance(time.Minute - time.Nanosecond)
	wantStatus(t, a.send(http.MethodGet, apiRoot, old), http.StatusOK)
	a.clock.advance(time.Nanosecond)
	wantStatus(t, a.send(http.MethodGet, apiRoot, old), http.StatusUnauthorized)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer("made-up")), http.StatusUnauthorized)
}

func TestToken_isRejectedWhenRevoked(t *testing.T) {
	a := newAtlas(t)
	first := token(t, a.requestToken(ownerID))
	second := token(t, a.requestToken(ownerID))

	w := a.postForm("/api/oauth/revoke", readerID, url.Values{"token": {first}})
	wantStatus(t, w, http.StatusOK)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(first)), http.StatusOK) // that of another client stays

	wantStatus(t, a.postForm("/api/oauth/revoke", ownerID, url.Values{"token": {first}}), http.StatusOK)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(first)), http.StatusUnauthorized)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(second)), http.StatusOK)

	a.RevokeTokens()
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(second)), http.StatusUnauthorized)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(token(t, a.requestToken(ownerID)))), http.StatusOK)
}

func TestToken_isIssuedTenTimesAMinute(t *testing.T) {
	a := newAtlas(t)
	for range 10 {
		wantStatus(t, a.requestToken(ownerID), http.StatusOK)
	}
	a.clock.advance(20 * time.Second)
	w := a.requestToken(ownerID)
	wantStatus(t, w, http.StatusTooManyRequests)
	if w.Header().Get("Retry-After") != "40" {
		t.Errorf("Retry-After %q, want 40", w.Header().Get("Retry-After"))
	}
	wantStatus(t, a.requestToken(readerID), http.StatusOK) // each account for itself
	a.clock.advance(40 * time.Second)
	wantStatus(t, a.requestToken(ownerID), http.StatusOK)
}

func TestToken_replacesTheOldestOfAHundred(t *testing.T) {
	a := newAtlas(t)
	all := make([]string, 0, 101)
	for range 101 {
		if len(all)%10 == 0 {
			a.clock.advance(time.Minute)
		}
		all = append(all, token(t, a.requestToken(ownerID)))
	}
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(all[0])), http.StatusUnauthorized)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(all[1])), http.StatusOK)
	wantStatus(t, a.send(http.MethodGet, apiRoot, bearer(all[100])), http.StatusOK)
}
