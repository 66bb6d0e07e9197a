package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// certificatesModule has Mozilla's root certificates. A module is pinned by its checksum and can be had for as long as
// the source of this program can; Debian removes a package when a newer one is there.
const certificatesModule = "golang.org/x/crypto/x509roots/fallback"

// certificates returns Mozilla's root certificates for TLS, in PEM. Roots that Mozilla trusts on a condition, such as
// only for certificates that were issued before a day, are left out, because a PEM file cannot say so.
func certificates() ([]byte, error) {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

// certificatesDependency returns the module of the certificates, with its license.
func certificatesDependency(ctx context.Context) (dependency, error) {
	version, err := toolModule(certificatesModule)
	if err != nil {
		return dependency{}, err
	}
	cmd := exec.CommandContext(ctx, "go", "-C", "tools/release", "list", "-m", "-f", "{{.Dir}}", certificatesModule)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return dependency{}, fmt.Errorf("go list: %w", err)
	}
	d, err := readLicenses(certificatesModule, version, []string{strings.TrimSpace(string(out))})
	if err != nil {
		return dependency{}, err
	}
	return d, d.allowed()
}

// toolModule returns the version of a module that this tool is built from.
func toolModule(path string) (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", errors.New("the tool was built without its list of modules: build it with go build")
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return module.Version, nil
		}
	}
	return "", fmt.Errorf("the tool is not built from %s", path)
}
