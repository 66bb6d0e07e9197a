// Package schema has the published schema. `make schema` writes its files from graph/schema.graphqls.
package schema

import _ "embed"

// API is the API schema as clients see it, in the schema definition language: without what Apollo Federation adds.
//
//go:embed api.graphql
var API string
