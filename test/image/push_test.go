package image

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
)

func TestPush_bySkopeoGetsTheImageAndItsSBOMToARegistry(t *testing.T) {
	for name, referrersAPI := range map[string]bool{"with the referrers API": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(registry.New(registry.WithReferrersSupport(referrersAPI),
				registry.Logger(log.New(io.Discard, "", 0))))
			defer server.Close()
			repository := "docker://" + strings.TrimPrefix(server.URL, "http://") + "/atlas-restore-gateway"
			push := func(tag string, flags ...string) {
				run(t, "skopeo", append([]string{
					"copy", "--all", "--dest-tls-verify=false", layout(tag), repository + ":" + tag,
				}, flags...)...)
			}
			read := func(tag string) string {
				return string(run(t, "skopeo", "inspect", "--raw", "--tls-verify=false", repository+":"+tag))
			}
			version := variable(t, "VERSION")
			push(version, "--preserve-digests")
			if got, want := read(version), string(run(t, "skopeo", "inspect", "--raw", image(t))); got != want {
				t.Errorf("the registry has\n%s, want\n%s", got, want)
			}
			for architecture, image := range images(t) {
				push(referrersTag(image))
				want := decode[index](t, run(t, "skopeo", "inspect", "--raw", layout(referrersTag(image)))).Manifests[0]
				found := decode[index](t, []byte(read(referrersTag(image))))
				if referrersAPI {
					found = decode[index](t, get(t, server.URL+"/v2/atlas-restore-gateway/referrers/"+image.Digest))
				}
				// The artifact type is not compared: this skopeo and this registry are older than it.
				if len(found.Manifests) != 1 || found.Manifests[0].Digest != want.Digest {
					t.Errorf("%s: the registry has %+v, want the SBOM %s", architecture, found, want.Digest)
				}
			}
		})
	}
}

// get returns the body of a successful response.
func get(t *testing.T, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v %s", url, res.Status, err, body)
	}
	return body
}
