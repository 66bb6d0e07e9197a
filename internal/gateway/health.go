package gateway

import (
	"net/http"
	"strconv"
)

// Drain makes /health/ready fail, so that a load balancer sends no new requests.
func (g *Gateway) Drain() { g.draining.Store(true) }

// Draining reports whether Drain was called.
func (g *Gateway) Draining() bool { return g.draining.Load() }

func root(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK,
		"Atlas Restore Gateway. The GraphQL API is at /graphql (GET and POST); health is at /health/live and "+
			"/health/ready.\n")
}

func live(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "live\n") }

func (g *Gateway) ready(w http.ResponseWriter, _ *http.Request) {
	if g.draining.Load() {
		writeText(w, http.StatusServiceUnavailable, "shutting down\n")
		return
	}
	writeText(w, http.StatusOK, "ready\n")
}

func writeText(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
