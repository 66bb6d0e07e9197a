package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestDependency_isAllowedWithATextOfAKnownLicense(t *testing.T) {
	for name, tt := range map[string]struct {
		dependency dependency
		want       string // a part of the error; "" for none
	}{
		"one license":   {dependency: dependency{licenses: []string{"MIT"}, text: "text"}},
		"two":           {dependency: dependency{licenses: []string{"Apache-2.0", "MPL-2.0"}, text: "text"}},
		"no text":       {dependency: dependency{licenses: []string{"MIT"}, text: " \n"}, want: "has no license file"},
		"none is known": {dependency: dependency{text: "text"}, want: "is not known"},
		"not allowed": {
			dependency: dependency{licenses: []string{"MIT", "GPL-3.0"}, text: "text"}, want: "the license GPL-3.0, which",
		},
		"a choice is not made here": {
			dependency: dependency{licenses: []string{"(MIT OR GPL-3.0)"}, text: "text"}, want: "(MIT OR GPL-3.0)",
		},
	} {
		err := tt.dependency.allowed()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestReadLicenses_readsLicensesAndNoticesOfEachFolder(t *testing.T) {
	own, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	license := strings.TrimSpace(string(own))
	apache := []string{"Apache-2.0"}
	for name, tt := range map[string]struct {
		files    map[string]string
		licenses []string
		text     string
		failed   bool
	}{
		"none":      {files: map[string]string{"README": license}},
		"a license": {files: map[string]string{"LICENSE.md": license}, licenses: apache, text: license},
		"British":   {files: map[string]string{"licence": license}, licenses: apache, text: license},
		"with a notice": {
			files: map[string]string{"LICENSE": license, "NOTICE": "by us"}, licenses: apache,
			text: license + "\n\nby us",
		},
		"a notice alone is no license": {files: map[string]string{"NOTICE": "by us"}, text: "by us"},
		"of two folders": {
			files: map[string]string{"LICENSE": license, "inner/COPYING": license}, licenses: apache,
			text: license + "\n\n" + license,
		},
		"code":      {files: map[string]string{"license.go": "package license"}},
		"not known": {files: map[string]string{"LICENSE": "You may read this on Sundays."}, failed: true},
	} {
		folder := t.TempDir()
		folders := []string{folder}
		for path, content := range tt.files {
			path = filepath.Join(folder, path)
			if dir := filepath.Dir(path); dir != folder {
				folders = append(folders, dir)
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d, err := readLicenses("example.com/m", "v1.0.0", folders)
		if (err != nil) != tt.failed {
			t.Errorf("%s: %v", name, err)
		}
		if !tt.failed && (len(d.licenses)+len(tt.licenses) > 0 && !reflect.DeepEqual(d.licenses, tt.licenses) ||
			d.text != strings.TrimSpace(tt.text) || d.purl != "pkg:golang/example.com/m@v1.0.0?type=module") {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

func TestParseLicenses_readsTheListOfVite(t *testing.T) {
	list := "# Licenses\n\nThe app bundles:\n\n## @a/b - 1.0.0 (MIT)\n\nMIT License\n\n## c\n\n## d - 2.0.0-rc.1 (ISC)\n"
	want := []dependency{
		{
			name: "@a/b", version: "1.0.0", purl: "pkg:npm/%40a/b@1.0.0", licenses: []string{"MIT"},
			text: "MIT License\n\n## c",
		},
		{
			name: "d", version: "2.0.0-rc.1", purl: "pkg:npm/d@2.0.0-rc.1", licenses: []string{"ISC"},
			text: "The package has no license file. Its package.json states ISC.",
		},
	}
	got, err := parseLicenses(list)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, error %v, want %+v", got, err, want)
	}
	if _, err := parseLicenses("# Licenses\n"); err == nil {
		t.Error("an empty list is no error")
	}
}

func TestAddNotices_addsThemToTheTextOfTheirPackage(t *testing.T) {
	packages := []dependency{{name: "@a/b", version: "1.0.0", text: "MIT"}, {name: "c", version: "2.0.0", text: "ISC"}}
	list := "<!-- c@2.0.0 -->\n\nhas d\n\n<!-- @a/b@1.0.0 -->\n\nhas e\n"
	if err := addNotices(packages, list); err != nil {
		t.Fatal(err)
	}
	if packages[0].text != "MIT\n\nhas e" || packages[1].text != "ISC\n\nhas d" {
		t.Errorf("got %+v", packages)
	}
	if err := addNotices(packages, "<!-- f@1.0.0 -->\n\nhas g\n"); err == nil {
		t.Error("a package that is in no list is no error")
	}
}
