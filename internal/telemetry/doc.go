// Package telemetry makes Prometheus metrics of what the other rooms do. What happens
// now and then is told to it as it happens (operations, requests); what is counted
// elsewhere is read when somebody asks for /metrics.
//
// No label holds a secret, an id, a piece of a query, or anything else that a client
// chooses, so the number of series is bounded by this program and not by its callers.
package telemetry
