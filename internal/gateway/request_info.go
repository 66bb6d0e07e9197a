package gateway

import (
	"context"
	"net/http"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/authz"
)

// requestInfo is what the log has of a request: its ids, and what the handlers below the access log learn. It is one
// value in the context, because each one there costs a copy of the request.
type requestInfo struct {
	requestID string
	traceID   string // "" where there is none
	caller    string // "" until it is authenticated
	operation string // the name of the GraphQL operation, as it may be logged; "" for none
	codes     []string
	executed  bool // an operation was executed, and calls is set
	calls     int  // requests that the operation sent to Atlas
}

type requestInfoKey struct{}

// withRequestInfo is middleware that gives each request its ids, and sends the request id in the response header.
func withRequestInfo(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &requestInfo{requestID: requestID(r.Header), traceID: traceIDOf(r.Header)}
		w.Header().Set(requestIDHeader, x.requestID)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestInfoKey{}, x)))
	})
}

// requestInfoFrom returns the requestInfo of the request that ctx belongs to, or nil.
func requestInfoFrom(ctx context.Context) *requestInfo {
	x, _ := ctx.Value(requestInfoKey{}).(*requestInfo)
	return x
}

// requestIDFrom returns the id of the request that ctx belongs to, or "".
func requestIDFrom(ctx context.Context) string {
	if x := requestInfoFrom(ctx); x != nil {
		return x.requestID
	}
	return ""
}

// maxCodes is how many error codes of one response are logged.
const maxCodes = 8

// recordOperation records the name of the operation.
func recordOperation(ctx context.Context, name string) {
	if x := requestInfoFrom(ctx); x != nil {
		x.operation = loggedName(name)
	}
}

// recordErrors records the distinct codes of the errors of the response, in their order and at most maxCodes.
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

// recordCalls records how many requests the operation sent to Atlas.
func recordCalls(ctx context.Context, calls int) {
	if x := requestInfoFrom(ctx); x != nil {
		x.executed, x.calls = true, calls
	}
}

// recordCaller records the caller of the request.
func recordCaller(ctx context.Context, c *authz.Caller) {
	if x := requestInfoFrom(ctx); x != nil {
		x.caller = c.Name()
	}
}
