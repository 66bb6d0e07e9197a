package gateway

import "net/http"

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
