package gateway

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestCompression_ofLargeResponsesForClientsThatAcceptIt(t *testing.T) {
	on, off := newEnv(t), newEnv(t, withConfig(func(c *Config) { c.NoCompression = true }))
	small := bodyOf(t, "{__typename}", nil)
	large := bodyOf(t, `{restoreJobs(groupId:"`+atlassim.SeedGroupID+`",first:100){nodes{id state links{href}}}}`, nil)
	for _, tt := range []struct {
		name           string
		env            *env
		body           string
		takes, encoded string
	}{
		{name: "a large one", env: on, body: large, takes: "gzip", encoded: "gzip"},
		{name: "a large one among others", env: on, body: large, takes: "zstd, br, gzip;q=0.5", encoded: "gzip"},
		{name: "a large one to who does not take it", env: on, body: large, takes: "gzip;q=0"},
		{name: "a large one to who does not say", env: on, body: large, takes: "identity"},
		{name: "a small one", env: on, body: small, takes: "gzip"},
		{name: "a large one, switched off", env: off, body: large, takes: "gzip"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.env.url+"/graphql",
			strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept-Encoding", tt.takes)
		res, err := tt.env.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("Content-Encoding"); got != tt.encoded {
			t.Errorf("%s: encoded as %q", tt.name, got)
		}
		if vary := strings.Join(res.Header.Values("Vary"), ","); strings.Contains(vary, "Accept-Encoding") != (tt.env == on) {
			t.Errorf("%s: who else it is for is %q", tt.name, vary)
		}
		var answer io.Reader = res.Body
		if tt.encoded == "gzip" {
			if answer, err = gzip.NewReader(res.Body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(answer)
		if err != nil || !strings.HasPrefix(string(text), `{"data":{`) {
			t.Errorf("%s: got %.50s %v", tt.name, text, err)
		}
		_ = res.Body.Close()
	}
}
