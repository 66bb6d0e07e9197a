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

func TestConfigurationGuide_hasARowForEveryFlag(t *testing.T) {
	guide := readFile(t, "docs/configuration.md")
	var help strings.Builder
	if err := Run(t.Context(), []string{"--help"}, nil, &help, io.Discard); err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`--(?:\[no-\])?([a-z0-9-]+)`).FindAllStringSubmatch(help.String(), -1)
	for _, flag := range flags {
		if name := flag[1]; name != "help" && name != "json" && !strings.Contains(guide, "| `--"+name+"` |") {
			t.Errorf("docs/configuration.md has no row for --%s", name)
		}
	}
	checkDefaults(t, guide, help.String())
	if len(flags) < 40 {
		t.Errorf("the help has only %d flags", len(flags))
	}
}

func TestQueryingGuide_explainsEveryErrorCode(t *testing.T) {
	guide := readFile(t, "docs/querying.md")
	codes := regexp.MustCompile(`= "([A-Z_]+)"`).FindAllStringSubmatch(readFile(t, "internal/gateway/codes.go"), -1)
	for _, code := range codes {
		if !strings.Contains(guide, "`"+code[1]+"`") {
			t.Errorf("docs/querying.md does not explain %s", code[1])
		}
	}
	if len(codes) < 25 {
		t.Errorf("internal/gateway/codes.go has only %d codes", len(codes))
	}
}

func TestREADME_showsTheResponseToItsQuery(t *testing.T) {
	readme := readFile(t, "README.md")
	shown := regexp.MustCompile("(?s)curl http://127.0.0.1:8080/graphql .*?-d '(.*?)'\n```\n\n```json\n(.*?)\n```").FindStringSubmatch(readme)
	if shown == nil {
		t.Fatal("README shows no query with its response")
	}
	p := start(t, nil, "--demo")
	if _, response := p.post(t, shown[1]); strings.TrimSpace(response) != shown[2] {
		t.Errorf("the response is %s, README shows %s", response, shown[2])
	}
}

// checkDefaults compares each default of the help with the guide's row of the flag.
func checkDefaults(t *testing.T, guide, help string) {
	t.Helper()
	defaults := regexp.MustCompile(`\[default: ([^ ,;\]]+)[^\]]*; GATEWAY_([A-Z0-9_]+)\]`)
	found := defaults.FindAllStringSubmatch(strings.Join(strings.Fields(help), " "), -1)
	for _, flag := range found {
		name := strings.ToLower(strings.ReplaceAll(flag[2], "_", "-"))
		rows := regexp.MustCompile("(?m)^\\| `--"+name+"` \\| ([^|]*) \\|").FindAllStringSubmatch(guide, -1)
		said := make([]string, 0, len(rows))
		for _, row := range rows {
			said = append(said, strings.ReplaceAll(row[1], "`", ""))
		}
		agrees := func(text string) bool {
			return strings.HasPrefix(text, flag[1]) || flag[1] == "none" && (text == "–" || text == "off")
		}
		if !slices.ContainsFunc(said, agrees) {
			t.Errorf("--%s is %s by default, docs/configuration.md says %q", name, flag[1], said)
		}
	}
	if len(found) < 40 {
		t.Errorf("only %d defaults were found", len(found))
	}
}
