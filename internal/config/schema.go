package config

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Schema returns the JSON Schema (draft 7, which editors know) of the file of --config, from the declaration of the
// flags.
func Schema() ([]byte, error) {
	_, settings, err := newParser(&Config{})
	if err != nil {
		return nil, err
	}
	properties := make(propertyList, 0, len(settings))
	for _, s := range settings {
		if s.inFile() {
			properties = append(properties, property{s.Name, s.schema()})
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(struct {
		Schema               string       `json:"$schema"`
		Title                string       `json:"title"`
		Description          string       `json:"description"`
		Type                 string       `json:"type"`
		AdditionalProperties bool         `json:"additionalProperties"`
		MinProperties        int          `json:"minProperties"`
		Properties           propertyList `json:"properties"`
	}{
		Schema: "http://json-schema.org/draft-07/schema#", Title: "Settings of the Atlas Restore Gateway",
		Description: "The file of --config. Its keys are the names of the flags; paths are relative to its folder. No secret " +
			"stands in it.",
		Type: "object", MinProperties: 1, Properties: properties,
	})
	return b.Bytes(), err
}

// propertyList are encoded in the order of their declaration.
type propertyList []property

type property struct {
	name   string
	schema valueSchema
}

// MarshalJSON encodes an object.
func (p propertyList) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(one.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		schema, err := json.Marshal(one.schema)
		if err != nil {
			return nil, err
		}
		b.Write(schema)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// valueSchema is the JSON Schema of a value.
type valueSchema struct {
	Description string        `json:"description,omitempty"`
	Type        string        `json:"type,omitempty"`
	Enum        []any         `json:"enum,omitempty"`
	Pattern     string        `json:"pattern,omitempty"`
	Minimum     *int64        `json:"minimum,omitempty"`
	Maximum     *int64        `json:"maximum,omitempty"`
	AnyOf       []valueSchema `json:"anyOf,omitempty"`
	Items       *valueSchema  `json:"items,omitempty"`
	Default     any           `json:"default,omitempty"`
}

const (
	// durationPattern matches what time.ParseDuration takes, without a sign.
	durationPattern = `^([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$`
	// elementPattern matches an element of a list.
	elementPattern = `^[^,]*[^,\s][^,]*$`
)

// schema returns the JSON Schema of the setting's value.
func (s setting) schema() valueSchema {
	v := valueSchema{Description: s.Help, Type: "string"}
	least, most, bounded := s.bounds()
	switch {
	case s.IsBool():
		v.Type, v.Default = "boolean", s.Default == "true"
		return v
	case s.isDuration():
		v.Pattern = durationPattern
		v.Description += " From " + least + " to " + most + "."
	case bounded:
		low, high := s.number(least), s.number(most)
		v.Type, v.Minimum, v.Maximum, v.Default = "integer", &low, &high, s.number(s.Default)
		return v
	case s.isSwitch():
		v.Type, v.Enum = "", []any{"auto", "on", "off", true, false}
	case s.Enum != "":
		for _, value := range strings.Split(s.Enum, ",") {
			v.Enum = append(v.Enum, value)
		}
	case s.isList():
		v.Type = ""
		v.AnyOf = []valueSchema{
			{Type: "string"}, {Type: "array", Items: &valueSchema{Type: "string", Pattern: elementPattern}},
		}
	}
	if s.HasDefault {
		v.Default = s.Default
	}
	return v
}
