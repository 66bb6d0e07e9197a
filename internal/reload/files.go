package reload

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// maxBytes bounds a file of settings.
const maxBytes = 1 << 20

// Read reads a file of settings: a regular one of at most a mebibyte. Its content is what
// tells whether it has changed.
func Read(path string) ([]byte, error) {
	fails := func(why string) error { return &fs.PathError{Op: "read", Path: path, Err: errors.New(why)} }
	// Before it is opened: to open a pipe is to wait for who writes to it.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fails("it must be a regular file, because it is read again while the gateway serves")
	}
	f, err := os.Open(path) //nolint:gosec // the path is a setting
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && len(content) > maxBytes {
		err = fails(fmt.Sprintf("the file is larger than %d bytes", maxBytes))
	}
	return content, err
}

// Spec says where a setting comes from.
type Spec[T any] struct {
	// Name is what logs and errors call it.
	Name string
	// Paths are its files. An empty one is passed over, and its content is nil.
	Paths []string
	// Dependency is what the setting follows from beside its files; nil means nothing.
	Dependency func() string
	// Parse makes the setting of the contents, which are in the order of Paths.
	Parse func(contents [][]byte) (T, error)
}

// Files is a setting that stands in files, as it is now. It is a Source, and safe for
// concurrent use.
type Files[T any] struct {
	spec    Spec[T]
	current atomic.Pointer[T]

	mu   sync.Mutex
	seen [sha256.Size]byte // what was looked at last
	err  error             // what was wrong with it
}

// Load reads a setting for the first time.
func Load[T any](spec Spec[T]) (*Files[T], error) {
	f := &Files[T]{spec: spec}
	if _, err := f.Reload(context.Background()); err != nil {
		return nil, err
	}
	return f, nil
}

// Static is a setting that stands in no file and does not change.
func Static[T any](value T) *Files[T] {
	f := &Files[T]{}
	f.current.Store(&value)
	return f
}

// Current is the setting as it is now.
func (f *Files[T]) Current() T { return *f.current.Load() }

// Name is what logs call it.
func (f *Files[T]) Name() string { return f.spec.Name }

// Reload reads the files again, and makes another setting of them when they, or what
// stands beside them, have changed. With an error the old one stays; the error of what was
// looked at before is given again.
func (f *Files[T]) Reload(context.Context) (changed bool, err error) {
	if f.spec.Parse == nil {
		return false, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	contents := make([][]byte, len(f.spec.Paths))
	for i, path := range f.spec.Paths {
		if path == "" {
			continue
		}
		if contents[i], err = Read(path); err != nil {
			return false, fmt.Errorf("the %s cannot be read: %w", f.spec.Name, err)
		}
	}
	beside := ""
	if f.spec.Dependency != nil {
		beside = f.spec.Dependency()
	}
	seen := sha256.Sum256(fmt.Appendf(nil, "%q %q", beside, contents))
	if seen == f.seen {
		return false, f.err
	}
	value, err := f.spec.Parse(contents)
	if f.seen, f.err = seen, err; err != nil {
		return false, err
	}
	f.current.Store(&value)
	return true, nil
}
