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

func TestRead_acceptsARegularFileOfABoundedSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, strings.Repeat("a", maxBytes))
	if content, err := Read(path); err != nil || len(content) != maxBytes {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	write(t, path, strings.Repeat("a", maxBytes+1))
	for name, tt := range map[string]struct{ path, want string }{
		"too large": {path: path, want: "larger than"},
		"not there": {path: path + "x", want: "no such file"},
		"a folder":  {path: filepath.Dir(path), want: "must be a regular file"},
		// like a pipe, which blocks its reader and is empty the second time
		"not to be had": {path: os.DevNull, want: "must be a regular file"},
	} {
		var e *fs.PathError
		if _, err := Read(tt.path); !errors.As(err, &e) || e.Path != tt.path || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFiles_reloadChangedFilesAndKeepTheOldValueAfterAnError(t *testing.T) {
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
		{name: "nothing", do: func() {}, now: "a,,b,x", parsed: 1},
		{name: "one of the files", do: func() { write(t, two, "c") }, changed: true, now: "a,,c,x", parsed: 2},
		{name: "what stands beside them", do: func() { beside = "y" }, changed: true, now: "a,,c,y", parsed: 3},
		{
			name: "what moves from one file to the other", do: func() { write(t, one, "ac"); write(t, two, "") }, changed: true,
			now: "ac,,,y", parsed: 4,
		},
		{name: "broken", do: func() { write(t, one, "broken") }, err: "broken,,,y", now: "ac,,,y", parsed: 5},
		{name: "still broken", do: func() {}, err: "broken,,,y", now: "ac,,,y", parsed: 5},
		{
			name: "gone", do: func() { _ = os.Remove(one) }, err: "the letters cannot be read: open " + one, now: "ac,,,y",
			parsed: 5,
		},
		{name: "as it was before it broke", do: func() { write(t, one, "ac") }, changed: true, now: "ac,,,y", parsed: 6},
	} {
		step.do()
		changed, err := f.Reload(t.Context())
		if changed != step.changed || (err == nil) != (step.err == "") ||
			err != nil && !strings.Contains(err.Error(), step.err) {
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

func TestStatic_doesNotChange(t *testing.T) {
	f := Static("a")
	if changed, err := f.Reload(t.Context()); changed || err != nil || f.Current() != "a" {
		t.Errorf("changed %t to %q, %v", changed, f.Current(), err)
	}
}
