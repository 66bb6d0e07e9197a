package helm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// schema is a part of values.schema.json.
type schema struct {
	Ref                  string            `json:"$ref"`
	Type                 any               `json:"type"`
	Properties           map[string]schema `json:"properties"`
	PatternProperties    map[string]schema `json:"patternProperties"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	Required             []string          `json:"required"`
	Items                *schema           `json:"items"`
	AnyOf                []schema          `json:"anyOf"`
	Definitions          map[string]schema `json:"definitions"`
}

func readSchema(t *testing.T) schema {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func readValues(t *testing.T) *yaml.Node {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	return document.Content[0]
}

// resolve returns the definition that a schema refers to, or the schema.
func (s schema) resolve(root schema) schema {
	if name, refers := strings.CutPrefix(s.Ref, "#/definitions/"); refers {
		return root.Definitions[name]
	}
	return s
}

func TestValues_areDescribed(t *testing.T) {
	t.Parallel()
	walkValues(t, "", readValues(t), func(path string, key, value *yaml.Node) {
		section := value.Kind == yaml.MappingNode && len(value.Content) > 0
		if key.HeadComment == "" && !section {
			t.Errorf("line %d: %s has no comment", key.Line, path)
		}
	})
}

// Helm accepts values that the file of the defaults does not have, and they would be described nowhere.
func TestSchema_hasTheValuesAndNoOthers(t *testing.T) {
	t.Parallel()
	root, inFile := readSchema(t), map[string]bool{}
	walkValues(t, "", readValues(t), func(path string, _, _ *yaml.Node) { inFile[path] = true })
	var walk func(path string, s schema)
	walk = func(path string, s schema) {
		if s.Ref == "#/definitions/credentials" || path == "config." {
			return
		}
		for name, below := range s.resolve(root).Properties {
			if path+name == "global" {
				continue
			}
			if !inFile[path+name] {
				t.Errorf("values.yaml has no %s", path+name)
			}
			delete(inFile, path+name)
			walk(path+name+".", below)
		}
	}
	walk("", root)
	for path := range inFile {
		if !strings.HasPrefix(path, "config.") && !strings.HasPrefix(path, "resources.") {
			t.Errorf("the schema has no %s", path)
		}
	}
}

// An object whose properties are listed takes no others, but for those of Kubernetes.
func TestSchema_isClosed(t *testing.T) {
	t.Parallel()
	var walk func(path string, s schema)
	walk = func(path string, s schema) {
		closed := string(s.AdditionalProperties) == "false"
		if len(s.Properties) > 0 && !closed && path != "/extraVolumeMounts/items" {
			t.Errorf("%s takes every property", path)
		}
		for _, parts := range []map[string]schema{s.Properties, s.PatternProperties, s.Definitions} {
			for name, below := range parts {
				walk(path+"/"+name, below)
			}
		}
		for _, below := range s.AnyOf {
			walk(path+"/anyOf", below)
		}
		if s.Items != nil {
			walk(path+"/items", *s.Items)
		}
	}
	walk("", readSchema(t))
}

// walkValues visits the values of maps. Those of lists are not visited.
func walkValues(t *testing.T, prefix string, values *yaml.Node, visit func(path string, key, value *yaml.Node)) {
	t.Helper()
	for i := 0; i < len(values.Content); i += 2 {
		key, value := values.Content[i], values.Content[i+1]
		visit(prefix+key.Value, key, value)
		if value.Kind == yaml.MappingNode {
			walkValues(t, prefix+key.Value+".", value, visit)
		}
	}
}
