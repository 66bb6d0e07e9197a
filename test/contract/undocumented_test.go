package contract

import (
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// undocumented calls report with the path of every member of an object that its schema does not name. JSON schemas are
// open, so the validation itself lets such members pass.
func undocumented(schema *openapi3.Schema, value any, path []string, report func(path []string)) {
	switch v := value.(type) {
	case map[string]any:
		properties, open := members(schema)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			at := append(slices.Clone(path), name)
			property, ok := properties[name]
			switch {
			case ok:
				undocumented(property, v[name], at, report)
			case !open:
				report(at)
			}
		}
	case []any:
		items := itemsOf(schema)
		if items == nil {
			return
		}
		for i, item := range v {
			undocumented(items, item, append(slices.Clone(path), strconv.Itoa(i)), report)
		}
	}
}

// members are the properties that an object may have, by its schema and by all that the schema is composed of. open
// says that it may have others too: the schema names none, or says so.
func members(schema *openapi3.Schema) (properties map[string]*openapi3.Schema, open bool) {
	properties = map[string]*openapi3.Schema{}
	seen := map[*openapi3.Schema]bool{} // a variant is composed of its base, and the base of its variants
	var collect func(*openapi3.Schema)
	collect = func(s *openapi3.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		for name, p := range s.Properties {
			properties[name] = p.Value
		}
		if extra := s.AdditionalProperties; extra.Schema != nil || (extra.Has != nil && *extra.Has) {
			open = true
		}
		for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.OneOf, s.AnyOf} {
			for _, part := range parts {
				collect(part.Value)
			}
		}
	}
	collect(schema)
	return properties, open || len(properties) == 0
}

func itemsOf(schema *openapi3.Schema) *openapi3.Schema {
	if schema.Items == nil {
		return nil
	}
	return schema.Items.Value
}
