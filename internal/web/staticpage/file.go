package staticpage

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
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
	plainSize   int
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
		if f.plainSize, err = plainSize(f.gz); err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", name, err)
		}
	}
	return out, nil
}

// plainSize is how many bytes there are when they are decompressed, as gzip notes it at the end
// (RFC 1952, ISIZE).
func plainSize(gz []byte) (int, error) {
	if _, err := gzip.NewReader(bytes.NewReader(gz)); err != nil {
		return 0, err
	}
	return int(binary.LittleEndian.Uint32(gz[len(gz)-4:])), nil
}

// serve sends the file. Its name changes with its content, so browsers may keep it for
// ever. A client that takes neither encoding gets the file as it is, decompressed while the
// client reads it: a client that does not read holds a buffer, and not the whole file.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	// For workers, whose policy comes with their script.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	// The smallest that the Accept-Encoding header takes (RFC 9110, section 12.5.3).
	switch takes := accepted(r.Header["Accept-Encoding"]); {
	case takes("br"):
		h.Set("Content-Encoding", "br")
		write(w, r, f.br)
	case takes("gzip"):
		h.Set("Content-Encoding", "gzip")
		write(w, r, f.gz)
	default:
		writeHead(w, f.plainSize)
		if plain, err := gzip.NewReader(bytes.NewReader(f.gz)); err == nil && r.Method != http.MethodHead {
			_, _ = io.Copy(w, plain) //nolint:gosec // a file of the program
		}
	}
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
