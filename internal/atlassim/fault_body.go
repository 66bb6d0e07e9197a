package atlassim

import (
	"bytes"
	"net/http"
	"time"
)

// writeTruncated announces the whole body and sends half of it; the server then ends the connection.
func writeTruncated(w http.ResponseWriter, a answer, now time.Time) {
	length := len(a.body)
	if length == 0 {
		length = 1
	}
	writeHeader(w, a, now, length)
	_, _ = w.Write(a.body[:len(a.body)/2])
}

// writeDripping sends the body a byte at a time, with a pause before each, while the caller is there.
func writeDripping(w http.ResponseWriter, r *http.Request, a answer, now time.Time, drip time.Duration) {
	writeHeader(w, a, now, len(a.body))
	flush := http.NewResponseController(w)
	for i := range a.body {
		// The head first: it does not drip.
		if flush.Flush() != nil || !pause(r.Context(), drip) {
			return
		}
		if _, err := w.Write(a.body[i : i+1]); err != nil {
			return
		}
	}
}

// endlessChunk is how much of a body without an end is sent at a time, in bytes.
const endlessChunk = 16 << 10

// writeEndless sends white space behind the body until the caller leaves.
func writeEndless(w http.ResponseWriter, r *http.Request, a answer, now time.Time) {
	writeHeaderOfAnyLength(w, a, now)
	_, err := w.Write(a.body)
	for chunk := bytes.Repeat([]byte(" "), endlessChunk); err == nil && r.Context().Err() == nil; {
		_, err = w.Write(chunk)
	}
}
