// Command deb writes the Debian package of the gateway: the program, its systemd unit, its configuration and its
// documents. It runs on any system, and the same source, program, version and time give the same bytes.
//
//	SOURCE_DATE_EPOCH=SECONDS deb -version 1.2.3 -arch amd64 -program FILE -maintainer 'NAME <MAIL>' -out FOLDER
//
// It runs in the root of the repository, and prints the path of the package. SOURCE_DATE_EPOCH is the time of all files
// in the package, as reproducible-builds.org specifies it.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
)

const name = "atlas-restore-gateway"

func main() {
	if err := run(os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "deb:", err)
		os.Exit(1)
	}
}

// options are the flags of the command, and the time of the files.
type options struct {
	version, arch, program, maintainer, out string
	time                                    time.Time
}

func run(args []string, epoch string, stdout io.Writer) error {
	var o options
	flags := flag.NewFlagSet("deb", flag.ContinueOnError)
	flags.StringVar(&o.version, "version", "", "version of the gateway, such as 1.2.3 or 1.3.0-rc.1")
	flags.StringVar(&o.arch, "arch", "", "architecture: amd64 or arm64")
	flags.StringVar(&o.program, "program", "", "built program")
	flags.StringVar(&o.maintainer, "maintainer", "", "who answers for the package, as NAME <MAIL>")
	flags.StringVar(&o.out, "out", "dist", "folder to write the package to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := o.check(epoch); err != nil {
		return err
	}
	path, err := write(o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, path)
	return err
}

// check returns an error that names the first option that is missing or malformed, and reads epoch.
func (o *options) check(epoch string) error {
	if _, err := semver.StrictNewVersion(o.version); err != nil {
		return fmt.Errorf("-version is %q: give three numbers, such as 1.2.3 or 1.3.0-rc.1 (%w)", o.version, err)
	}
	if !slices.Contains([]string{"amd64", "arm64"}, o.arch) {
		return fmt.Errorf("-arch is %q: give amd64 or arm64", o.arch)
	}
	if address, err := mail.ParseAddress(o.maintainer); err != nil || address.Name == "" {
		return fmt.Errorf("-maintainer is %q: give NAME <MAIL>, as the field Maintainer of a package has it", o.maintainer)
	}
	if o.program == "" {
		return errors.New("-program is missing: name the built program")
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH is %q: set it to seconds, as git log -1 --format=%%ct prints them", epoch)
	}
	o.time = time.Unix(seconds, 0).UTC()
	return nil
}

// write writes the package, and returns its path. It replaces the file at once, so that none is ever incomplete.
func write(o options) (string, error) {
	generated, err := os.MkdirTemp("", name)
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(generated) }()
	info, err := describe(o, generated)
	if err != nil {
		return "", err
	}
	var content bytes.Buffer
	if err := deb.Default.Package(info, &content); err != nil {
		return "", fmt.Errorf("the package cannot be made: %w", err)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil { //nolint:gosec // what is released is for everyone
		return "", err
	}
	path := filepath.Join(o.out, deb.Default.ConventionalFileName(info))
	if err := os.WriteFile(path+".part", content.Bytes(), 0o644); err != nil { //nolint:gosec // as above
		return "", err
	}
	return path, os.Rename(path+".part", path)
}

