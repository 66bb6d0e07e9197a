package atlas

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
)

// errReadOnly is the error of a request that changes something, by a client without WithActions.
var errReadOnly = errors.New("this client only reads")

// restrictMethods rejects every request but GET, and POST for access tokens, unless the client has WithActions. It is at
// the bottom of the stack, so that nothing gets past it. Of the operations that change something it records whether they
// may have been executed.
func (c *Client) restrictMethods(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoFrom(r.Context())
		asksForToken := info == nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, tokenPath)
		switch {
		case r.Method == http.MethodGet, asksForToken:
			return next.RoundTrip(r)
		case !c.actions:
			return nil, errReadOnly
		case info == nil || !info.changes:
			return next.RoundTrip(r)
		}
		ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			GotConn: func(httptrace.GotConnInfo) { info.maySent.Store(true) },
		})
		res, err := next.RoundTrip(r.WithContext(ctx))
		if err == nil && res.StatusCode == http.StatusUnauthorized {
			// It is sent again with the answer to a challenge, or with another token.
			info.maySent.Store(false)
		}
		return res, err
	})
}
