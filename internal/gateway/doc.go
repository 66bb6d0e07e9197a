// Package gateway is the HTTP side: routes, the order of the middleware, the
// GraphQL transports, limits, health, and the one table that turns errors into
// GraphQL errors. Requests come in here and go on to graph/resolvers through
// gqlgen, with the loaders of the operation in their context.
package gateway
