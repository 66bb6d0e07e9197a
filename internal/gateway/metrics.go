package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/execution"
)

// Metrics counts what the gateway does.
type Metrics interface {
	// Instrument surrounds the whole handler.
	Instrument(next http.Handler) http.Handler
	// Operation counts one GraphQL operation that has ended; in a subscription, one event. Its type is query, mutation
	// or subscription, or unknown for a rejected request; codes are the extensions.code of its errors, all of this
	// program. It took the time from the checked operation, or from the rejected request, to the response.
	Operation(ctx context.Context, operationType, outcome string, codes []string, took time.Duration)
}

// The outcomes of an operation.
const (
	outcomeOK        = "ok"
	outcomeErrors    = "errors"    // executed; some fields failed
	outcomeRefused   = "refused"   // never executed
	outcomeAbandoned = "abandoned" // the client disconnected before the response
)

// measureOperations counts each operation. It is the outermost function around a response.
func measureOperations(m Metrics) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		start := time.Now()
		response := next(ctx)
		took := time.Since(start)
		operationType, outcome := typeUnknown, outcomeOK
		if oc := graphql.GetOperationContext(ctx); oc.Operation != nil {
			operationType = string(oc.Operation.Operation)
		}
		if execution.IsEvent(ctx) {
			operationType = string(ast.Subscription)
		}
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			outcome = outcomeAbandoned
		case response == nil:
			return nil // a subscription has ended
		case response.Data == nil:
			outcome = outcomeRefused
		case len(response.Errors) > 0:
			outcome = outcomeErrors
		}
		var codes []string
		if response != nil && outcome != outcomeAbandoned {
			// The errors of an abandoned operation are those of its cancelled context.
			codes = codesOf(response.Errors)
		}
		m.Operation(ctx, operationType, outcome, codes, took)
		return response
	}
}

// typeUnknown is the type of an operation that was rejected before its type was known.
const typeUnknown = "unknown"

func codesOf(errs gqlerror.List) []string {
	codes := make([]string, len(errs))
	for i, err := range errs {
		codes[i], _ = err.Extensions["code"].(string)
	}
	return codes
}
