package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// allowedLicenses are the licenses, by their SPDX identifiers, of what a release may contain. All of them allow the
// program to be given away in binary form under its own license, if their texts go with it; MPL-2.0 asks to say where
// the source code is, too.
var allowedLicenses = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

// dependency is a Go module or an npm package that is in the program or in the image.
type dependency struct {
	name     string
	version  string
	purl     string   // package URL
	licenses []string // SPDX identifiers
	text     string   // of its license files
}

// allowed returns an error if a license of the dependency is not allowed, or its text is missing.
func (d dependency) allowed() error {
	if strings.TrimSpace(d.text) == "" {
		return fmt.Errorf("%s %s has no license file", d.name, d.version)
	}
	if len(d.licenses) == 0 {
		return fmt.Errorf("the license of %s %s is not known from its text", d.name, d.version)
	}
	for _, license := range d.licenses {
		if !slices.Contains(allowedLicenses, license) {
			return fmt.Errorf("%s %s has the license %s, which is none of %s: read it, then do without it or allow it in "+
				"tools/release", d.name, d.version, license, strings.Join(allowedLicenses, ", "))
		}
	}
	return nil
}

// checkAllowed returns the dependencies, or all errors of dependency.allowed.
func checkAllowed(dependencies []dependency) ([]dependency, error) {
	errs := make([]error, 0, len(dependencies))
	for _, d := range dependencies {
		errs = append(errs, d.allowed())
	}
	return dependencies, errors.Join(errs...)
}

// goModules returns the modules that the program of the platform is built from, in the order of its build information,
// and after them the standard library. Their license files are those in the folders of the packages that are compiled,
// and in the folders around them.
func goModules(ctx context.Context, p platform) ([]dependency, error) {
	info, err := buildinfo.ReadFile(p.built())
	if err != nil {
		return nil, err
	}
	folders, root, err := packageFolders(ctx, p)
	if err != nil {
		return nil, err
	}
	modules := make([]dependency, 0, len(info.Deps)+1)
	for _, module := range info.Deps {
		if module.Replace != nil {
			return nil, fmt.Errorf("%s is replaced by %s: release with the module itself", module.Path, module.Replace.Path)
		}
		d, err := readLicenses(module.Path, module.Version, folders[module.Path+"@"+module.Version])
		if err != nil {
			return nil, err
		}
		modules = append(modules, d)
	}
	std, err := readLicenses("std", info.GoVersion, []string{root})
	if err != nil {
		return nil, err
	}
	return checkAllowed(append(modules, std))
}

// packageFolders returns the folders of the packages of each module, a key PATH@VERSION, that are compiled for the
// platform, with those around them up to the folder of the module; and the folder of Go itself.
func packageFolders(ctx context.Context, p platform) (folders map[string][]string, root string, err error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Dir,Root,Module", ".")
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, "", fmt.Errorf("go list: %w", err)
	}
	folders = make(map[string][]string)
	packages := json.NewDecoder(bytes.NewReader(out))
	for {
		var pkg struct {
			Dir    string `json:"Dir"`
			Root   string `json:"Root"`
			Module *struct {
				Path    string `json:"Path"`
				Version string `json:"Version"`
				Dir     string `json:"Dir"`
				Main    bool   `json:"Main"`
			} `json:"Module"`
		}
		if err := packages.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, "", fmt.Errorf("go list: %w", err)
		}
		if pkg.Module == nil {
			root = pkg.Root // the standard library
			continue
		}
		if pkg.Module.Main {
			continue
		}
		key := pkg.Module.Path + "@" + pkg.Module.Version
		for dir := pkg.Dir; !slices.Contains(folders[key], dir); dir = filepath.Dir(dir) {
			folders[key] = append(folders[key], dir)
			if dir == pkg.Module.Dir {
				break
			}
		}
	}
	for _, dirs := range folders {
		slices.Sort(dirs)
	}
	return folders, root, nil
}

var (
	licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)
	// noticeFile is what an Apache license asks to pass on, and grants of patents.
	noticeFile = regexp.MustCompile(`(?i)^(notice|patents)([.-].*)?$`)
)

