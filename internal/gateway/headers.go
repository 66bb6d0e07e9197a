package gateway

import (
	"net/http"
	"slices"
)

const modeHeaderName = "X-Atlas-Mode"

// secureHeaders are what every answer says to a browser: take it for what it says it
// is, run nothing in it, show it in no frame, tell nobody where a link was followed.
// A page that needs more sets its own in their place. Transport security is for whoever
// ends TLS to announce.
var secureHeaders = http.Header{
	"Content-Security-Policy":      {"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"no-referrer"},
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
}

// setHeaders sets the headers of every answer before the answer is made, so that each
// can be replaced.
func setHeaders(m Mode) func(http.Handler) http.Handler {
	mode := []string{string(m)}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			for name, value := range secureHeaders {
				// Full slices: to add to one makes a copy.
				h[name] = value
			}
			h[modeHeaderName] = mode
			next.ServeHTTP(w, r)
		})
	}
}

// methods are those of RFC 9110 and RFC 5789.
var methods = []string{
	http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace,
}

// knownMethods refuses methods that nobody knows (RFC 9110, section 15.6.2). The router
// would say that they are not allowed, and not what is.
func knownMethods(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			reject(http.StatusNotImplemented, codeBadRequest, "this is no method of HTTP that is known here").write(r.Context(), w, errorMediaType(r))
			return
		}
		next.ServeHTTP(w, r)
	})
}
