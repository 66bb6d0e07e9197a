package gateway

import (
	"context"
	"net/http"

	"atlas-restore-gateway/internal/access"
)

// exchange is a request and its answer: what they are found by, and what comes to be known
// of them below the access log, for its line. It is one value in the context, because
// each one there costs a copy of the request.
type exchange struct {
	requestID string
	traceID   string // "" where the caller has none
	caller    string // "" where nobody has found out
}

type exchangeKey struct{}

// identified gives each request its ids; that of the request is answered in its header.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{requestID: requestID(r.Header), traceID: parseTraceparent(r.Header.Get(traceparentHeader))}
		w.Header().Set(requestIDHeader, x.requestID)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
	})
}

// exchangeOf is the exchange that ctx belongs to, or nil.
func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// requestIDOf is the id of the request that ctx belongs to, or "".
func requestIDOf(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil {
		return x.requestID
	}
	return ""
}

// noteCaller notes who sent the request that ctx belongs to.
func noteCaller(ctx context.Context, c *access.Caller) {
	if x := exchangeOf(ctx); x != nil {
		x.caller = c.Name()
	}
}
