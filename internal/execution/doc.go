// Package execution is what surrounds gqlgen's executor for one operation: batch hints for the loaders, prefetch, the
// references of federation routers, checks of what Atlas sent, and the fast path. Operations come from the transport in
// internal/gateway, which has parsed and validated them; results are read from a loader.Reader through graph/resolvers.
package execution
