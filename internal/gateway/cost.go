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
	// DefaultMaxCost is less than what Atlas lets a project spend at once (1200 calls), so
	// that no single operation can take all of it.
	DefaultMaxCost = 1000
	// DefaultMaxAnswerFields is some megabytes of an answer, and all fields of 500 jobs with
	// what they link to.
	DefaultMaxAnswerFields = 100_000
)

// costHeader asks for what the operation was estimated at and what it really cost, and
// answers with both (RFC 9651, a dictionary).
const costHeader = "X-Atlas-Cost"

// checkCost holds what the operation can cost at worst against the limits.
func (t *httpTransport) checkCost(ctx context.Context, doc *document.Document, e cost.Estimate) *requestError {
	for _, held := range []struct {
		limit, code, message string
		got, max             int
	}{
		{"cost", codeCostLimit, "the operation can cost %d calls of Atlas; at most %d are allowed: ask for fewer things, or for shorter lists", e.Calls, t.maxCost},
		{"answer fields", codeAnswerLimit, "the answer can have %d fields; at most %d are allowed: ask for fewer fields, or for shorter lists", e.Fields, t.maxAnswerFields},
	} {
		switch {
		case held.got <= held.max:
		case t.warn:
			t.logLimit(ctx, doc, held.limit, held.got, held.max)
		default:
			return reject(http.StatusBadRequest, held.code, fmt.Sprintf(held.message, held.got, held.max)).with("limit", held.max).with("got", held.got)
		}
	}
	return nil
}

// meter counts what the operation really costs, and ends it where it costs more than
// anybody could foresee (a project with more clusters than most, an Atlas that fails), or
// more than its caller may: no more calls begin than were estimated, and no call begins after
// maxCost requests. The caller pays for each request when it is sent: what many
// operations at once, or one whose client has left, send is not free until they end.
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

// tellCost answers the header that asks.
func setCostHeader(w http.ResponseWriter, r *http.Request, e cost.Estimate, requests int) {
	if r.Header.Get(costHeader) != "" {
		w.Header().Set(costHeader, fmt.Sprintf("estimate=%d, calls=%d", e.Calls, requests))
	}
}
