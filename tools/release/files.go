package main

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// file is a file to write: its content, or a copy of another one with its mode.
type file struct {
	path    string
	content []byte
	copyOf  string
}

// replaceFolder replaces the folder by the files.
func replaceFolder(folder string, files []file) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // to be read by everyone
			return err
		}
		mode := fs.FileMode(0o644)
		if f.copyOf != "" {
			info, err := os.Stat(f.copyOf)
			if err != nil {
				return err
			}
			mode = plainMode(info)
			if f.content, err = os.ReadFile(f.copyOf); err != nil {
				return err
			}
		}
		if err := os.WriteFile(path, f.content, mode); err != nil { //nolint:gosec // below dist
			return err
		}
	}
	return nil
}

// plainMode returns the mode of a file that everyone can read and its owner alone can write, whatever the umask was
// when it was made.
func plainMode(info fs.FileInfo) fs.FileMode {
	if info.Mode()&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// archive is where files are added, by names with slashes; content is nil for folders.
type archive interface {
	add(name string, mode fs.FileMode, size int64, content io.Reader) error
}

// addFolder adds what is in the folder, in the order of names and with plain modes.
func addFolder(to archive, folder, prefix string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = prefix + filepath.ToSlash(name)
		if entry.IsDir() {
			return to.add(name+"/", fs.ModeDir|0o755, 0, nil)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := os.Open(path) //nolint:gosec // in the folder
		if err != nil {
			return err
		}
		defer content.Close()
		return to.add(name, plainMode(info), info.Size(), content)
	})
}

// tarArchive is a tar file whose entries belong to root and are of one time.
type tarArchive struct {
	*tar.Writer

	modified time.Time
}

func (a tarArchive) add(name string, mode fs.FileMode, size int64, content io.Reader) error {
	header := &tar.Header{Name: name, Mode: int64(mode.Perm()), Size: size, ModTime: a.modified, Typeflag: tar.TypeReg}
	if mode.IsDir() {
		header.Typeflag = tar.TypeDir
	}
	if err := a.WriteHeader(header); err != nil || content == nil {
		return err
	}
	_, err := io.Copy(a, content)
	return err
}

// writeTar writes what is in the folder as a tar file.
func writeTar(w io.Writer, folder, prefix string, modified time.Time) error {
	to := tarArchive{Writer: tar.NewWriter(w), modified: modified}
	return errors.Join(addFolder(to, folder, prefix), to.Close())
}

// zipArchive is a zip file whose entries are of one time.
type zipArchive struct {
	*zip.Writer

	modified time.Time
}

func (a zipArchive) add(name string, mode fs.FileMode, _ int64, content io.Reader) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.modified}
	header.SetMode(mode)
	w, err := a.CreateHeader(header)
	if err != nil || content == nil {
		return err
	}
	_, err = io.Copy(w, content)
	return err
}

// writeZip writes what is in the folder as a zip file.
func writeZip(w io.Writer, folder, prefix string, modified time.Time) error {
	to := zipArchive{Writer: zip.NewWriter(w), modified: modified}
	return errors.Join(addFolder(to, folder, prefix), to.Close())
}
