package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/atlassim"
)

// TestPeople_haveTagAndScope holds that the schema and the tests of permissions have the same notion of which fields say
// who people are.
func TestPeople_haveTagAndScope(t *testing.T) {
	for _, of := range newSchemaWalk().schema.Types {
		if of.BuiltIn || of.Kind != ast.Object {
			continue
		}
		for _, field := range of.Fields {
			name := of.Name + "." + field.Name
			if got := tagged(field, "person"); got != peopleFields[name] {
				t.Errorf("%s is tagged as a person: %t", name, got)
			}
			if got := wantsScope(field, "people:read"); got != peopleFields[name] {
				t.Errorf("%s wants people:read: %t", name, got)
			}
		}
	}
}

func TestPeople_areWithheldWithoutThePermission(t *testing.T) {
	query := fmt.Sprintf(`{ project(groupId: %q) {
		restoreEvents(first: 50) { nodes { id eventTypeName actor userId apiKeyId username publicKey remoteAddress } }
		backupCompliancePolicy { state authorizedEmail updatedUser }
	} }`, atlassim.SeedGroupID)
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{
		"all":  {"all: [jobs:read, people:read]"},
		"some": {"all: [jobs:read, downloads:read]"},
	}))
	names := []string{"dana@storefront.example", "198.51.100.", "kqzvwxyb", "security@storefront.example"}
	r := e.postAs(t, "all", query)
	for _, name := range names {
		if len(r.Errors) > 0 || !strings.Contains(r.Raw, name) {
			t.Errorf("with the permission %s is missing: %.300s", name, r.Raw)
		}
	}
	r = e.postAs(t, "some", query)
	for _, name := range names {
		if strings.Contains(r.Raw, name) {
			t.Errorf("without the permission %s is served", name)
		}
	}
	if !strings.Contains(r.Raw, `"actor":"USER"`) || !strings.Contains(r.Raw, `"userId":"5f2c`) ||
		!strings.Contains(r.Raw, `"state":"ACTIVE"`) {
		t.Errorf("without the permission the rest is missing: %.300s", r.Raw)
	}
	if len(r.Errors) == 0 || slices.ContainsFunc(r.Errors, func(e resultError) bool { return e.Extensions["code"] != "FORBIDDEN" }) {
		t.Errorf("got %v", r.Errors)
	}
	if log := e.log.String(); strings.Contains(log, "dana@") || strings.Contains(log, "198.51.100.") {
		t.Error("the log says who people are")
	}
}
