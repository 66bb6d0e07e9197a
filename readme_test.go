package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestREADMEHasEveryFlagAndEveryCode(t *testing.T) {
	readme := readFile(t, "README.md")
	var help strings.Builder
	if err := run(t.Context(), []string{"--help"}, func(string) string { return "" }, &help, io.Discard); err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`--(?:\[no-\])?([a-z0-9-]+)`).FindAllStringSubmatch(help.String(), -1)
	for _, flag := range flags {
		if name := flag[1]; name != "help" && !strings.Contains(readme, "| `--"+name+"` |") {
			t.Errorf("README has no row for --%s", name)
		}
	}
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
