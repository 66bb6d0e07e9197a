package contract

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

// fragment is the part of Atlas's newest OpenAPI document that has the roles of backup operations.
const fragment = "../../../shared/openapi/atlas-backup.json"

// TestRoles_areThoseOfTheDocument compares the roles that the client's operations declare with x-rolesRequirements. The
// document lacks those of projects and clusters.
func TestRoles_areThoseOfTheDocument(t *testing.T) {
	content, err := os.ReadFile(fragment)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the document with the roles is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	// Placeholders have other names in some versions of the document.
	placeholder := regexp.MustCompile(`\{[^}]*\}`)
	roles := make(map[string][]string)
	for path, methods := range document.Paths {
		var get struct {
			Roles []string `json:"x-rolesRequirements"`
		}
		if methods["get"] == nil {
			continue
		}
		if err := json.Unmarshal(methods["get"], &get); err != nil {
			t.Fatal(err)
		}
		roles[placeholder.ReplaceAllString(path, "{}")] = get.Roles
	}
	unknown := []string{"/groups", "/groups/{}", "/groups/{}/clusters", "/groups/{}/flexClusters", "/groups/{}/serverless"}
	checked := 0
	for _, op := range atlas.Operations() {
		path := placeholder.ReplaceAllString(op.Path, "{}")
		want, known := roles["/api/atlas/v2"+path]
		switch {
		case known && !slices.Equal(want, []string{op.Role}):
			t.Errorf("%s: the role is %q, the document has %q", op.Name, op.Role, want)
		case known:
			checked++
		case path != "" && !slices.Contains(unknown, strings.TrimSuffix(path, "/{}")) && !slices.Contains(unknown, path):
			t.Errorf("%s: the document has no roles", op.Name)
		}
	}
	if checked < 10 {
		t.Errorf("%d operations were compared", checked)
	}
}
