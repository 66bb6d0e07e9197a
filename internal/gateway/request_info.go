package gateway

import (
	"context"
	"net/http"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/authz"
)

// exchange is a request and its answer: what they are found by, and what comes to be known
// of them below the access log, for its line. It is one value in the context, because
// each one there costs a copy of the request.
type requestInfo struct {
	requestID string
	traceID   string // "" where the caller has none
	caller    string // "" where nobody has found out
	operation string // the name of the GraphQL operation as it may be logged; "" where it has none
	codes     []string
	executed  bool // whether an operation was, so that calls says something
	calls     int  // the requests that it sent to Atlas
}

type requestInfoKey struct{}

// identified gives each request its ids; that of the request is answered in its header.
func withRequestInfo(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &requestInfo{requestID: requestID(r.Header), traceID: parseTraceparent(r.Header.Get(traceparentHeader))}
		w.Header().Set(requestIDHeader, x.requestID)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestInfoKey{}, x)))
	})
}

// exchangeOf is the exchange that ctx belongs to, or nil.
func requestInfoFrom(ctx context.Context) *requestInfo {
	x, _ := ctx.Value(requestInfoKey{}).(*requestInfo)
	return x
}

// requestIDOf is the id of the request that ctx belongs to, or "".
func requestIDFrom(ctx context.Context) string {
	if x := requestInfoFrom(ctx); x != nil {
		return x.requestID
	}
	return ""
}

// maxCodes is how many error codes of one answer are logged.
const maxCodes = 8

// noteOperation records the name that the document gives the operation.
func recordOperation(ctx context.Context, name string) {
	if x := requestInfoFrom(ctx); x != nil {
		x.operation = loggedName(name)
	}
}

// noteErrors records the different codes of the errors of the answer, in their order and at most maxCodes.
func recordErrors(ctx context.Context, errs gqlerror.List) {
	x := requestInfoFrom(ctx)
	if x == nil {
		return
	}
	for _, err := range errs {
		code, _ := err.Extensions["code"].(string)
		if code != "" && len(x.codes) < maxCodes && !slices.Contains(x.codes, code) {
			x.codes = append(x.codes, code)
		}
	}
}

// noteCalls records how many requests the operation has sent to Atlas.
func recordCalls(ctx context.Context, calls int) {
	if x := requestInfoFrom(ctx); x != nil {
		x.executed, x.calls = true, calls
	}
}

// noteCaller notes who sent the request that ctx belongs to.
func recordCaller(ctx context.Context, c *authz.Caller) {
	if x := requestInfoFrom(ctx); x != nil {
		x.caller = c.Name()
	}
}
