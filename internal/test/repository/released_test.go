package repository

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"atlas-restore-gateway/internal/test/released"
)

// properties returns the names of the properties of a JSON Schema and of those below, such as image.tag.
func properties(schema map[string]any, prefix string) []string {
	var names []string
	below, _ := schema["properties"].(map[string]any)
	for name, value := range below {
		names = append(names, prefix+name)
		if object, is := value.(map[string]any); is {
			names = append(names, properties(object, prefix+name+".")...)
		}
	}
	return names
}

func TestReleased_valuesOfTheChartHaveTheirNames(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy/helm/atlas-restore-gateway/values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	released.Check(t, properties(schema, ""))
}
