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

// Read reads a regular file of at most 1 MiB.
func Read(path string) ([]byte, error) {
	fails := func(why string) error { return &fs.PathError{Op: "read", Path: path, Err: errors.New(why)} }
	// Checked first, because opening a pipe waits for its writer.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fails("it must be a regular file, because it is read again while the gateway serves")
	}
	f, err := os.Open(path) //nolint:gosec // the path is a setting
	if err != nil {
		return nil, WithAdvice(err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && len(content) > maxBytes {
		err = fails(fmt.Sprintf("the file is larger than %d bytes", maxBytes))
	}
	return content, err
}

// WithAdvice adds to the error of a file that cannot be opened what the operator can do.
func WithAdvice(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: create it, or correct its path", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: let the user that runs the gateway read it", err)
	default:
		return err
	}
}

// Spec describes a setting.
type Spec[T any] struct {
	// Name is the name of the setting in the log and in errors.
	Name string
	// Paths are the files. An empty path is not read; its content is nil.
	Paths []string
	// Dependency returns what the setting depends on beside its files; nil is nothing.
	Dependency func() string
	// Parse returns the setting for the contents, which are in the order of Paths.
	Parse func(contents [][]byte) (T, error)
}

// Files is a setting in files. It is a Source, and safe for concurrent use.
type Files[T any] struct {
	spec    Spec[T]
	current atomic.Pointer[T]

	mu   sync.Mutex
	seen [sha256.Size]byte // hash of the contents that were parsed last
	err  error             // of that
}

// Load reads a setting.
func Load[T any](spec Spec[T]) (*Files[T], error) {
	f := &Files[T]{spec: spec}
	if _, err := f.Reload(context.Background()); err != nil {
		return nil, err
	}
	return f, nil
}

// Static returns a setting without files, which does not change.
func Static[T any](value T) *Files[T] {
	f := &Files[T]{}
	f.current.Store(&value)
	return f
}

// Current returns the current setting.
func (f *Files[T]) Current() T { return *f.current.Load() }

// Name returns the name of the setting in the log.
func (f *Files[T]) Name() string { return f.spec.Name }

// Reload reads the files, and parses them if they or the dependency have changed. After an error the old setting stays.
// For contents that were parsed before, Reload returns the same error again.
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
	dependency := ""
	if f.spec.Dependency != nil {
		dependency = f.spec.Dependency()
	}
	seen := sha256.Sum256(fmt.Appendf(nil, "%q %q", dependency, contents))
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
