package deb

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	unit   = "atlas-restore-gateway.service"
	user   = "_atlas-restore-gateway"
	folder = "../../bin/packages" // of make deb VERSION=1.0.0
	epoch  = "1790000000"         // 2026-09-21

	program = "../../dist/build/linux_amd64/atlas-restore-gateway"
)

// packaged returns the path of the package that make deb has written.
func packaged(arch string) string {
	return filepath.Join(folder, "atlas-restore-gateway_1.0.0-1_"+arch+".deb")
}

// makePackage makes a package of amd64 with the tool, and returns its path.
func makePackage(t *testing.T, version string, environment ...string) string {
	t.Helper()
	out, err := tool(environment, "-version", version, "-arch", "amd64",
		"-program", "dist/build/linux_amd64/atlas-restore-gateway", "-out", t.TempDir(),
		"-maintainer", "Somebody <somebody@example.org>")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(out)
}

// tool runs bin/deb in the root of the repository, and returns what it prints.
func tool(environment []string, args ...string) (string, error) {
	cmd := exec.Command("bin/deb", args...) //nolint:noctx // ends by itself
	cmd.Dir = "../.."
	cmd.Env = append([]string{"SOURCE_DATE_EPOCH=" + epoch}, environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// output runs a command, and returns what it prints.
func output(t *testing.T, command string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), command, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", command, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestPackage_hasTheFieldsOfItsVersionAndArchitecture(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		fields := output(t, "dpkg-deb", "--field", packaged(arch))
		for _, want := range []string{
			"Package: atlas-restore-gateway\n", "Version: 1.0.0-1\n", "Architecture: " + arch + "\n", "Section: net\n",
			"Priority: optional\n", "Depends: ca-certificates, procps, systemd (>= 250)\n",
		} {
			if !strings.Contains(fields, want) {
				t.Errorf("%s has no %q: %s", arch, want, fields)
			}
		}
	}
}

func TestPackage_hasTheseFilesWithTheirModes(t *testing.T) {
	want := map[string]string{
		"./etc/atlas-restore-gateway/":                                    "drwxr-xr-x",
		"./etc/atlas-restore-gateway/config.yaml":                         "-rw-r--r--",
		"./usr/share/atlas-restore-gateway/config.json":                   "-rw-r--r--",
		"./etc/atlas-restore-gateway/secrets/":                            "drwx------",
		"./etc/default/atlas-restore-gateway":                             "-rw-r--r--",
		"./usr/bin/atlas-restore-gateway":                                 "-rwxr-xr-x",
		"./usr/lib/systemd/system/atlas-restore-gateway.service":          "-rw-r--r--",
		"./usr/lib/sysusers.d/atlas-restore-gateway.conf":                 "-rw-r--r--",
		"./usr/share/doc/atlas-restore-gateway/changelog.Debian.gz":       "-rw-r--r--",
		"./usr/share/doc/atlas-restore-gateway/changelog.gz":              "-rw-r--r--",
		"./usr/share/doc/atlas-restore-gateway/copyright":                 "-rw-r--r--",
		"./usr/share/doc/atlas-restore-gateway/examples/credentials.yaml": "-rw-r--r--",
		"./usr/share/lintian/overrides/atlas-restore-gateway":             "-rw-r--r--",
		"./usr/share/man/man1/atlas-restore-gateway.1.gz":                 "-rw-r--r--",
	}
	for _, arch := range []string{"amd64", "arm64"} {
		for line := range strings.Lines(output(t, "dpkg-deb", "--contents", packaged(arch))) {
			fields := strings.Fields(line)
			mode, owner, path := fields[0], fields[1], fields[len(fields)-1]
			if owner != "root/root" {
				t.Errorf("%s: %s belongs to %s", arch, path, owner)
			}
			if wanted, ok := want[path]; ok && mode != wanted || !ok && mode[0] != 'd' {
				t.Errorf("%s: %s has the mode %s, want %q", arch, path, mode, wanted)
			}
		}
		contents := output(t, "dpkg-deb", "--contents", packaged(arch))
		for path := range want {
			if !strings.Contains(contents, " "+path+"\n") {
				t.Errorf("%s has no %s", arch, path)
			}
		}
	}
}

func TestPackage_hasTheStaticProgramOfItsArchitecture(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		root := t.TempDir()
		output(t, "dpkg-deb", "--extract", packaged(arch), root)
		binary, err := elf.Open(filepath.Join(root, "usr/bin/atlas-restore-gateway"))
		if err != nil {
			t.Fatal(err)
		}
		if binary.Machine != machine {
			t.Errorf("the package of %s has a program for %v", arch, binary.Machine)
		}
		if libraries, err := binary.ImportedLibraries(); err == nil && len(libraries) > 0 {
			t.Errorf("the program of %s needs %v", arch, libraries)
		}
		_ = binary.Close()
	}
}

