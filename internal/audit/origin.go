package audit

import "context"

// Origin is where a request came from.
type Origin struct {
	// Remote is the address of the connection.
	Remote string
	// ForwardedFor is the header X-Forwarded-For of a request that an authenticated router sent; empty for every other
	// request.
	ForwardedFor string
	// RequestID finds the request in the log.
	RequestID string
}

type originKey struct{}

// WithOrigin returns a context that carries the origin of its request.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

func originOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
