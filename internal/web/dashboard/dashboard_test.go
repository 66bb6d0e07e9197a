package dashboard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/web/login"
)

func noLogin(context.Context) login.Methods { return login.Methods{} }

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func TestNew_servesAPageOfItsOwnFilesAlone(t *testing.T) {
	h, err := New(Config{Login: noLogin})
	if err != nil {
		t.Fatal(err)
	}
	index := get(t, h, "/dashboard").Body.String()
	named := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(index, -1)
	if len(named) < 3 {
		t.Errorf("the index names %d files", len(named))
	}
	for _, name := range named {
		// Relative to /dashboard, so that it also works below the path of a proxy.
		path, ok := strings.CutPrefix(name[1], "./dashboard/")
		if !ok {
			t.Errorf("the index names %q", name[1])
			continue
		}
		if w := get(t, h, "/dashboard/"+path); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestNew_contentSecurityPolicyAllowsNothingExternalOrInline(t *testing.T) {
	h, err := New(Config{Login: noLogin})
	if err != nil {
		t.Fatal(err)
	}
	got := get(t, h, "/dashboard").Header().Get("Content-Security-Policy")
	for _, loose := range []string{"unsafe", "*", "//", "data:", "blob:"} {
		if strings.Contains(got, loose) {
			t.Errorf("the policy has %q: %s", loose, got)
		}
	}
	if !strings.HasPrefix(got, "default-src 'none'; script-src 'self'; style-src 'self'") {
		t.Errorf("the policy is %s", got)
	}
}

func TestNew_namesTheTokenEndpointInPolicyAndDataWhileTheProviderHasOne(t *testing.T) {
	methods := login.Methods{Bearer: true, Required: true, Problem: "not now"}
	h, err := New(Config{Login: func(context.Context) login.Methods { return methods }})
	if err != nil {
		t.Fatal(err)
	}
	if policy := get(t, h, "/dashboard").Header().Get("Content-Security-Policy"); !strings.Contains(policy,
		"connect-src 'self';") {
		t.Errorf("without a provider the policy is %s", policy)
	}
	methods = login.Methods{Bearer: true, Required: true, Provider: &login.Provider{
		Issuer: "https://login.example", AuthorizationEndpoint: "https://login.example/authorize",
		TokenEndpoint: "https://login.example/token", ClientID: "console",
	}}
	page := get(t, h, "/dashboard")
	if policy := page.Header().Get("Content-Security-Policy"); !strings.Contains(policy,
		"connect-src 'self' https://login.example/token;") || strings.Count(policy, "https:") != 1 {
		t.Errorf("the policy is %s", policy)
	}
	if body := page.Body.String(); !strings.Contains(body, `"clientId":"console"`) {
		t.Errorf("the page does not say where to sign in: %s", body)
	}
}
