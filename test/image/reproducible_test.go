package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copySource copies the files of the repository, those that are not committed included, and nothing of git.
func copySource(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	for _, path := range strings.Split(strings.Trim(string(
		run(t, "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, path))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(to, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, path), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestImage_isTheSameFromAnotherFolderWithoutGit(t *testing.T) {
	source := copySource(t)
	run(t, "make", "-C", source, "image", "VERSION="+variable(t, "VERSION"), "REVISION="+variable(t, "REVISION"),
		"SOURCE_DATE_EPOCH="+variable(t, "SOURCE_DATE_EPOCH"))
	// The digests in the index follow from all that is in the image and in its SBOM.
	want, err := os.ReadFile(filepath.Join(dist, "image/index.json"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(source, "dist/image/index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the index is\n%s, want\n%s", got, want)
	}
}
