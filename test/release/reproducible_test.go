package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// copySource copies the files of the repository, those that are not committed included, and nothing of git.
func copySource(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	list := run(t, "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for path := range strings.SplitSeq(strings.Trim(string(list), "\x00"), "\x00") {
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

func TestRelease_isTheSameFromAnotherFolderWithoutGit(t *testing.T) {
	source := copySource(t)
	version := variable(t, "VERSION")
	run(t, "make", "-C", source, "release", "VERSION="+version, "REVISION="+variable(t, "REVISION"),
		"SOURCE_DATE_EPOCH="+variable(t, "SOURCE_DATE_EPOCH"), "RELEASE_PLATFORMS="+variable(t, "RELEASE_PLATFORMS"),
		"RELEASE_PACKAGES=")
	want := read(t, filepath.Join(folder(t), "SHA256SUMS"))
	if got := read(t, filepath.Join(source, "dist", version, "SHA256SUMS")); got != want {
		t.Errorf("the checksums are\n%s, want\n%s", got, want)
	}
}

func TestRelease_isRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		variables []string
		want      string
	}{
		"without a version":             {variables: []string{"REVISION=1"}, want: "make release VERSION=1.0.0"},
		"of files that are uncommitted": {variables: []string{"VERSION=1.0.0", "REVISION=1-dirty"}, want: "Commit"},
	} {
		// Without the variables of the make that runs this test.
		cmd := exec.CommandContext(t.Context(), "env", append([]string{
			"-u", "MAKEFLAGS", "-u", "VERSION", "-u", "REVISION", "make", "-C", root, "check-release",
		}, tt.variables...)...)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("%s: %v: %s, want %s", name, err, out, tt.want)
		}
	}
}