// readLicenses returns the module with the license files in the folders.
func readLicenses(path, version string, folders []string) (dependency, error) {
	d := dependency{name: path, version: version, purl: "pkg:golang/" + path + "@" + version + "?type=module"}
	var text strings.Builder
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return d, err
		}
		for _, entry := range entries {
			license := licenseFile.MatchString(entry.Name())
			if entry.IsDir() || strings.HasSuffix(entry.Name(), ".go") || !license && !noticeFile.MatchString(entry.Name()) {
				continue
			}
			content, err := os.ReadFile(filepath.Join(folder, entry.Name())) //nolint:gosec // of a module
			if err != nil {
				return d, err
			}
			if license {
				ids, err := licensesIn(content)
				if err != nil {
					return d, fmt.Errorf("%s %s: %s: %w", path, version, entry.Name(), err)
				}
				d.licenses = append(d.licenses, ids...)
			}
			fmt.Fprintf(&text, "%s\n\n", bytes.TrimSpace(content))
		}
	}
	slices.Sort(d.licenses)
	d.licenses = slices.Compact(d.licenses)
	d.text = strings.TrimSpace(text.String())
	return d, nil
}

// leastCoverage is the part of a license file, in percent, that must be the text of known licenses. The rest is whose
// copyright it is.
const leastCoverage = 75

// licensesIn returns the SPDX identifiers of the licenses in a text.
func licensesIn(text []byte) ([]string, error) {
	coverage := licensecheck.Scan(text)
	if coverage.Percent < leastCoverage {
		return nil, fmt.Errorf("only %.0f%% of it is the text of a known license", coverage.Percent)
	}
	ids := make([]string, 0, len(coverage.Match))
	for _, match := range coverage.Match {
		ids = append(ids, match.ID)
	}
	return ids, nil
}

// npmPackages returns the npm packages that are in the pages which the program embeds, sorted by name and version: vite
// has written a list of those that it bundled, with their licenses, beside each page. The notices of those that have
// others in them follow the license.
func npmPackages() ([]dependency, error) {
	lists, err := filepath.Glob("internal/web/*/files/*/licenses.md.gz")
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, errors.New("no page has a licenses.md: run make pages at the root of the repository")
	}
	var packages []dependency
	for _, path := range lists {
		list, err := readGzip(path)
		if err != nil {
			return nil, err
		}
		bundled, err := parseLicenses(list)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		packages = append(packages, bundled...)
	}
	notices, err := filepath.Glob("internal/web/*/files/*/notices.md.gz")
	if err != nil {
		return nil, err
	}
	for _, path := range notices {
		list, err := readGzip(path)
		if err != nil {
			return nil, err
		}
		if err := addNotices(packages, list); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	key := func(a, b dependency) int { return strings.Compare(a.name+"@"+a.version, b.name+"@"+b.version) }
	slices.SortStableFunc(packages, key)
	packages = slices.CompactFunc(packages, func(a, b dependency) bool { return key(a, b) == 0 })
	return checkAllowed(packages)
}

// npmHeading is the heading of a package in vite's list: name, version, license.
var npmHeading = regexp.MustCompile(`(?m)^## (\S+) - (\S+) \((.+)\)$`)

// parseLicenses returns the packages of a list that vite has written. Some npm packages have no license file; what
// their authors have declared is all that can be passed on.
func parseLicenses(list string) ([]dependency, error) {
	headings := npmHeading.FindAllStringSubmatchIndex(list, -1)
	if len(headings) == 0 {
		return nil, errors.New("this is no list of licenses as vite writes it")
	}
	packages := make([]dependency, 0, len(headings))
	for i, at := range headings {
		end := len(list)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		name, version, license := list[at[2]:at[3]], list[at[4]:at[5]], list[at[6]:at[7]]
		text := strings.TrimSpace(list[at[1]:end])
		if text == "" {
			text = "The package has no license file. Its package.json states " + license + "."
		}
		packages = append(packages, dependency{
			name: name, version: version, purl: "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + version,
			licenses: []string{license}, text: text,
		})
	}
	return packages, nil
}

// noticeHeading stands before the notices of a package.
var noticeHeading = regexp.MustCompile(`(?m)^<!-- (\S+)@(\S+) -->$`)

// addNotices adds notices to the texts of the packages.
func addNotices(packages []dependency, list string) error {
	headings := noticeHeading.FindAllStringSubmatchIndex(list, -1)
	for i, at := range headings {
		end := len(list)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		name, version := list[at[2]:at[3]], list[at[4]:at[5]]
		found := slices.IndexFunc(packages, func(d dependency) bool { return d.name == name && d.version == version })
		if found < 0 {
			return fmt.Errorf("%s %s has notices, but is in no list of licenses", name, version)
		}
		packages[found].text += "\n\n" + strings.TrimSpace(list[at[1]:end])
	}
	return nil
}

func readGzip(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // of this repository
	if err != nil {
		return "", err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	text, err := io.ReadAll(unpacked)
	return string(text), err
}
