package staticpage

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const index = `<script type="application/json">PAGE_DATA</script><script nonce="CSP_NONCE" src="./x/a-1.js"></script>`

func gzipped(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func testFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		"index.html":  {Data: []byte(index)},
		"x/a-1.js.br": {Data: []byte("by brotli")},
		"x/a-1.js.gz": {Data: gzipped(t, "let a = 1")},
	}
}

func newPage(t *testing.T, data any) *Page {
	t.Helper()
	p, err := New(Config{Path: "/", Files: testFiles(t), Content: func(context.Context) Content {
		return Content{Policy: "style-src 'nonce-CSP_NONCE'", Data: data}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(t *testing.T, h http.Handler, method, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPage_hasANewNonceInIndexAndPolicy(t *testing.T) {
	p := newPage(t, nil)
	nonces := map[string]bool{}
	for range 3 {
		res := ask(t, p, http.MethodGet, "/", nil)
		found := regexp.MustCompile(`nonce="([A-Z0-9]{26})"`).FindStringSubmatch(res.Body.String())
		if found == nil {
			t.Fatal("the index has no nonce")
		}
		if want := "style-src 'nonce-" + found[1] + "'"; res.Header().Get("Content-Security-Policy") != want {
			t.Errorf("the policy is %q, want %q", res.Header().Get("Content-Security-Policy"), want)
		}
		if res.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("the index may be stored: %v", res.Header())
		}
		nonces[found[1]] = true
	}
	if len(nonces) != 3 {
		t.Errorf("3 answers had %d nonces", len(nonces))
	}
}

func TestPage_escapesItsData(t *testing.T) {
	p := newPage(t, map[string]string{"a": "</script><script>alert(1)</script>&"})
	body := ask(t, p, http.MethodGet, "/", nil).Body.String()
	if strings.Count(body, "</script>") != strings.Count(index, "</script>") ||
		!strings.Contains(body, `{"a":"\u003c/script`) {
		t.Errorf("got %s", body)
	}
}

func TestPage_servesAFileInTheSmallestAcceptedEncoding(t *testing.T) {
	p := newPage(t, nil)
	for accept, want := range map[string]string{
		"gzip, deflate, br, zstd": "br",
		"BR":                      "br",
		"gzip, deflate":           "gzip",
		"br;q=0, gzip;q=0.5":      "gzip",
		"br;q=nonsense, gzip":     "gzip",
		"*":                       "br",
		"*;q=0":                   "",
		"identity":                "",
		"":                        "",
	} {
		res := ask(t, p, http.MethodGet, "/x/a-1.js", http.Header{"Accept-Encoding": {accept}})
		body := res.Body.String()
		content := map[string]string{"br": "by brotli", "gzip": string(gzipped(t, "let a = 1")), "": "let a = 1"}[want]
		if got := res.Header().Get("Content-Encoding"); got != want || body != content {
			t.Errorf("Accept-Encoding %q gets %q by %q", accept, body, got)
		}
		if res.Header().Get("Content-Length") != strconv.Itoa(len(content)) {
			t.Errorf("Accept-Encoding %q: the length is told as %s", accept, res.Header().Get("Content-Length"))
		}
		if res.Header().Get("Vary") != "Accept-Encoding" ||
			!strings.Contains(res.Header().Get("Cache-Control"), "immutable") ||
			res.Header().Get("Content-Type") != "text/javascript; charset=utf-8" ||
			res.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("Accept-Encoding %q gets the headers %v", accept, res.Header())
		}
	}
}

// TestPage_decompressesAFileWhileItIsRead has clients that accept no encoding and do not read: the
// memory that they need must not grow with the file.
func TestPage_decompressesAFileWhileItIsRead(t *testing.T) {
	const size = 8 << 20
	files := testFiles(t)
	files["x/a-1.js.gz"] = &fstest.MapFile{Data: gzipped(t, strings.Repeat(" ", size))}
	p, err := New(Config{Path: "/", Files: files})
	if err != nil {
		t.Fatal(err)
	}
	largest := 0
	w := writer(func(b []byte) { largest = max(largest, len(b)) })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x/a-1.js", nil)
	p.ServeHTTP(w, r)
	if largest == 0 || largest > 64<<10 {
		t.Errorf("%d bytes were written at once", largest)
	}
}

// writer calls a function for each write.
type writer func([]byte)

func (writer) Header() http.Header           { return http.Header{} }
func (writer) WriteHeader(int)               {}
func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

func TestPage_servesItsIndexAndFilesAlone(t *testing.T) {
	p := newPage(t, nil)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{method: http.MethodGet, path: "/", status: http.StatusOK},
		{method: http.MethodHead, path: "/", status: http.StatusOK},
		{method: http.MethodHead, path: "/x/a-1.js", status: http.StatusOK},
		{method: http.MethodPost, path: "/", status: http.StatusMethodNotAllowed},
		{method: http.MethodGet, path: "/x/a-2.js", status: http.StatusNotFound},
		{method: http.MethodGet, path: "/x/a-1.js.gz", status: http.StatusNotFound},
		{method: http.MethodGet, path: "/index.html", status: http.StatusNotFound},
		{method: http.MethodGet, path: "/x/../x/a-1.js", status: http.StatusNotFound},
	} {
		res := ask(t, p, tt.method, tt.path, nil)
		if body := res.Body.String(); res.Code != tt.status || tt.method == http.MethodHead && body != "" {
			t.Errorf("%s %s: %d %q", tt.method, tt.path, res.Code, body)
		}
	}
}

func TestPage_redirectsAPathWithATrailingSlash(t *testing.T) {
	p, err := New(Config{Path: "/x", Files: testFiles(t)})
	if err != nil {
		t.Fatal(err)
	}
	res := ask(t, p, http.MethodGet, "/x/", nil)
	location, err := url.Parse(res.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	// As a browser sees it behind a proxy that adds a prefix to the path.
	behind := &url.URL{Scheme: "https", Host: "proxy.example", Path: "/restores/x/"}
	if got := behind.ResolveReference(location).Path; res.Code != http.StatusPermanentRedirect || got != "/restores/x" {
		t.Errorf("%d to %s", res.Code, got)
	}
}

func TestNew_rejectsAPageThatIsPackedWrongly(t *testing.T) {
	for name, change := range map[string]func(fstest.MapFS){
		"no index":            func(f fstest.MapFS) { delete(f, "index.html") },
		"no files":            func(f fstest.MapFS) { delete(f, "x/a-1.js.br"); delete(f, "x/a-1.js.gz") },
		"no gzip":             func(f fstest.MapFS) { delete(f, "x/a-1.js.gz") },
		"no brotli":           func(f fstest.MapFS) { delete(f, "x/a-1.js.br") },
		"not gzip":            func(f fstest.MapFS) { f["x/a-1.js.gz"] = &fstest.MapFile{Data: []byte("let a = 1")} },
		"not compressed":      func(f fstest.MapFS) { f["x/b-1.css"] = &fstest.MapFile{} },
		"of a type not known": func(f fstest.MapFS) { f["x/b-1.exe.gz"] = &fstest.MapFile{} },
	} {
		files := testFiles(t)
		change(files)
		if _, err := New(Config{Path: "/", Files: files}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
