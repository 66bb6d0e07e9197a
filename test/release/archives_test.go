package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"debug/pe"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	root    = "../.."
	program = "atlas-restore-gateway"
	notices = "THIRD-PARTY-NOTICES"
)

// variable returns a variable that make e2e-release sets.
func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run make e2e-release", name)
	}
	return value
}

// folder returns the folder of the release.
func folder(t *testing.T) string {
	t.Helper()
	return filepath.Join(root, "dist", variable(t, "VERSION"))
}

// name returns the name of a part of the release, without an extension.
func name(t *testing.T, part string) string {
	t.Helper()
	return program + "_" + variable(t, "VERSION") + "_" + part
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

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// entry is what is in an archive.
type entry struct {
	mode    fs.FileMode
	content string
}

// created returns the time that all entries of archives have.
func created(t *testing.T) time.Time {
	t.Helper()
	seconds, err := strconv.ParseInt(variable(t, "SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0)
}

// untar returns what is in a tar file.
func untar(t *testing.T, archive io.Reader) map[string]entry {
	t.Helper()
	entries := make(map[string]entry)
	for files := tar.NewReader(archive); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 0 || header.Gid != 0 || header.Uname != "" || !header.ModTime.Equal(created(t)) {
			t.Errorf("%s belongs to %d:%d and is of %s", header.Name, header.Uid, header.Gid, header.ModTime)
		}
		entries[header.Name] = entry{mode: header.FileInfo().Mode(), content: string(content)}
	}
}

// open returns what is in the archive of a platform.
func open(t *testing.T, platform string) map[string]entry {
	t.Helper()
	path := filepath.Join(folder(t), name(t, platform))
	if strings.HasPrefix(platform, "windows_") {
		return unzip(t, path+".zip")
	}
	compressed, err := gzip.NewReader(strings.NewReader(read(t, path+".tar.gz")))
	if err != nil {
		t.Fatal(err)
	}
	return untar(t, compressed)
}

func unzip(t *testing.T, path string) map[string]entry {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = archive.Close() })
	entries := make(map[string]entry)
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if !file.Modified.Equal(created(t)) {
			t.Errorf("%s is of %s", file.Name, file.Modified)
		}
		entries[file.Name] = entry{mode: file.Mode(), content: string(content)}
	}
	return entries
}

// executables are the names of the program on the platforms of the test.
var executables = map[string]string{"linux_amd64": program, "windows_amd64": program + ".exe"}

func TestRelease_hasTheseFilesAndTheirChecksums(t *testing.T) {
	want := []string{
		"SHA256SUMS", notices, name(t, "image.tar"),
		name(t, "linux_amd64.cdx.json"), name(t, "linux_amd64.tar.gz"),
		name(t, "windows_amd64.cdx.json"), name(t, "windows_amd64.zip"),
	}
	files, err := os.ReadDir(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		found = append(found, file.Name())
	}
	if !slices.Equal(found, want) {
		t.Errorf("the files are %v, want %v", found, want)
	}
	out := string(run(t, "env", "-C", folder(t), "sha256sum", "--check", "--strict", "SHA256SUMS"))
	if checked := strings.Count(out, ": OK"); checked != len(want)-1 {
		t.Errorf("%d files have checksums, want %d", checked, len(want)-1)
	}
}

func TestArchives_haveTheProgramAndTheLicensesInOneFolder(t *testing.T) {
	for platform, executable := range executables {
		entries := open(t, platform)
		top := name(t, platform) + "/"
		modes := make(map[string]fs.FileMode)
		for path, entry := range entries {
			modes[path] = entry.mode
		}
		want := map[string]fs.FileMode{
			top + executable: 0o755, top + "LICENSE": 0o644, top + "README.md": 0o644, top + notices: 0o644,
		}
		if !maps.Equal(modes, want) {
			t.Errorf("%s: the files are %v, want %v", platform, modes, want)
		}
		for path, source := range map[string]string{
			"LICENSE": root + "/LICENSE", "README.md": root + "/README.md", notices: filepath.Join(folder(t), notices),
		} {
			if entries[top+path].content != read(t, source) {
				t.Errorf("%s: %s is another file", platform, path)
			}
		}
	}
}

