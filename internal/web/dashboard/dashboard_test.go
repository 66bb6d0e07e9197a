package dashboard

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func TestNew_servesAPageOfItsOwnFilesAlone(t *testing.T) {
	h, err := New()
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
	h, err := New()
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
