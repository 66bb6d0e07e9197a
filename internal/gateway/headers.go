package gateway

import (
	"net/http"
	"slices"
)

const modeHeaderName = "X-Atlas-Mode"

// secureHeaders are the security headers of every response: no sniffing of content types, no scripts, no frames, no
// referrer. A page that needs more replaces them. Strict-Transport-Security is left to the proxy that terminates TLS.
var secureHeaders = http.Header{
	"Content-Security-Policy":      {"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"no-referrer"},
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
}

// setHeaders is middleware that sets the headers of every response before a handler runs, so that a handler can replace
// each.
func setHeaders(m Mode) func(http.Handler) http.Handler {
	mode := []string{string(m)}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			for name, value := range secureHeaders {
				// The slices are full, so append copies them.
				h[name] = value
			}
			h[modeHeaderName] = mode
			next.ServeHTTP(w, r)
		})
	}
}

// methods are the methods of RFC 9110 and RFC 5789.
var methods = []string{
	http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace,
}

// knownMethods is middleware that rejects unknown methods with 501 (RFC 9110, section 15.6.2). The router would answer
// 405 without an Allow header.
func knownMethods(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			reject(http.StatusNotImplemented, codeBadRequest, "this is no method of HTTP that is known here").write(r.Context(),
				w, errorMediaType(r))
			return
		}
		next.ServeHTTP(w, r)
	})
}
