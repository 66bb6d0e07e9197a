package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/atlas"
)

var (
	atlasRequests = describe("atlas_requests_total",
		"Requests to Atlas on the wire, challenges and retries included, by the class of the status (none without a "+
			"complete response).", "endpoint_set", "class")
	atlasTokenRequests = describe("atlas_token_requests_total",
		"Requests for access tokens of a service account, by the class of the status (none without a complete response).",
		"class")
	atlasRateLimited = describe("atlas_rate_limited_total",
		"Answers of Atlas that were a 429.", "endpoint_set")
	atlasRefused = describe("atlas_refused_calls_total",
		"Calls of Atlas that were not made, because the budget or the breaker refused them.", "endpoint_set", "by")
	atlasRetries = describe("atlas_retries_total",
		"Retries after a transient failure.")
	atlasRefusedRetries = describe("atlas_refused_retries_total",
		"Retries that were not made, because the retry budget was spent.")
	atlasBreaker = describe("atlas_breaker_state",
		"1 for the state that the breaker of the endpoint set is in (closed, half-open, open), 0 for the others; none "+
			"where it is off.", "endpoint_set", "state")
	atlasRemaining = describe("atlas_budget_remaining_calls",
		"Calls left, as far as is known, to the project of the endpoint set that has the smallest share left.",
		"endpoint_set")
	atlasCapacity = describe("atlas_budget_capacity_calls",
		"Most calls that the project of atlas_budget_remaining_calls can have left.", "endpoint_set")
	atlasSpent = describe("atlas_budget_spent_projects",
		"Projects that have no call of the endpoint set to spare now.", "endpoint_set")
)

var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// atlasCollector reads the counters of an atlas.Client.
type atlasCollector struct{ stats func() atlas.Stats }

var _ prometheus.Collector = atlasCollector{}

// Describe names the metrics.
func (atlasCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		atlasRequests, atlasTokenRequests, atlasRateLimited, atlasRefused, atlasRetries, atlasRefusedRetries,
		atlasBreaker, atlasRemaining, atlasCapacity, atlasSpent,
	} {
		ch <- d
	}
}

// Collect reads them.
func (c atlasCollector) Collect(ch chan<- prometheus.Metric) {
	s, out := c.stats(), metricSink(ch)
	out.count(atlasRetries, s.Retries)
	out.count(atlasRefusedRetries, s.RetriesRefused)
	for _, class := range classes {
		out.count(atlasTokenRequests, s.TokenRequests[class], class)
	}
	for _, set := range s.Sets {
		// Zeros too: a series that appears later has no rate.
		for _, class := range classes {
			out.count(atlasRequests, set.Requests[class], set.Name, class)
		}
		out.count(atlasRateLimited, set.RateLimited, set.Name)
		out.count(atlasRefused, set.RefusedByBudget, set.Name, "budget")
		out.count(atlasRefused, set.RefusedByBreaker, set.Name, "breaker")
		if set.Breaker != "off" {
			for _, state := range [...]string{"closed", "half-open", "open"} {
				is := 0.0
				if state == set.Breaker {
					is = 1
				}
				out.gauge(atlasBreaker, is, set.Name, state)
			}
		}
		if set.Emptiest.Capacity > 0 {
			out.gauge(atlasRemaining, float64(set.Emptiest.Remaining), set.Name)
			out.gauge(atlasCapacity, float64(set.Emptiest.Capacity), set.Name)
		}
		out.gauge(atlasSpent, float64(set.Spent), set.Name)
	}
}
