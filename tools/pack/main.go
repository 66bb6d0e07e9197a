// Command pack compresses the output of vite into the files that the program embeds: the index unchanged, and each
// other file by brotli and by gzip, at their best compression.
//
// Its output is the same on every machine, because both compressors are written in Go and pinned; those of Node change
// with its version.
//
//	pack FROM TO
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack FROM TO")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack replaces the folder to by the packed files of the folder from.
func pack(from, to string) error {
	if _, err := os.Stat(filepath.Join(from, "index.html")); err != nil {
		return fmt.Errorf("%w (was the page built?)", err)
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	var files errgroup.Group
	files.SetLimit(2) // brotli's best compression needs much memory
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		files.Go(func() error { return packFile(path, filepath.Join(to, name)) })
		return nil
	})
	return errors.Join(err, files.Wait())
}

func packFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if filepath.Base(to) == "index.html" {
		return os.WriteFile(to, content, 0o644)
	}
	var br, gz bytes.Buffer
	if err := compress(brotli.NewWriterLevel(&br, brotli.BestCompression), content); err != nil {
		return err
	}
	zw, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := compress(zw, content); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(to+".br", br.Bytes(), 0o644),
		os.WriteFile(to+".gz", gz.Bytes(), 0o644))
}

func compress(w io.WriteCloser, content []byte) error {
	_, err := w.Write(content)
	return errors.Join(err, w.Close())
}
