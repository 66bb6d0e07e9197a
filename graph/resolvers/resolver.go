// Package resolvers answers the fields of graph/schema.graphqls. A resolver has one to
// three lines: it asks a loader and maps what comes back to the graph's model.
package resolvers

// Resolver is the root of all resolvers.
type Resolver struct{}