// describe returns the package. Files that are made for it are written to the folder generated, and are read when the
// package is made.
func describe(o options, generated string) (*nfpm.Info, error) {
	info := nfpm.WithDefaults(&nfpm.Info{
		Name:       name,
		Arch:       o.arch,
		Platform:   "linux",
		Version:    o.version,
		Release:    "1",
		Section:    "net",
		Maintainer: o.maintainer,
		MTime:      o.time,
		License:    "Apache-2.0",
		Description: "MongoDB Atlas backup restore jobs as GraphQL\n" +
			"A server that reads restore jobs, snapshots and clusters of all tiers of\n" +
			"MongoDB Atlas from its Admin API, and serves them as a GraphQL API and as\n" +
			"a subgraph of Apollo Federation, with subscriptions, authentication and a\n" +
			"policy of who may read what.\n\n" +
			"The systemd service is not enabled when the package is installed, because\n" +
			"it needs a credential of Atlas first.",
		Overridables: nfpm.Overridables{
			Depends: []string{
				"ca-certificates",
				"procps",           // ExecReload calls kill
				"systemd (>= 250)", // LoadCredential of a folder; systemd-sysusers
			},
			Scripts: nfpm.Scripts{
				PostInstall: "deploy/deb/postinst",
				PreRemove:   "deploy/deb/prerm",
				PostRemove:  "deploy/deb/postrm",
			},
		},
	})
	contents, err := contents(o, info, generated)
	if err != nil {
		return nil, err
	}
	info.Contents = contents
	return info, info.Validate()
}

// contents returns the files and folders of the package.
func contents(o options, info *nfpm.Info, generated string) (files.Contents, error) {
	const (
		etc = "/etc/" + name + "/"
		doc = "/usr/share/doc/" + name + "/"
	)
	all := files.Contents{
		file(o.program, "/usr/bin/"+name, 0o755),
		file("deploy/systemd/"+name+".service", "/usr/lib/systemd/system/"+name+".service", 0o644),
		file("deploy/deb/sysusers.conf", "/usr/lib/sysusers.d/"+name+".conf", 0o644),
		config("deploy/deb/environment", "/etc/default/"+name),
		config("deploy/deb/config.yaml", etc+"config.yaml"),
		file("schema/config.json", "/usr/share/"+name+"/config.json", 0o644),
		folder(etc, 0o755),
		folder(etc+"secrets", 0o700),
		file("deploy/deb/copyright", doc+"copyright", 0o644),
		file("deploy/deb/credentials.yaml", doc+"examples/credentials.yaml", 0o644),
		file("deploy/deb/lintian-overrides", "/usr/share/lintian/overrides/"+name, 0o644),
	}
	version := strings.TrimSuffix(strings.TrimPrefix(deb.Default.ConventionalFileName(info), name+"_"),
		"_"+o.arch+deb.Default.ConventionalExtension())
	for to, content := range map[string]func() ([]byte, error){
		doc + "changelog.gz":                    func() ([]byte, error) { return os.ReadFile("CHANGELOG.md") },
		doc + "changelog.Debian.gz":             func() ([]byte, error) { return changelog(o, version), nil },
		"/usr/share/man/man1/" + name + ".1.gz": func() ([]byte, error) { return os.ReadFile("deploy/deb/" + name + ".1") },
	} {
		text, err := content()
		if err != nil {
			return nil, err
		}
		from := filepath.Join(generated, filepath.Base(to))
		if err := os.WriteFile(from, compress(text), 0o600); err != nil {
			return nil, err
		}
		all = append(all, file(from, to, 0o644))
	}
	return all, nil
}

func file(from, to string, mode os.FileMode) *files.Content {
	return &files.Content{Source: from, Destination: to, FileInfo: &files.ContentFileInfo{Mode: mode}}
}

// config returns a conffile: what its owner changes in it survives upgrades, and purging the package removes it.
func config(from, to string) *files.Content {
	content := file(from, to, 0o644)
	content.Type = files.TypeConfig
	return content
}

func folder(path string, mode os.FileMode) *files.Content {
	return &files.Content{Destination: path, Type: files.TypeDir, FileInfo: &files.ContentFileInfo{Mode: mode}}
}

// changelog returns the changelog of the package, in Debian's format. What has changed in the gateway is in its own.
func changelog(o options, version string) []byte {
	return fmt.Appendf(nil, "%s (%s) stable; urgency=medium\n\n  * Release %s. Its changes are in changelog.gz.\n\n"+
		" -- %s  %s\n", name, version, o.version, o.maintainer, o.time.Format(time.RFC1123Z))
}

// compress compresses as gzip -9n does: without a name and a time.
func compress(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write(text)                                  // to memory
	_ = w.Close()
	return b.Bytes()
}
