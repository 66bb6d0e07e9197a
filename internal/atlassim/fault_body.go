package atlassim

import (
	"bytes"
	"net/http"
	"time"
)

// writeTruncated sends the Content-Length of the whole body and half of it; the server then ends the connection.
func writeTruncated(w http.ResponseWriter, a answer, now time.Time) {
	length := len(a.body)
	if length == 0 {
		length = 1
	}
	writeHeader(w, a, now, length)
	_, _ = w.Write(a.body[:len(a.body)/2])
}

// writeDripping sends the body with a pause before each byte, until the caller leaves.
func writeDripping(w http.ResponseWriter, r *http.Request, a answer, now time.Time, drip time.Duration) {
	writeHeader(w, a, now, len(a.body))
	flush := http.NewResponseController(w)
	for i := range a.body {
		// Also the header, before the first pause.
		if flush.Flush() != nil || !pause(r.Context(), drip) {
			return
		}
		if _, err := w.Write(a.body[i : i+1]); err != nil {
			return
		}
	}
}

// endlessChunk is the size of the writes of a body without an end, in bytes.
const endlessChunk = 16 << 10

// writeEndless sends white space after the body until the caller leaves.
func writeEndless(w http.ResponseWriter, r *http.Request, a answer, now time.Time) {
	writeHeaderOfAnyLength(w, a, now)
	_, err := w.Write(a.body)
	for chunk := bytes.Repeat([]byte(" "), endlessChunk); err == nil && r.Context().Err() == nil; {
		_, err = w.Write(chunk)
	}
}
