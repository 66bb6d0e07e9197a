package httpclient

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// maxConnections bounds the connections that one request is sent on. net/http repeats a request that a
// server did not handle (GOAWAY) without a bound or a wait: with a server that drains every connection it
// would dial and send until the context ends.
const maxConnections = 8

// errConnections is an error for which ConnectionEnded is true.
var errConnections = errors.New("the server ended every connection before it handled the request")

// LimitConnections returns a RoundTripper that cancels a request when next, an http.Transport, has sent it
// on maxConnections connections without a response. The context of the request must end with the call
// that it belongs to.
func LimitConnections(next http.RoundTripper) http.RoundTripper { return limitedConnections{next} }

type limitedConnections struct{ next http.RoundTripper }

func (l limitedConnections) RoundTrip(r *http.Request) (*http.Response, error) {
	// The body is read under this context, so it ends with the request's own.
	ctx, cancel := context.WithCancelCause(r.Context())
	var connections atomic.Int64
	current, recorded := ctx.Value(connectionKey{}).(*connection)
	if recorded {
		current.reused.Store(false)
	}
	res, err := l.next.RoundTrip(r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if recorded {
				current.reused.Store(info.Reused)
			}
			if connections.Add(1) > maxConnections {
				cancel(errConnections)
			}
		},
	})))
	if err != nil {
		if errors.Is(context.Cause(ctx), errConnections) {
			err = errConnections
		}
		cancel(nil)
	}
	return res, err
}

// CloseIdleConnections closes the idle connections of next.
func (l limitedConnections) CloseIdleConnections() {
	if next, ok := l.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// connection is the connection that a request was last sent on.
type connection struct{ reused atomic.Bool }

type connectionKey struct{}

// WithConnection returns a context in which LimitConnections records which connection the requests
// of one call are sent on, one after the other, for ReusedConnectionEnded.
func WithConnection(ctx context.Context) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(connection))
}

// ReusedConnectionEnded reports whether err says that a whole connection ended which another request had
// opened (ctx is from WithConnection). All requests on the connection fail then: this is one failure, which
// counts for the request that opened the connection.
func ReusedConnectionEnded(ctx context.Context, err error) bool {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	return c != nil && c.reused.Load() && ConnectionEnded(err) && !errors.As(err, new(streamError))
}
