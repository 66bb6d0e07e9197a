package page

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// file is one of the files beside an index, as it was compressed ahead.
type file struct {
	contentType string
	br, gz      []byte
}

// contentTypes are those of what pages are built of. The operating system is not asked:
// its table differs from machine to machine, and a wrong type keeps a script from running.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".md":  "text/plain; charset=utf-8",
	".svg": "image/svg+xml",
	".ttf": "font/ttf",
}

func readFiles(files fs.FS) (map[string]*file, error) {
	out := make(map[string]*file)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "index.html" {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		encoding := path.Ext(name)
		plain := strings.TrimSuffix(name, encoding)
		contentType, ok := contentTypes[path.Ext(plain)]
		if !ok {
			return fmt.Errorf("%s: no type is known for it", name)
		}
		f := out["/"+plain]
		if f == nil {
			f = &file{contentType: contentType}
			out["/"+plain] = f
		}
		switch encoding {
		case ".br":
			f.br = content
		case ".gz":
			f.gz = content
		default:
			return fmt.Errorf("%s is neither .br nor .gz", name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name, f := range out {
		if f.br == nil || f.gz == nil {
			return nil, fmt.Errorf("%s is not there by both brotli and gzip", name)
		}
	}
	return out, nil
}

// serve sends the file. Its name changes with its content, so browsers may keep it for
// ever.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	encoding, body, err := f.encoded(r.Header["Accept-Encoding"])
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	// For workers, whose policy comes with their script.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	write(w, r, body)
}

// encoded is the file in the smallest encoding that the Accept-Encoding header takes
// (RFC 9110, section 12.5.3). A client that takes none gets it as it is.
func (f *file) encoded(accept []string) (encoding string, body []byte, err error) {
	takes := accepted(accept)
	switch {
	case takes("br"):
		return "br", f.br, nil
	case takes("gzip"):
		return "gzip", f.gz, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(f.gz))
	if err != nil {
		return "", nil, err
	}
	body, err = io.ReadAll(r)
	return "", body, err
}

// accepted tells which encodings a header takes: those that it names, or all of them by
// a wildcard, unless their weight is 0.
func accepted(header []string) func(encoding string) bool {
	weights := make(map[string]float64)
	for part := range strings.SplitSeq(strings.Join(header, ","), ",") {
		name, parameters, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // what is no number weighs nothing
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = weight
	}
	return func(encoding string) bool {
		if weight, ok := weights[encoding]; ok {
			return weight > 0
		}
		return weights["*"] > 0
	}
}