func TestPackage_hasTheSameBytesTwice(t *testing.T) {
	first, err := os.ReadFile(makePackage(t, "1.0.0"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(makePackage(t, "1.0.0", "TZ=Asia/Tokyo", "LC_ALL=C.UTF-8", "TMPDIR="+t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the package has other bytes when it is made again")
	}
}

func TestPackage_datesAllFilesAsTheCommit(t *testing.T) {
	for line := range strings.Lines(output(t, "dpkg-deb", "--contents", makePackage(t, "1.0.0"))) {
		if !strings.Contains(line, " 2026-09-21 ") {
			t.Errorf("another time: %s", line)
		}
	}
}

func TestPackage_ofAPrereleaseIsOlderThanItsRelease(t *testing.T) {
	path := makePackage(t, "1.0.0-rc.1")
	version := strings.TrimSpace(output(t, "dpkg-deb", "--field", path, "Version"))
	output(t, "dpkg", "--compare-versions", version, "lt", "1.0.0-1")
	if want := "atlas-restore-gateway_" + version + "_amd64.deb"; filepath.Base(path) != want {
		t.Errorf("the file is %s, want %s", filepath.Base(path), want)
	}
}

func TestPackage_passesLintian(t *testing.T) {
	// A release sets its maintainer: those of the tests have no mail.
	output(t, "lintian", "--allow-root", "--fail-on=error,warning,info", "--display-info",
		"--suppress-tags=bogus-mail-host,bogus-mail-host-in-debian-changelog", packaged("amd64"))
}

func TestTool_saysWhichOptionIsWrong(t *testing.T) {
	valid := map[string]string{
		"-version": "1.0.0", "-arch": "amd64", "-program": "dist/build/linux_amd64/atlas-restore-gateway",
		"-maintainer": "Somebody <somebody@example.org>",
	}
	for name, tt := range map[string]struct {
		flag, value string
		environment []string
		want        string
	}{
		"no version":          {flag: "-version", want: `-version is "": give three numbers`},
		"a version with v":    {flag: "-version", value: "v1.0.0", want: `-version is "v1.0.0": give three numbers`},
		"half of a version":   {flag: "-version", value: "1.0", want: `-version is "1.0": give three numbers`},
		"unknown arch":        {flag: "-arch", value: "mips", want: `-arch is "mips": give amd64 or arm64`},
		"no program":          {flag: "-program", want: "-program is missing"},
		"missing program":     {flag: "-program", value: "bin/none", want: "bin/none"},
		"no maintainer":       {flag: "-maintainer", want: `-maintainer is "": give NAME <MAIL>`},
		"maintainer, no name": {flag: "-maintainer", value: "a@example.org", want: "-maintainer is"},
		"no time": {
			environment: []string{"SOURCE_DATE_EPOCH="}, want: `SOURCE_DATE_EPOCH is "": set it to seconds`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			args := []string{"-out", out}
			for flag, value := range valid {
				if flag == tt.flag {
					value = tt.value
				}
				args = append(args, flag, value)
			}
			text, err := tool(tt.environment, args...)
			if err == nil || !strings.Contains(text, tt.want) || strings.Count(text, "\n") != 1 {
				t.Errorf("got %v, %s, want one line with %q", err, text, tt.want)
			}
			if left, _ := filepath.Glob(out + "/*"); len(left) > 0 {
				t.Errorf("it has written %v", left)
			}
		})
	}
}

func TestManualPage_namesEveryCommand(t *testing.T) {
	text, err := os.ReadFile("../../deploy/deb/atlas-restore-gateway.1")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^ {4}([a-z-]+) `).FindAllStringSubmatch(help(t), -1)
	if len(commands) < 5 {
		t.Fatalf("only the commands %q were found", commands)
	}
	for _, command := range commands {
		name := strings.ReplaceAll(command[1], "-", `\\-`)
		if !regexp.MustCompile(`(?m)^\.B[IR]? "?` + name + `\b`).Match(text) {
			t.Errorf("the manual page does not describe %s", command[1])
		}
	}
}

// help returns the help of the program.
func help(t *testing.T) string {
	t.Helper()
	return output(t, program, "--help")
}

func TestConfig_isAccepted(t *testing.T) {
	text, err := os.ReadFile("../../deploy/deb/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if first != "# yaml-language-server: $schema=/usr/share/atlas-restore-gateway/config.json" {
		t.Errorf("the first line is %q", first)
	}
	output(t, program, "check-config", "--demo", "--config=../../deploy/deb/config.yaml")

	// With all that is commented out, only the files are missing.
	setting := regexp.MustCompile(`(?m)^#([a-z-]+): `)
	if n := len(setting.FindAll(text, -1)); n < 15 {
		t.Errorf("only %d settings are commented out", n)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "config.yaml")
	if err := os.WriteFile(path, setting.ReplaceAll(text, []byte("$1: ")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "check-config", "--config="+path).CombinedOutput()
	if err == nil {
		t.Error("files are missing, and none is reported")
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, path+":") && !strings.Contains(line, "no such file") {
			t.Errorf("check-config says: %s", line)
		}
	}
}
