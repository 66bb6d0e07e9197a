package reload

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyARegularFileOfABoundedSizeIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, strings.Repeat("a", maxBytes))
	if content, err := Read(path); err != nil || len(content) != maxBytes {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	write(t, path, strings.Repeat("a", maxBytes+1))
	for name, tt := range map[string]struct{ path, want string }{
		"too large":     {path, "larger than"},
		"not there":     {path + "x", "no such file"},
		"a folder":      {filepath.Dir(path), "must be a regular file"},
		"not to be had": {os.DevNull, "must be a regular file"}, // as a pipe, which has whoever reads it wait, and is empty the second time
	} {
		var e *fs.PathError
		if _, err := Read(tt.path); !errors.As(err, &e) || e.Path != tt.path || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASettingIsWhatItsFilesSayNow(t *testing.T) {
	dir := t.TempDir()
	one, two, beside := filepath.Join(dir, "one"), filepath.Join(dir, "two"), "x"
	parsed := 0
	write(t, one, "a")
	write(t, two, "b")
	spec := Spec[string]{
		Name: "letters", Paths: []string{one, "", two}, Dependency: func() string { return beside },
		Parse: func(contents [][]byte) (string, error) {
			parsed++
			all := fmt.Sprintf("%s,%s,%s,%s", contents[0], contents[1], contents[2], beside)
			if strings.Contains(all, "broken") {
				return all, errors.New(all)
			}
			return all, nil
		},
	}
	f, err := Load(spec)
	if err != nil || f.Name() != "letters" || f.Current() != "a,,b,x" {
		t.Fatalf("got %+v, %v", f, err)
	}
	for _, step := range []struct {
		name    string
		do      func()
		changed bool
		err     string
		now     string
		parsed  int
	}{
		{"nothing", func() {}, false, "", "a,,b,x", 1},
		{"one of the files", func() { write(t, two, "c") }, true, "", "a,,c,x", 2},
		{"what stands beside them", func() { beside = "y" }, true, "", "a,,c,y", 3},
		{"what moves from one file to the other", func() { write(t, one, "ac"); write(t, two, "") }, true, "", "ac,,,y", 4},
		{"broken", func() { write(t, one, "broken") }, false, "broken,,,y", "ac,,,y", 5},
		{"still broken", func() {}, false, "broken,,,y", "ac,,,y", 5},
		{"gone", func() { _ = os.Remove(one) }, false, "the letters cannot be read: open " + one, "ac,,,y", 5},
		{"as it was before it broke", func() { write(t, one, "ac") }, true, "", "ac,,,y", 6},
	} {
		step.do()
		changed, err := f.Reload(t.Context())
		if changed != step.changed || (err == nil) != (step.err == "") || err != nil && !strings.Contains(err.Error(), step.err) {
			t.Errorf("%s: changed %t, %v", step.name, changed, err)
		}
		if f.Current() != step.now || parsed != step.parsed {
			t.Errorf("%s: it is %q, parsed %d times", step.name, f.Current(), parsed)
		}
	}
	beside = "broken"
	if f, err := Load(spec); err == nil || f != nil {
		t.Errorf("what is broken at first: %v, %v", f, err)
	}
}

func TestASettingWithoutFilesStays(t *testing.T) {
	f := Static("a")
	if changed, err := f.Reload(t.Context()); changed || err != nil || f.Current() != "a" {
		t.Errorf("changed %t to %q, %v", changed, f.Current(), err)
	}
}
