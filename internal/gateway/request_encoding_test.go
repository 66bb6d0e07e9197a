package gateway

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"
)

// inGzip is a text in gzip.
func inGzip(tb testing.TB, text string) string {
	tb.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// paddedTo returns a request of n bytes.
func paddedTo(n int) string {
	const before, after = `{"query":"{__typename`, `}"}`
	return before + strings.Repeat(" ", n-len(before)-len(after)) + after
}

func TestRequestEncoding_gzipAndIdentity(t *testing.T) {
	const bound = 2000
	const plain = `{"query":"{__typename}"}`
	e := newEnv(t, withConfig(func(c *Config) { c.MaxRequestBytes = bound }))
	gzipped := inGzip(t, plain)
	byGzip := []string{"gzip"}
	const tooLarge, notGzip = "BODY_LIMIT_EXCEEDED", "Content-Encoding: gzip"
	tests := map[string]struct {
		body     string
		codings  []string
		status   int
		says     string
		accepted string // the header Accept-Encoding of the answer
	}{
		"no coding":            {body: plain, status: 200},
		"an empty header":      {body: plain, codings: []string{""}, status: 200},
		"identity":             {body: plain, codings: []string{"identity"}, status: 200},
		"gzip":                 {body: gzipped, codings: byGzip, status: 200},
		"gzip in capitals":     {body: gzipped, codings: []string{"GZip"}, status: 200},
		"its old name":         {body: gzipped, codings: []string{"x-gzip"}, status: 200},
		"with identity":        {body: gzipped, codings: []string{"identity, gzip"}, status: 200},
		"in several members":   {body: inGzip(t, plain[:9]) + inGzip(t, plain[9:]), codings: byGzip, status: 200},
		"up to the bound":      {body: inGzip(t, paddedTo(bound)), codings: byGzip, status: 200},
		"beyond the bound":     {body: inGzip(t, paddedTo(bound+1)), codings: byGzip, status: 413, says: tooLarge},
		"far beyond the bound": {body: inGzip(t, paddedTo(16<<20)), codings: byGzip, status: 413, says: tooLarge},
		"members of nothing": {
			body: strings.Repeat(inGzip(t, ""), 1000), codings: byGzip, status: 413, says: tooLarge,
		},
		"gzip that says it is none": {body: gzipped, status: 400, says: "BAD_REQUEST"},
		"none that says it is gzip": {body: plain, codings: byGzip, status: 400, says: notGzip},
		"nothing that says so":      {codings: byGzip, status: 400, says: notGzip},
		"gzip that breaks off":      {body: gzipped[:len(gzipped)-3], codings: byGzip, status: 400, says: notGzip},
		"gzip with another checksum": {
			body: gzipped[:len(gzipped)-8] + "12345678", codings: byGzip, status: 400, says: notGzip,
		},
		"gzip and more": {body: gzipped + "more", codings: byGzip, status: 400, says: notGzip},
		"twice": {
			body: inGzip(t, gzipped), codings: []string{"gzip", "gzip"}, status: 415, says: "gzip", accepted: "gzip",
		},
		"brotli":             {body: plain, codings: []string{"br"}, status: 415, says: "gzip", accepted: "gzip"},
		"deflate after gzip": {body: plain, codings: []string{"gzip, deflate"}, status: 415, says: "gzip", accepted: "gzip"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			headers := []string{post}
			for _, coding := range tt.codings {
				headers = append(headers, "Content-Encoding: "+coding)
			}
			r := e.send(t, "POST", "/graphql", tt.body, headers...)
			if r.Status != tt.status || !strings.Contains(r.Raw, tt.says) || r.Header.Get("Accept-Encoding") != tt.accepted {
				t.Errorf("got %d %q %s", r.Status, r.Header.Get("Accept-Encoding"), r.Raw)
			}
			if got := string(r.Data["__typename"]); tt.status == 200 && got != `"Query"` {
				t.Errorf("got %s", r.Raw)
			}
			if limit := fmt.Sprintf(`"limit":%d`, bound); tt.status == 413 && !strings.Contains(r.Raw, limit) {
				t.Errorf("got %s", r.Raw)
			}
		})
	}
	// What is not about the coding says nothing of codings (RFC 9110, section 12.5.3).
	r := e.send(t, "POST", "/graphql", gzipped, "Content-Type: text/plain", "Content-Encoding: gzip")
	if r.Status != 415 || r.Header.Get("Accept-Encoding") != "" {
		t.Errorf("another media type: got %d %v", r.Status, r.Header)
	}
}

