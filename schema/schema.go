// Package schema has the published schema. `make schema` writes its files from graph/schema.graphqls and, for a gateway
// with --actions, from graph/actions.graphqls as well.
package schema

import _ "embed"

// API is the API schema as clients see it, in the schema definition language: without what Apollo Federation adds.
//
//go:embed api.graphql
var API string

// APIWithActions is the API schema of a gateway with --actions.
//
//go:embed actions/api.graphql
var APIWithActions string
