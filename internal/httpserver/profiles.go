package httpserver

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"
)

// maxProfileSeconds bounds the time that a profile takes.
const maxProfileSeconds = 120

// Profiles answers GET of the paths of net/http/pprof below /debug/pprof/: the index, the profiles of the runtime,
// /profile (CPU) and /trace. The parameter seconds is from 1 to 120. The command line is not served. A profile ends
// early, with what it has, when the context of its request ends.
func Profiles() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /debug/pprof/", pprof.Index)
	routes.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	routes.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	routes.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text := r.URL.Query().Get("seconds"); text != "" {
			seconds, err := strconv.Atoi(text)
			if err != nil || seconds < 1 || seconds > maxProfileSeconds {
				http.Error(w, "seconds must be a whole number from 1 to "+strconv.Itoa(maxProfileSeconds), http.StatusBadRequest)
				return
			}
		}
		// The deadline of reading counts from the request on, and ends its context: it would end a profile. pprof sets that of
		// writing by itself.
		if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
			http.Error(w, "a profile cannot be served on this connection", http.StatusInternalServerError)
			return
		}
		routes.ServeHTTP(w, r)
	})
}
