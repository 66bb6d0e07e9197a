package gateway

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// preflightHeaders are headers that a page cannot send to another origin without a preflight. The names are those of
// Apollo Server.
var preflightHeaders = []string{"Apollo-Require-Preflight", "X-Apollo-Operation-Name"}

// safelistedTypes are the content types of forms, which a page can send to any origin (Fetch, CORS-safelisted
// request-header).
var safelistedTypes = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// csrf returns middleware that protects against cross-site request forgery: a page of another origin that has a browser
// send requests in its user's name. http.CrossOriginProtection rejects a POST that a browser marks as cross-origin, and
// the transport rejects one with a content type that needs no preflight. A GET, which any link or image can cause, and
// a HEAD need a proof: a header or content type that needs a preflight, the browser's word that the request is
// same-origin, or no browser at all. Every browser sends a User-Agent that begins with Mozilla/, and no page can send
// another one, or none, without a preflight.
func csrf(o CORS) (func(http.Handler) http.Handler, error) {
	protection, err := o.protection()
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if o.allowsAny() || protection.Check(r) == nil &&
				(!isRead(r.Method) || needsPreflight(r) || o.trusts(r) || !fromBrowser(r)) {
				next.ServeHTTP(w, r)
				return
			}
			reject(http.StatusForbidden, codeCrossSite,
				"this could be a page of another site asking in its visitor's name: send the header Apollo-Require-Preflight, or "+
					"Content-Type: application/json, from an origin that this gateway allows").
				write(r.Context(), w, errorMediaType(r))
		})
	}, nil
}

// needsPreflight reports whether a page can send the request to another origin only after a preflight.
func needsPreflight(r *http.Request) bool {
	for _, name := range preflightHeaders {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	// A malformed type may be read as a safelisted one by another parser.
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && !slices.Contains(safelistedTypes, contentType)
}

// trusts reports whether the request comes from an allowed page or from the gateway's own, or was typed in by a person.
func (o CORS) trusts(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		return slices.Contains(o.Allowed, origin)
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "same-origin" || site == "none"
}

// fromBrowser reports whether a browser may have sent the request.
func fromBrowser(r *http.Request) bool {
	// An empty header is that of a browser that hides its name.
	for _, agent := range r.Header["User-Agent"] {
		if agent == "" || strings.HasPrefix(agent, "Mozilla/") {
			return true
		}
	}
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}
