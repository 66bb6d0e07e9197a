package app

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestREADMEHasEveryFlagAndEveryCode(t *testing.T) {
	readme := readFile(t, "README.md")
	var help strings.Builder
	if err := Run(t.Context(), []string{"--help"}, nil, &help, io.Discard); err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`--(?:\[no-\])?([a-z0-9-]+)`).FindAllStringSubmatch(help.String(), -1)
	for _, flag := range flags {
		if name := flag[1]; name != "help" && !strings.Contains(readme, "| `--"+name+"` |") {
			t.Errorf("README has no row for --%s", name)
		}
	}
	checkDefaults(t, readme, help.String())
	codes := regexp.MustCompile(`= "([A-Z_]+)"`).FindAllStringSubmatch(readFile(t, "internal/gateway/codes.go"), -1)
	for _, code := range codes {
		if !strings.Contains(readme, "`"+code[1]+"`") {
			t.Errorf("README does not say what %s is", code[1])
		}
	}
	if len(flags) < 40 || len(codes) < 25 {
		t.Errorf("only %d flags and %d codes were found", len(flags), len(codes))
	}
}

// checkDefaults wants each default of the help in README's row of the flag.
func checkDefaults(t *testing.T, readme, help string) {
	t.Helper()
	defaults := regexp.MustCompile(`\[default: ([^ ,;\]]+)[^\]]*; GATEWAY_([A-Z0-9_]+)\]`)
	found := defaults.FindAllStringSubmatch(strings.Join(strings.Fields(help), " "), -1)
	for _, flag := range found {
		name := strings.ToLower(strings.ReplaceAll(flag[2], "_", "-"))
		rows := regexp.MustCompile("(?m)^\\| `--"+name+"` \\| ([^|]*) \\|").FindAllStringSubmatch(readme, -1)
		said := make([]string, 0, len(rows))
		for _, row := range rows {
			said = append(said, strings.ReplaceAll(row[1], "`", ""))
		}
		agrees := func(text string) bool {
			return strings.HasPrefix(text, flag[1]) || flag[1] == "none" && (text == "–" || text == "off")
		}
		if !slices.ContainsFunc(said, agrees) {
			t.Errorf("--%s is %s by default, README says %q", name, flag[1], said)
		}
	}
	if len(found) < 40 {
		t.Errorf("only %d defaults were found", len(found))
	}
}
