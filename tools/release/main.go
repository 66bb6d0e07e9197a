// Command release writes what is released from programs that were built before: an OCI image, archives, SBOMs,
// third-party notices and checksums. It needs no container engine and no network, and the same programs give the same
// bytes. It is run at the root of the repository, after the program of each platform was built as
// dist/build/OS_ARCH/atlas-restore-gateway.
//
//	release -version VERSION -revision REVISION -epoch SECONDS image
//	release -version VERSION -revision REVISION -epoch SECONDS archives OS_ARCH...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// program is the name of the program, and of everything that is released.
const program = "atlas-restore-gateway"

// imageFolder is where the OCI layout is.
var imageFolder = filepath.Join("dist", "image")

// release is what all parts of a release say of it.
type release struct {
	version  string    // a semantic version, without v
	revision string    // of the source code
	created  time.Time // in UTC: the time of the revision, because the time of the build differs each time
}

// platform is an operating system and an architecture, in the words of Go and OCI.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// built returns the path of the program that was built for the platform.
func (p platform) built() string { return filepath.Join("dist", "build", p.String(), p.executable()) }

// executable returns the name of the program on the platform.
func (p platform) executable() string {
	if p.os == "windows" {
		return program + ".exe"
	}
	return program
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	version := flags.String("version", "", "semantic version, such as 1.0.0")
	revision := flags.String("revision", "", "revision of the source code")
	epoch := flags.String("epoch", "", "time of the revision, in seconds since 1970")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := newRelease(*version, *revision, *epoch)
	if err != nil {
		return err
	}
	switch command := flags.Arg(0); {
	case command == "image" && flags.NArg() == 1:
		return r.writeImage(ctx, imageFolder)
	case command == "archives" && flags.NArg() > 1:
		return r.writeArchives(ctx, filepath.Join("dist", r.version), flags.Args()[1:])
	default:
		return fmt.Errorf("unknown command %q: use image, or archives and platforms, such as linux_amd64", flags.Args())
	}
}

// newRelease returns the release with these values, each of which must be there and valid.
func newRelease(version, revision, epoch string) (release, error) {
	// Build metadata has a +, which tags of images cannot have.
	if !semver.IsValid("v"+version) || semver.Canonical("v"+version) != "v"+version || strings.Contains(version, "+") {
		return release{}, fmt.Errorf("VERSION is %q, want a semantic version without v and build metadata, such as 1.0.0",
			version)
	}
	if revision == "" {
		return release{}, errors.New("REVISION is empty: outside a git repository, set it to the revision of the source")
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil || seconds < 0 {
		return release{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q, want seconds since 1970: outside a git repository, "+
			"set it to the time of the revision", epoch)
	}
	return release{version: version, revision: revision, created: time.Unix(seconds, 0).UTC()}, nil
}
