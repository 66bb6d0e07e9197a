// Package resolvers answers the fields of graph/schema.graphqls. A resolver has one to three lines:
// it calls a loader of the operation (internal/loader) and maps the result from the domain
// (internal/restore) to the graph (graph/model). The mapping has one file for each subject.
package resolvers
