package gateway

import (
	"crypto/rand"
	"net/http"
)

const (
	requestIDHeader    = "X-Request-Id"
	maxRequestIDLength = 128
)

// requestID returns the id of a request: that of the client when it is short and plain, else a new one.
func requestID(h http.Header) string {
	if id := h.Get(requestIDHeader); isPlainID(id) {
		return id
	}
	return rand.Text()
}

// isPlainID reports whether an id can neither forge a log line nor fill it.
func isPlainID(id string) bool {
	if id == "" || len(id) > maxRequestIDLength {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=':
		default:
			return false
		}
	}
	return true
}
