package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents returns the path of each Markdown document, and its text.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts[path] = string(text)
		}
	}
	return texts
}

// anchors returns the anchors that GitHub makes of the headings of a document.
func anchors(text string) []string {
	var names []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")
		names = append(names, regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(name, ""))
	}
	return names
}

func TestDocuments_linksLeadToFilesAndHeadings(t *testing.T) {
	texts := documents(t)
	link := regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)
	checked := 0
	for path, text := range texts {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, anchor := found[1], found[2]
			if strings.Contains(target, "://") {
				continue
			}
			checked++
			to := path
			if target != "" {
				to = filepath.Join(filepath.Dir(path), target)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which does not exist", path, target)
			}
			if anchor != "" && !slices.Contains(anchors(texts[to]), anchor) {
				t.Errorf("%s links to %s#%s, which is no heading", path, target, anchor)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d links were found", checked)
	}
}

func TestDocuments_nameFilesThatExist(t *testing.T) {
	path := regexp.MustCompile("`((?:\\.ci|deploy|docs|examples|graph|internal|schema|test|tools|web)/[\\w./-]*)`")
	checked := 0
	for document, text := range documents(t) {
		if filepath.Base(document) == "CHANGELOG.md" || strings.Contains(document, "examples/") {
			continue
		}
		for _, found := range path.FindAllStringSubmatch(text, -1) {
			checked++
			if _, err := os.Stat(filepath.Join(root, found[1])); err != nil && !strings.Contains(found[1], "released/") {
				t.Errorf("%s names %s, which does not exist", document, found[1])
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d paths were found", checked)
	}
}

func TestREADME_isShort(t *testing.T) {
	if size := len(documents(t)[filepath.Join(root, "README.md")]); size == 0 || size > 10_000 {
		t.Errorf("README.md has %d bytes, want at most 10000", size)
	}
}

func TestREADME_linksToEveryDocument(t *testing.T) {
	texts := documents(t)
	readme := texts[filepath.Join(root, "README.md")]
	for path := range texts {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		if name != "README.md" && !strings.HasPrefix(name, "examples/") && !strings.Contains(readme, "]("+name+")") {
			t.Errorf("README.md does not link to %s", name)
		}
	}
}

func TestDocuments_showEveryScreenshot(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, "docs/screenshots/*.png"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatal("there are no screenshots")
	}
	guide := documents(t)[filepath.Join(root, "docs/querying.md")]
	for _, path := range paths {
		if !strings.Contains(guide, "](screenshots/"+filepath.Base(path)+")") {
			t.Errorf("docs/querying.md does not show %s", path)
		}
	}
}
