// Package telemetry makes the Prometheus metrics of the gateway. Operations and requests are counted as they happen;
// counters of other packages (an atlas.Client, a restore.Service) are read at each scrape of /metrics.
//
// No label has a secret, an id, a piece of a query, or anything else that a client chooses, so the number of series is
// bounded by this program and not by its callers.
package telemetry
