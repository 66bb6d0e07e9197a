package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/cors"
)

// CORS are the origins whose pages may use the gateway (Fetch standard): each a scheme, a host and perhaps a port. The
// gateway's own pages need not be among them.
type CORS struct {
	// Allowed are origins such as https://dashboard.example.com, or "*" as the only one, which is every origin.
	Allowed []string
	// Credentials lets pages send cookies and HTTP authentication; never together with "*".
	Credentials bool
}

const anyOrigin = "*"

// corsMaxAge is for how many seconds a browser caches a preflight.
const corsMaxAge = 600

// Headers that pages may send, and may read.
var (
	corsHeaders = []string{
		"Accept", "Apollo-Require-Preflight", "Apollographql-Client-Name", "Apollographql-Client-Version", "Authorization",
		"Baggage",
		"Cache-Control", "Content-Type", "Traceparent", "Tracestate", "X-Apollo-Operation-Name", costHeader, requestIDHeader,
	}
	corsExposed = []string{costHeader, modeHeaderName, requestIDHeader, "Retry-After", "WWW-Authenticate"}
)

// Check returns an error when the origins cannot be allowed.
func (o CORS) Check() error {
	_, err := o.protection()
	switch {
	case err != nil:
		return err
	case o.allowsAny() && len(o.Allowed) > 1:
		return errors.New(`"*" is every origin: name it alone`)
	case o.allowsAny() && o.Credentials:
		return errors.New(`"*" cannot go with credentials: name the origins`)
	case o.Credentials && len(o.Allowed) == 0:
		return errors.New("credentials need origins that may send them")
	}
	return nil
}

func (o CORS) allowsAny() bool { return slices.Contains(o.Allowed, anyOrigin) }

// protection rejects requests of pages of other origins, but for GET, HEAD and OPTIONS.
func (o CORS) protection() (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	for _, origin := range o.Allowed {
		if origin == anyOrigin {
			continue
		}
		if err := p.AddTrustedOrigin(origin); err != nil || !isOrigin(origin) {
			return nil, fmt.Errorf("%s is no origin: it must be like https://dashboard.example.com, in lower case and with "+
				"nothing behind the host and port", quoteOrigin(origin))
		}
	}
	return p, nil
}

// isOrigin reports whether a text is an origin as browsers send it, in lower case; patterns are none.
func isOrigin(text string) bool {
	return new(http.CrossOriginProtection).AddTrustedOrigin(text) == nil && strings.ToLower(text) == text &&
		!strings.ContainsAny(text, anyOrigin+"@")
}

// quoteOrigin returns the text, which may be no origin, for an error. What may be a user and a password is left out.
func quoteOrigin(text string) string { return strconv.Quote(text[strings.LastIndex(text, "@")+1:]) }

// middleware answers preflights, and lets allowed pages read responses.
func (o CORS) middleware() func(http.Handler) http.Handler {
	if len(o.Allowed) == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	return cors.Handler(cors.Options{
		AllowedOrigins: o.Allowed, AllowCredentials: o.Credentials,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
		AllowedHeaders: corsHeaders, ExposedHeaders: corsExposed, MaxAge: corsMaxAge,
	})
}
