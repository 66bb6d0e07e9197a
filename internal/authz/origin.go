package authz

import "context"

// Origin is where a request came from.
type Origin struct {
	// Remote is the address of the connection.
	Remote string
	// ForwardedFor is what a router that proved itself says of where the request came
	// from before; empty from anybody else.
	ForwardedFor string
	// RequestID finds the request in the log.
	RequestID string
}

type originKey struct{}

// WithOrigin notes where a request came from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

func originOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
