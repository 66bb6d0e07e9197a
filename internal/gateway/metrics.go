package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Metrics is told what the gateway does.
type Metrics interface {
	// Instrument stands around the whole handler.
	Instrument(next http.Handler) http.Handler
	// Operation is told of each GraphQL operation that has ended; in a subscription, of
	// each event. Its type is query, mutation or subscription, or unknown where it was
	// refused; codes are the extensions.code of the errors, all of this program. It took
	// so long from the checked operation, or from the request that was refused, to the
	// answer.
	Operation(operationType, outcome string, codes []string, took time.Duration)
}

// The outcomes of an operation.
const (
	outcomeOK        = "ok"
	outcomeErrors    = "errors"    // executed, and some fields failed
	outcomeRefused   = "refused"   // never executed
	outcomeAbandoned = "abandoned" // the client left before the answer was there
)

// measured tells of each operation. It is the outermost of what stands around a response.
func measureOperations(m Metrics) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		start := time.Now()
		response := next(ctx)
		took := time.Since(start)
		operationType, outcome := typeUnknown, outcomeOK
		if oc := graphql.GetOperationContext(ctx); oc.Operation != nil {
			operationType = string(oc.Operation.Operation)
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
			// What was cut short because the client left nobody was told, and Atlas is
			// not to blame for.
			codes = codesOf(response.Errors)
		}
		m.Operation(operationType, outcome, codes, took)
		return response
	}
}

// typeUnknown is the type of an operation that was refused before it was known.
const typeUnknown = "unknown"

func codesOf(errs gqlerror.List) []string {
	codes := make([]string, len(errs))
	for i, err := range errs {
		codes[i], _ = err.Extensions["code"].(string)
	}
	return codes
}
