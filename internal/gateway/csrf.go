package gateway

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// preflightHeaders are headers that a page cannot send to another origin unless a
// preflight has allowed it. Clients know these names from Apollo Server.
var preflightHeaders = []string{"Apollo-Require-Preflight", "X-Apollo-Operation-Name"}

// simpleTypes are the content types that a form can have, and that a page can therefore
// send to anybody (Fetch, CORS-safelisted request-header).
var safelistedTypes = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// crossSite keeps pages of other origins from having a browser ask in the name of its
// user. A POST is refused by http.CrossOriginProtection when a browser says that it comes
// from elsewhere, and by the transport when its content type is one that needs no
// preflight. A GET, which any link or image can make, and a HEAD must prove themselves: by
// a header or content type that needs a preflight, by the browser saying that it comes
// from here, or by coming from no browser at all. Every browser sends a User-Agent that
// begins with Mozilla/, and no page can send another one, or none, without a preflight.
func csrf(o CORS) (func(http.Handler) http.Handler, error) {
	protection, err := o.protection()
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if o.allowsAny() || protection.Check(r) == nil && (!isRead(r.Method) || needsPreflight(r) || o.trusts(r) || !fromBrowser(r)) {
				next.ServeHTTP(w, r)
				return
			}
			reject(http.StatusForbidden, codeCrossSite,
				"this could be a page of another site asking in its visitor's name: send the header Apollo-Require-Preflight, or Content-Type: application/json, from an origin that this gateway allows").
				write(r.Context(), w, errorMediaType(r))
		})
	}, nil
}

// preflighted is whether no page could send this to another origin without asking first.
func needsPreflight(r *http.Request) bool {
	for _, name := range preflightHeaders {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	// What cannot be read as a type may be read as a simple one by somebody else.
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && !slices.Contains(safelistedTypes, contentType)
}

// trusts is whether the request comes from a page that is allowed to ask, or from the
// gateway's own, or was typed in by a person.
func (o CORS) trusts(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		return slices.Contains(o.Allowed, origin)
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "same-origin" || site == "none"
}

// fromBrowser reports whether a browser may have sent the request.
func fromBrowser(r *http.Request) bool {
	// A header that is there and empty is a browser's that was told to hide its name.
	for _, agent := range r.Header["User-Agent"] {
		if agent == "" || strings.HasPrefix(agent, "Mozilla/") {
			return true
		}
	}
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}
