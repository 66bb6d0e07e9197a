// Package gateway is GraphQL over HTTP: routes, the order of the middleware, the transport, limits, the error table and
// health. Requests come in over HTTP; operations go to gqlgen through internal/execution, with the caller and the
// limits in their context, and their results and errors are encoded here.
package gateway
