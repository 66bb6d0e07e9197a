package atlassim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	jsonType = "application/json"
	// minGzip is the size in bytes from which a body is compressed (inferred): a smaller one fits into one packet.
	minGzip = 1400
)

// field is one header of an answer.
type field struct{ name, value string }

// answer is a response before it is written.
type answer struct {
	status      int
	contentType string
	header      []field
	body        []byte
}

// resource returns the answer with one resource; with envelope=true the resource is the member content.
func (x *exchange) resource(body []byte) answer {
	return answer{
		status:      http.StatusOK,
		contentType: x.contentType,
		body:        x.query.format(http.StatusOK, body),
	}
}

// format wraps and indents a body as the query requests it.
func (q query) format(status int, body []byte) []byte {
	if q.envelope {
		t := jsonText{buf: make([]byte, 0, len(body)+32)}
		t.open()
		t.number("status", int64(status))
		t.raw("content", body)
		t.close('}')
		body = t.buf
	}
	return q.indent(body)
}

func (q query) indent(body []byte) []byte {
	if !q.pretty {
		return body
	}
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return body
	}
	return b.Bytes()
}

// write sends an answer, compressed where the request allows it and the body is large.
func (s *Simulator) write(w http.ResponseWriter, r *http.Request, a answer, now time.Time) {
	body := a.body
	if len(body) >= minGzip {
		w.Header().Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header["Accept-Encoding"]) {
			var b bytes.Buffer
			b.Grow(len(body) / 4)
			zw := s.gzips.Get().(*gzip.Writer)
			zw.Reset(&b)
			_, err := zw.Write(body)
			if closeErr := zw.Close(); err == nil {
				err = closeErr
			}
			s.gzips.Put(zw)
			if err == nil { // writing to memory does not fail
				body = b.Bytes()
				w.Header().Set("Content-Encoding", "gzip")
			}
		}
	}
	writeHeader(w, a, now, len(body))
	_, _ = w.Write(body) // the caller may have left
}

func writeHeader(w http.ResponseWriter, a answer, now time.Time, length int) {
	w.Header().Set("Content-Length", strconv.Itoa(length))
	writeHeaderOfAnyLength(w, a, now)
}

func writeHeaderOfAnyLength(w http.ResponseWriter, a answer, now time.Time) {
	h := w.Header()
	h.Set("Date", now.Format(http.TimeFormat))
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	} else {
		h["Content-Type"] = nil // net/http would detect one
	}
	for _, f := range a.header {
		h.Set(f.name, f.value)
	}
	w.WriteHeader(a.status)
}

// acceptsGzip reports whether Accept-Encoding has gzip, or a star, with a weight that is not 0.
func acceptsGzip(headers []string) bool {
	star := false
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			name, params, _ := strings.Cut(part, ";")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return !zeroWeight(params)
			case "*":
				star = !zeroWeight(params)
			}
		}
	}
	return star
}

func zeroWeight(params string) bool {
	_, q, ok := strings.Cut(strings.ReplaceAll(params, " ", ""), "q=")
	if !ok {
		return false
	}
	weight, err := strconv.ParseFloat(q, 64)
	return err == nil && weight == 0
}