// counter counts the bytes that are read of a body.
type counter struct {
	io.Reader

	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func (*counter) Close() error { return nil }

func TestRequestEncoding_isNotInflatedBeyondTheLimit(t *testing.T) {
	const bound = 2000
	e := newEnv(t, withConfig(func(c *Config) { c.MaxRequestBytes = bound }))
	bomb := &counter{Reader: strings.NewReader(inGzip(t, paddedTo(64<<20)))}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bomb)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "gzip")
	w := httptest.NewRecorder()
	e.gateway.ServeHTTP(w, r)
	// All of it is 64 kB, of which a buffer or two are read.
	if w.Code != http.StatusRequestEntityTooLarge || bomb.n > 16<<10 {
		t.Errorf("%d bytes were read: %d %s", bomb.n, w.Code, w.Body)
	}
	var into sink
	if err := readGzip(&into, strings.NewReader(inGzip(t, paddedTo(64<<20))), bound); err != nil || into.n != bound+1 {
		t.Errorf("%d bytes were inflated, %v", into.n, err)
	}
}

// sink counts what is read into it.
type sink struct{ n int64 }

func (w *sink) ReadFrom(r io.Reader) (n int64, err error) {
	w.n, err = io.Copy(io.Discard, r)
	return w.n, err
}

func TestRequestEncoding_unenforcedLimitHoldsForGzip(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.MaxRequestBytes, c.WarnLimits = 2000, true }))
	r := e.send(t, "POST", "/graphql", inGzip(t, paddedTo(4000)), post, "Content-Encoding: gzip")
	if r.Status != 200 || !strings.Contains(e.log.String(), "a body beyond the limit was taken") {
		t.Errorf("got %d %s", r.Status, r.Raw)
	}
}

// FuzzRequestEncoding sends any bytes as gzip. What is read of them is what a new reader reads without a bound, up to
// the bound. A reader decodes ahead, so an error that stands beyond the bound may be seen or not. (The reader of the
// standard library is no reference: it accepts reserved flags, which RFC 1952 forbids.)
func FuzzRequestEncoding(f *testing.F) {
	for _, text := range []string{"", "a", strings.Repeat("a", 5000), paddedTo(100)} {
		f.Add([]byte(inGzip(f, text)))
		f.Add([]byte(text))
	}
	// A block of the static codes: 'a' 12 000 times, then a code that does not exist.
	torn := []byte(inGzip(f, strings.Repeat("a", 12000)))
	f.Add(append(torn[:len(torn)-9], 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, body []byte) {
		const bound = 1000
		var got bytes.Buffer
		err := readGzip(&got, bytes.NewReader(body), bound)
		var want []byte
		r, wantErr := kgzip.NewReader(bytes.NewReader(body))
		if wantErr == nil {
			want, wantErr = io.ReadAll(r)
		}
		whole := got.Bytes()[:min(got.Len(), len(want))]
		switch {
		case got.Len() > bound+1, !bytes.HasPrefix(want, whole):
			t.Errorf("got %q, want the first %d bytes of %q", got.Bytes(), bound+1, want)
		case err == nil && got.Len() <= bound && (wantErr != nil || got.Len() != len(want)):
			t.Errorf("got %q and no error, want %q, %v", got.Bytes(), want, wantErr)
		case err != nil && wantErr == nil:
			t.Errorf("got %v of what can be decoded", err)
		}
	})
}
