package gateway

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/cost"
	"atlas-restore-gateway/internal/document"
)

// TestDownloads_haveTagScopeAndAudit holds that the schema, the tests of permissions to read
// what and what no cache may store have the same notion of which fields give download URLs:
// a new one is not forgotten in one of the places.
func TestDownloads_haveTagScopeAndAudit(t *testing.T) {
	schema := newSchemaWalk().schema
	costs, err := cost.NewModel(schema)
	if err != nil {
		t.Fatal(err)
	}
	documents, err := document.NewStore(document.Config{Schema: schema, Costs: costs, Limits: document.DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	asksForDownloads := func(selection string) bool {
		text := `{ _entities(representations: []) { ` + selection + ` } }`
		found, err := documents.Find(t.Context(), document.Ref{Text: text})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return found.Operation("").Downloads
	}
	for _, of := range schema.Types {
		if of.BuiltIn || of.Kind != ast.Object && of.Kind != ast.Interface || of == schema.Query {
			continue
		}
		for _, field := range of.Fields {
			name := of.Name + "." + field.Name
			leaf := schema.Types[field.Type.Name()].IsLeafType()
			gives := downloadFields[name] || of.Kind == ast.Interface && downloadFields["ServerlessRestoreJob."+field.Name]
			leads := !leaf && slices.Contains([]string{"RestoreJobComponent", "PrivateDownloadUrl"}, field.Type.Name())
			if leaf && !gives && strings.Contains(strings.ToLower(field.Name), "url") && !noDownloads[name] {
				t.Errorf("%s is a URL in no table: is it of a download?", name)
			}
			if got := tagged(field, "download"); got != (gives || leads) {
				t.Errorf("%s is tagged as a download: %t", name, got)
			}
			// Federation takes no scopes on an interface: its types have them.
			if got := wantsScope(field, "downloads:read"); got != (gives && of.Kind == ast.Object) {
				t.Errorf("%s wants downloads:read: %t", name, got)
			}
			if slices.Contains(entityTypes(), of.Name) && strings.HasSuffix(of.Name, "RestoreJob") {
				selection := "... on " + of.Name + " { " + field.Name
				if !leaf {
					selection += " { __typename }"
				}
				if got := asksForDownloads(selection + " }"); got != (gives || leads || field.Name == "deliveryUrl") {
					t.Errorf("who asks for %s asks for a download: %t", name, got)
				}
			}
		}
	}
}

// noDownloads are fields that are named after a URL and give no download.
var noDownloads = map[string]bool{
	"CollectionRestoreJob.deliveryUrl": true, // always null
	"ExportBucket.serviceUrl":          true, // of the customer's storage, which needs a credential of its own
}

func tagged(field *ast.FieldDefinition, name string) bool {
	return slices.ContainsFunc(field.Directives.ForNames("tag"), func(d *ast.Directive) bool {
		return d.Arguments.ForName("name").Value.Raw == name
	})
}

func wantsScope(field *ast.FieldDefinition, scope string) bool {
	d := field.Directives.ForName("requiresScopes")
	return d != nil && strings.Contains(d.Arguments.ForName("scopes").Value.String(), scope)
}
