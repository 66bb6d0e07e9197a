package httpclient

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// maxConnections is on how many connections one request is sent at most. net/http repeats a request
// that a server did not handle (GOAWAY), without a bound and without a wait: before a server that
// drains every connection it would send and dial until the context ends.
const maxConnections = 8

// errConnections is a connection that ended: ConnectionEnded is true for it.
var errConnections = errors.New("the server ended every connection before it handled the request")

// LimitConnections returns a RoundTripper that gives a request up when next, an http.Transport, has
// sent it on maxConnections connections and none has answered. The context of the request must end
// with the call that it belongs to.
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

// CloseIdleConnections closes those of next.
func (l limitedConnections) CloseIdleConnections() {
	if next, ok := l.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// connection is what is known of the connection that a request was sent on last.
type connection struct{ reused atomic.Bool }

type connectionKey struct{}

// WithConnection returns a context in which LimitConnections records which connection the requests
// of one call are sent on, one after the other, for ReusedConnectionEnded.
func WithConnection(ctx context.Context) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(connection))
}

// ReusedConnectionEnded reports whether err says that a connection ended as a whole which another
// request had opened (ctx is of WithConnection). Such an end fails all requests that happen to be on
// it: it is one failure, and it is the one of the request that opened the connection.
func ReusedConnectionEnded(ctx context.Context, err error) bool {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	return c != nil && c.reused.Load() && ConnectionEnded(err) && !errors.As(err, new(streamError))
}
