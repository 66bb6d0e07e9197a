package staticpage

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
)

// The placeholders of an index that the server replaces.
const (
	noncePlaceholder = "CSP_NONCE"
	dataPlaceholder  = "PAGE_DATA"
)

// Config has the settings of a Page. Path and Files are required.
type Config struct {
	// Path is the path of the index, such as "/". The files have their paths of Files.
	Path string
	// Files has index.html, and each other file twice, as NAME.br and NAME.gz.
	Files fs.FS
	// Content returns what differs between two responses; nil is no policy and no data.
	Content func(context.Context) Content
}

// Content is what the index is sent with.
type Content struct {
	// Policy is the Content-Security-Policy. CSP_NONCE is replaced in the policy and in the index by a value that is new
	// for each response.
	Policy string
	// Data replaces PAGE_DATA in the index, as JSON.
	Data any
}

// Page is the handler of one web page. It is safe for concurrent use.
type Page struct {
	path    string
	index   []byte
	content func(context.Context) Content
	files   map[string]*file // by path, such as "/playground/index-1a2b.js"
}

// New returns a page, which it reads into memory.
func New(c Config) (*Page, error) {
	index, err := fs.ReadFile(c.Files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	files, err := readFiles(c.Files)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("page: there are no files beside the index")
	}
	content := c.Content
	if content == nil {
		content = func(context.Context) Content { return Content{} }
	}
	return &Page{path: c.Path, index: index, content: content, files: files}, nil
}

// ServeHTTP answers GET and HEAD with the index or one of its files.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this is read by GET", http.StatusMethodNotAllowed)
		return
	}
	f, ok := p.files[r.URL.Path]
	switch {
	case r.URL.Path == p.path:
		p.serveIndex(w, r)
	case ok:
		f.serve(w, r)
	case r.URL.Path == p.path+"/":
		// The index names its files relative to the path without the slash.
		w.Header().Set("Location", ".."+p.path)
		w.WriteHeader(http.StatusPermanentRedirect)
	default:
		http.NotFound(w, r)
	}
}

// serveIndex sends the index. It must not be stored, because it has a nonce and names the files of this version.
func (p *Page) serveIndex(w http.ResponseWriter, r *http.Request) {
	content := p.content(r.Context())
	data, err := json.Marshal(content.Data) // escapes <, > and &, so that the data cannot end its element
	if err != nil {
		http.Error(w, "the data of the page cannot be written", http.StatusInternalServerError)
		return
	}
	nonce := rand.Text()
	body := bytes.ReplaceAll(p.index, []byte(noncePlaceholder), []byte(nonce))
	body = bytes.ReplaceAll(body, []byte(dataPlaceholder), data)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", strings.ReplaceAll(content.Policy, noncePlaceholder, nonce))
	h.Set("Cache-Control", "no-store")
	write(w, r, body)
}

// write sends a body.
func write(w http.ResponseWriter, r *http.Request, body []byte) {
	writeHead(w, len(body))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// writeHead sends 200 and the header of a body of size bytes, which other sites cannot read.
func writeHead(w http.ResponseWriter, size int) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(http.StatusOK)
}