func TestArchives_programIsThatOfThePlatformAndTellsItsVersion(t *testing.T) {
	unpacked := filepath.Join(t.TempDir(), program)
	built := open(t, "linux_amd64")[name(t, "linux_amd64")+"/"+program].content
	if err := os.WriteFile(unpacked, []byte(built), 0o700); err != nil {
		t.Fatal(err)
	}
	want := program + " " + variable(t, "VERSION") + "\nrevision " + variable(t, "REVISION") + "\n"
	if out := string(run(t, unpacked, "version")); !strings.HasPrefix(out, want) {
		t.Errorf("the program tells %q, want %q", out, want)
	}

	built = open(t, "windows_amd64")[name(t, "windows_amd64")+"/"+program+".exe"].content
	executable, err := pe.NewFile(strings.NewReader(built))
	if err != nil {
		t.Fatal(err)
	}
	if executable.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
		t.Errorf("the program for Windows is of machine %#x", executable.Machine)
	}
}

func TestArchives_modulesAreInTheNoticesAndInTheSBOM(t *testing.T) {
	text := read(t, filepath.Join(folder(t), notices))
	for platform, executable := range executables {
		built := open(t, platform)[name(t, platform)+"/"+executable].content
		info, err := buildinfo.Read(strings.NewReader(built))
		if err != nil {
			t.Fatal(err)
		}
		var sbom struct {
			Components []struct {
				Name    string `json:"name"`
				Version string `json:"version"`
			} `json:"components"`
		}
		document := read(t, filepath.Join(folder(t), name(t, platform)+".cdx.json"))
		if err := json.Unmarshal([]byte(document), &sbom); err != nil {
			t.Fatal(err)
		}
		listed := make(map[string]bool)
		for _, component := range sbom.Components {
			listed[component.Name+" "+component.Version] = true
			if !strings.Contains(text, "\n"+component.Name+" "+component.Version+" (") {
				t.Errorf("%s %s is in the SBOM and has no notice", component.Name, component.Version)
			}
		}
		for _, module := range info.Deps {
			if !listed[module.Path+" "+module.Version] {
				t.Errorf("%s: the SBOM does not list %s %s", platform, module.Path, module.Version)
			}
		}
		if len(info.Deps) < 20 || len(sbom.Components) < len(info.Deps)+50 {
			t.Errorf("%s: %d modules, %d components", platform, len(info.Deps), len(sbom.Components))
		}
	}
}

func TestNotices_haveATextForEachDependency(t *testing.T) {
	parts := strings.Split(read(t, filepath.Join(folder(t), notices)), "\n"+strings.Repeat("=", 80)+"\n")[1:]
	for _, part := range parts {
		heading, text, _ := strings.Cut(part, "\n")
		if len(strings.Fields(text)) < 10 {
			t.Errorf("%s has no text", heading)
		}
	}
	for _, want := range []string{
		"Copyright", "Mozilla Public License, version 2.0", "\nstd go1.", "\nreact 19.",
		"nodejs path library", // which is in monaco-editor
	} {
		if !strings.Contains(strings.Join(parts, "\n"), want) {
			t.Errorf("the notices do not have %q", want)
		}
	}
}

func TestImageArchive_isTheLayout(t *testing.T) {
	entries := untar(t, strings.NewReader(read(t, filepath.Join(folder(t), name(t, "image.tar")))))
	for _, path := range []string{"index.json", "oci-layout"} {
		if entries[path].content != read(t, filepath.Join(root, "dist/image", path)) {
			t.Errorf("%s is another file", path)
		}
	}
	blobs := 0
	for path := range entries {
		if strings.HasPrefix(path, "blobs/sha256/") && !strings.HasSuffix(path, "/") {
			blobs++
		}
	}
	// The index; for each platform the manifest, config and layer, and the SBOM with its manifest and index; one config
	// that all SBOMs have.
	if want := 1 + 2*6 + 1; blobs != want {
		t.Errorf("it has %d blobs, want %d", blobs, want)
	}
}
