package image

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const (
	root    = "../.."
	dist    = root + "/dist"
	program = "usr/bin/atlas-restore-gateway"
)

// architectures are those of the image.
var architectures = []string{"amd64", "arm64"}

// variable returns a variable that make e2e-image sets.
func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run make e2e-image", name)
	}
	return value
}

// run runs a program and returns its standard output.
func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, stderr.Bytes())
	}
	return out
}

// image returns the name of the image for skopeo.
func image(t *testing.T) string {
	t.Helper()
	return layout(variable(t, "VERSION"))
}

// layout returns the name of a part of the layout for skopeo.
func layout(name string) string { return "oci:" + dist + "/image:" + name }

// decode decodes JSON.
func decode[T any](t *testing.T, text []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

// descriptor is what an index or a manifest says of another part.
type descriptor struct {
	MediaType    string
	Digest       string
	Size         int64
	ArtifactType string
	Annotations  map[string]string
	Platform     struct{ OS, Architecture string }
}

// index is an image index.
type index struct {
	MediaType   string
	Manifests   []descriptor
	Annotations map[string]string
}

// images returns the descriptors of the images, by their architectures.
func images(t *testing.T) map[string]descriptor {
	t.Helper()
	found := make(map[string]descriptor)
	for _, d := range decode[index](t, run(t, "skopeo", "inspect", "--raw", image(t))).Manifests {
		found[d.Platform.Architecture] = d
	}
	return found
}

// unpack unpacks the image of an architecture, or another one, and returns the folder of its files.
func unpack(t *testing.T, name, architecture string) string {
	t.Helper()
	dir := t.TempDir()
	run(t, "skopeo", "copy", "--override-arch="+architecture, name, "oci:"+dir+"/layout:image")
	run(t, "umoci", "unpack", "--image", dir+"/layout:image", dir+"/bundle")
	return dir + "/bundle/rootfs"
}

// file is what is compared of a file.
type file struct {
	mode     fs.FileMode
	uid, gid uint32
	content  string
}

// files returns what is in a folder, by paths.
func files(t *testing.T, folder string) map[string]file {
	t.Helper()
	found := make(map[string]file)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		status := info.Sys().(*syscall.Stat_t)
		f := file{mode: info.Mode(), uid: status.Uid, gid: status.Gid}
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f.content = string(content)
		}
		found[name] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
