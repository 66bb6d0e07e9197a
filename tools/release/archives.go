package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeArchives replaces the folder to by what is released but for packages: for each platform an archive of its
// program and beside it the SBOM, the notices of all platforms together, and the image as an OCI archive.
func (r release) writeArchives(ctx context.Context, to string, platforms []string) error {
	all := make([]contents, 0, len(platforms))
	var merged contents
	for _, name := range platforms {
		system, architecture, found := strings.Cut(name, "_")
		if !found {
			return fmt.Errorf("platform %q: want OS_ARCH, such as linux_amd64", name)
		}
		content, err := readContents(ctx, platform{os: system, arch: architecture})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, content)
		merged.modules = append(merged.modules, content.modules...)
		merged.others = content.others // which are the same on all platforms
	}
	slices.SortStableFunc(merged.modules, func(a, b dependency) int { return strings.Compare(a.purl, b.purl) })
	merged.modules = slices.CompactFunc(merged.modules, func(a, b dependency) bool { return a.purl == b.purl })

	notices := r.notices(merged)
	if err := replaceFolder(to, []file{{path: noticesName, content: notices}}); err != nil {
		return err
	}
	for _, content := range all {
		if err := r.writeArchive(to, content, notices); err != nil {
			return fmt.Errorf("%s: %w", content.platform, err)
		}
	}
	return writeFile(filepath.Join(to, r.name("image")+".tar"), func(w io.Writer) error {
		return writeTar(w, imageFolder, "", r.created)
	})
}

// name returns the name of a part of the release, without an extension.
func (r release) name(part string) string { return program + "_" + r.version + "_" + part }

// writeArchive writes the archive of one platform, and its SBOM.
func (r release) writeArchive(to string, content contents, notices []byte) error {
	p := content.platform
	name := r.name(p.String())
	document, err := r.sbom(content)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(to, name+".cdx.json"), func(w io.Writer) error {
		_, err := w.Write(document)
		return err
	}); err != nil {
		return err
	}
	folder := filepath.Join("dist", "archives", p.String())
	if err := replaceFolder(folder, []file{
		{path: p.executable(), copyOf: p.built()},
		{path: "LICENSE", copyOf: "LICENSE"},
		{path: "README.md", copyOf: "README.md"},
		{path: noticesName, content: notices},
	}); err != nil {
		return err
	}
	if p.os == "windows" {
		return writeFile(filepath.Join(to, name+".zip"), func(w io.Writer) error {
			return writeZip(w, folder, name+"/", r.created)
		})
	}
	return writeFile(filepath.Join(to, name+".tar.gz"), func(w io.Writer) error {
		compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			return err
		}
		return errors.Join(writeTar(compressed, folder, name+"/", r.created), compressed.Close())
	})
}

// writeFile writes a file.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path) //nolint:gosec // below dist
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
