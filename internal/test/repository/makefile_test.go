package repository

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// makes runs make with a PATH that has only Go and the given programs, and returns its output.
func makes(t *testing.T, programs map[string]string, args ...string) (output string, failed bool) {
	t.Helper()
	command, err := exec.LookPath("make")
	if err != nil {
		t.Skip("there is no make")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go")
	}
	path := t.TempDir()
	if err := os.Symlink(goCommand, filepath.Join(path, "go")); err != nil {
		t.Fatal(err)
	}
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(path, name), []byte("#!/bin/bash\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = root
	// Without the variables of a make that runs this test, and of its user.
	inherited := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{
			"PATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "CGO_ENABLED", "CC", "RACE",
		}, name)
	})
	cmd.Env = slices.Concat(inherited, []string{"PATH=" + path})
	out, err := cmd.CombinedOutput()
	return string(out), err != nil
}

func TestMake_testsWithoutTheRaceDetectorWhereThereIsNoCCompiler(t *testing.T) {
	for name, tt := range map[string]struct {
		programs map[string]string
		race     bool
	}{
		"a compiler":  {programs: map[string]string{"gcc": ""}, race: true},
		"no compiler": {},
	} {
		for _, target := range []string{"test", "soak", "contract", "e2e-access"} {
			out, failed := makes(t, tt.programs, "-n", target)
			if failed || strings.Contains(out, "go test -race ") != tt.race || !strings.Contains(out, "go test ") {
				t.Errorf("%s, make %s: %s", name, target, out)
			}
			if !strings.Contains(out, `[ -n "`) ||
				strings.Contains(out, `[ -n "" ] || echo "The tests run without the race detector`) == tt.race {
				t.Errorf("%s, make %s does not say that it is without the race detector: %s", name, target, out)
			}
		}
	}
}

func TestMake_buildsAStaticProgramAndSaysThatTheFirstTimeIsSlow(t *testing.T) {
	out, failed := makes(t, nil, "-n", "build")
	say, build := strings.Index(out, "one to three minutes"), strings.Index(out, "CGO_ENABLED=0 go build -trimpath")
	if failed || say < 0 || build < say {
		t.Errorf("make build: %s", out)
	}
}

func TestMake_saysThatNodeIsNeededBeforeItBuilds(t *testing.T) {
	const old = `[ "$1" = --version ] && echo v18.1.0; [ "$1" != -e ]`
	for name, tt := range map[string]struct {
		programs map[string]string
		want     string
	}{
		"no Node": {want: "This needs Node 20 or newer, with npm"},
		"no npm":  {programs: map[string]string{"node": ""}, want: "This needs Node 20 or newer, with npm"},
		"an old Node": {
			programs: map[string]string{"node": old, "npm": ""}, want: "This needs Node 20 or newer, and node is v18.1.0",
		},
	} {
		out, failed := makes(t, tt.programs, "supergraph")
		if !failed || !strings.Contains(out, tt.want) || strings.Contains(out, "go build") {
			t.Errorf("%s: %s", name, out)
		}
	}
}
