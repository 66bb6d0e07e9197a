package gateway

import (
	"context"
	"fmt"
	"net/http"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/cost"
	"atlas-restore-gateway/internal/document"
)

// Limits on what an operation costs, by default.
const (
	// DefaultMaxCost is less than the calls that Atlas allows a project at once (1200), so that no single operation can
	// use up all of them.
	DefaultMaxCost = 1000
	// DefaultMaxAnswerFields is some megabytes of an answer, or all fields of 500 jobs with their links.
	DefaultMaxAnswerFields = 100_000
)

// costHeader is the header that asks for the estimated and the real cost, and that returns both (RFC 9651, a
// dictionary).
const costHeader = "X-Atlas-Cost"

// checkCost returns an error for an operation whose estimate exceeds a limit.
func (t *httpTransport) checkCost(ctx context.Context, doc *document.Document, e cost.Estimate) *requestError {
	for _, check := range []struct {
		limit, code, message string
		got, max             int
	}{
		{
			"cost", codeCostLimit, "the operation can cost %d calls of Atlas; at most %d are allowed: ask for fewer things, " +
				"or for shorter lists", e.Calls, t.maxCost,
		},
		{
			"answer fields", codeAnswerLimit,
			"the answer can have %d fields; at most %d are allowed: ask for fewer fields, or for shorter lists", e.Fields,
			t.maxAnswerFields,
		},
	} {
		switch {
		case check.got <= check.max:
		case t.warn:
			t.logLimit(ctx, doc, check.limit, check.got, check.max)
		default:
			return reject(http.StatusBadRequest, check.code, fmt.Sprintf(check.message, check.got, check.max)).with("limit",
				check.max).with("got", check.got)
		}
	}
	return nil
}

// meter returns a context in which calls of Atlas are counted. The operation ends when it costs more than could be
// estimated (a project with more clusters than most, an Atlas that fails), or more than its caller may: no more calls
// begin than were estimated, and no call begins after maxCost requests. The caller is charged for each request when it
// is sent, so requests of concurrent operations, or of an abandoned one, count before their operation ends.
func (t *httpTransport) meter(ctx context.Context, e cost.Estimate) (context.Context, *atlas.Meter) {
	m := &atlas.Meter{
		Allow:     func() error { return t.callers.Call(ctx) },
		OnRequest: func() { t.callers.Spend(ctx) },
	}
	if !t.warn {
		m.MaxRequests, m.MaxCalls = t.maxCost, max(e.Calls, 1)
	}
	return atlas.WithMeter(ctx, m), m
}

// setCostHeader sets the cost header of the response to a request that asks for it.
func setCostHeader(w http.ResponseWriter, r *http.Request, e cost.Estimate, requests int) {
	if r.Header.Get(costHeader) != "" {
		w.Header().Set(costHeader, fmt.Sprintf("estimate=%d, calls=%d", e.Calls, requests))
	}
}
