package contract

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

// fragment is a part of an Atlas OpenAPI document that is newer than that of the SDK. Its roles are the ones that
// count.
const fragment = "../../../shared/openapi/atlas-backup.json"

// TestRoles_areThoseOfTheDocument compares the roles that the client's operations declare with x-rolesRequirements: of
// the fragment, where it is there and has the operation, and otherwise of the SDK's document.
func TestRoles_areThoseOfTheDocument(t *testing.T) {
	document, newest, compared := officialDocument(t), newestRoles(t), 0
	for _, op := range atlas.Operations() {
		var want []string
		if documented, known := document.byID[op.Name]; known {
			for _, role := range asList(documented.Extensions["x-rolesRequirements"]) {
				want = append(want, role.(string))
			}
		} else if newest == nil {
			continue // the SDK's document is older
		}
		if roles, known := newest[placeholder.ReplaceAllString("/api/atlas/v2"+op.Path, "{}")]; known {
			want = roles
		} else if newest == nil && op.Role == "Project Backup Manager" {
			continue // the SDK's document asks for more
		}
		compared++
		if declared := []string{op.Role}; !slices.Equal(want, declared) && (len(want) > 0 || op.Role != "") {
			t.Errorf("%s: the role is %q, the document has %q", op.Name, op.Role, want)
		}
	}
	if compared < 20 {
		t.Errorf("%d operations were compared", compared)
	}
}

func asList(value any) []any {
	list, _ := value.([]any)
	return list
}

// placeholder has other names in some versions of the document.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// newestRoles returns the roles of the fragment's GET operations by path; nil where the fragment is missing.
func newestRoles(t *testing.T) map[string][]string {
	t.Helper()
	content, err := os.ReadFile(fragment)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var document struct {
		Paths map[string]struct {
			Get *struct {
				Roles []string `json:"x-rolesRequirements"`
			} `json:"get"`
		} `json:"paths"`
	}
	if err == nil {
		err = json.Unmarshal(content, &document)
	}
	if err != nil {
		t.Fatal(err)
	}
	roles := make(map[string][]string)
	for path, methods := range document.Paths {
		if methods.Get != nil {
			roles[placeholder.ReplaceAllString(path, "{}")] = methods.Get.Roles
		}
	}
	return roles
}
