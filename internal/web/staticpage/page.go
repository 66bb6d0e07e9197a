package staticpage

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
)

// What stands in an index for what the server fills in.
const (
	noncePlace = "CSP_NONCE"
	dataPlace  = "PAGE_DATA"
)

// Config is what a Page is made of. Path and Files are required.
type Config struct {
	// Path is where the index is served, such as "/". The files are served at the paths
	// that they have in Files.
	Path string
	// Files holds index.html, and each other file twice, as NAME.br and NAME.gz.
	Files fs.FS
	// Policy is the Content-Security-Policy of the index. CSP_NONCE in it is replaced,
	// as in the index, by a value that is new for each answer.
	Policy string
	// Data is put into the index as JSON, in place of PAGE_DATA.
	Data any
}

// Page is the handler of one web page. It is safe for concurrent use.
type Page struct {
	path   string
	index  []byte
	policy string
	files  map[string]*file // by path, such as "/playground/index-1a2b.js"
}

// New reads the page into memory, once.
func New(c Config) (*Page, error) {
	index, err := fs.ReadFile(c.Files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	data, err := json.Marshal(c.Data) // escapes <, > and &, so that it cannot end its element
	if err != nil {
		return nil, fmt.Errorf("page: the data: %w", err)
	}
	files, err := readFiles(c.Files)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("page: there are no files beside the index")
	}
	return &Page{path: c.Path, index: bytes.ReplaceAll(index, []byte(dataPlace), data), policy: c.Policy, files: files}, nil
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
		// Its files are named relative to the path without the slash.
		w.Header().Set("Location", ".."+p.path)
		w.WriteHeader(http.StatusPermanentRedirect)
	default:
		http.NotFound(w, r)
	}
}

// serveIndex is not to be stored: the index holds a nonce, and names the files of this
// version.
func (p *Page) serveIndex(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	body := bytes.ReplaceAll(p.index, []byte(noncePlace), []byte(nonce))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", strings.ReplaceAll(p.policy, noncePlace, nonce))
	h.Set("Cache-Control", "no-store")
	write(w, r, body)
}

// write sends a body with the headers that keep other sites away from it.
func write(w http.ResponseWriter, r *http.Request, body []byte) {
	writeHead(w, len(body))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// writeHead answers 200 with a body of so many bytes.
func writeHead(w http.ResponseWriter, size int) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(http.StatusOK)
}
