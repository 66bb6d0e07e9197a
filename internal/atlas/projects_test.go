package atlas

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

func TestProjectNotFound_isTheErrorOfAtlas(t *testing.T) {
	sim := atlassim.New(atlassim.WithAPIKey("public", "private", atlassim.ProjectReadOnly))
	c := newClientFor(t, APIKey{PublicKey: "public", PrivateKey: "private"}, sim)
	missing := strings.Repeat("f", 24)
	_, err := Projects.Get(t.Context(), c, missing)
	if diff := cmp.Diff(asError(t, err), ProjectNotFound(missing)); diff != "" {
		t.Error(diff)
	}
}
