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

// file is a compressed file of a page.
type file struct {
	contentType string
	br, gz      []byte
	plainSize   int
}

// contentTypes has the types of the files of pages. The table of the operating system is not used: it differs from
// machine to machine, and a script with a wrong type does not run.
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

// plainSize returns the size of the decompressed file, which stands at the end of gzip data (RFC 1952, ISIZE).
func plainSize(gz []byte) (int, error) {
	if _, err := gzip.NewReader(bytes.NewReader(gz)); err != nil {
		return 0, err
	}
	return int(binary.LittleEndian.Uint32(gz[len(gz)-4:])), nil
}

// serve sends the file. Its name changes with its content, so browsers may cache it without end. A client that accepts
// neither encoding gets the file decompressed while it reads: a client that does not read costs a buffer, and not the
// whole file.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	// For workers, whose policy is that of their script.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	// The smallest that the client accepts (RFC 9110, section 12.5.3).
	switch accepts := acceptedEncodings(r.Header["Accept-Encoding"]); {
	case accepts("br"):
		h.Set("Content-Encoding", "br")
		write(w, r, f.br)
	case accepts("gzip"):
		h.Set("Content-Encoding", "gzip")
		write(w, r, f.gz)
	default:
		writeHead(w, f.plainSize)
		if plain, err := gzip.NewReader(bytes.NewReader(f.gz)); err == nil && r.Method != http.MethodHead {
			_, _ = io.Copy(w, plain) //nolint:gosec // a file of the program
		}
	}
}

// Accepts reports whether the client accepts a content encoding.
func Accepts(r *http.Request, encoding string) bool {
	return acceptedEncodings(r.Header["Accept-Encoding"])(encoding)
}

// acceptedEncodings returns a function that reports whether the header accepts an encoding: by its name or by a
// wildcard, with a weight above 0.
func acceptedEncodings(header []string) func(encoding string) bool {
	weights := make(map[string]float64)
	for part := range strings.SplitSeq(strings.Join(header, ","), ",") {
		name, parameters, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // 0 for a malformed weight
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
