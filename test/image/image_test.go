package image

import (
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"
)

// labels returns the labels, and the annotations, that the image must have, and no other.
func labels(t *testing.T) map[string]string {
	t.Helper()
	seconds, err := strconv.ParseInt(variable(t, "SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"org.opencontainers.image.title":       "atlas-restore-gateway",
		"org.opencontainers.image.description": "Serves MongoDB Atlas backup restore jobs as GraphQL.",
		"org.opencontainers.image.version":     variable(t, "VERSION"),
		"org.opencontainers.image.revision":    variable(t, "REVISION"),
		"org.opencontainers.image.created":     time.Unix(seconds, 0).UTC().Format(time.RFC3339),
		"org.opencontainers.image.licenses":    "Apache-2.0",
	}
}

func TestImage_isAnIndexOfBothPlatforms(t *testing.T) {
	all := decode[index](t, run(t, "skopeo", "inspect", "--raw", image(t)))
	var platforms []string
	for _, d := range all.Manifests {
		platforms = append(platforms, d.Platform.OS+"/"+d.Platform.Architecture)
	}
	if want := []string{"linux/amd64", "linux/arm64"}; !slices.Equal(platforms, want) {
		t.Errorf("the platforms are %v, want %v", platforms, want)
	}
	if all.MediaType != "application/vnd.oci.image.index.v1+json" {
		t.Errorf("its type is %s", all.MediaType)
	}
	if want := labels(t); !maps.Equal(all.Annotations, want) {
		t.Errorf("its annotations are %v, want %v", all.Annotations, want)
	}
}

func TestImage_runsAsAUserWithoutPrivilegesAndSetsNoVariable(t *testing.T) {
	type settings struct {
		User         string
		Env          []string
		Entrypoint   []string
		Cmd          []string
		WorkingDir   string
		ExposedPorts map[string]struct{}
		StopSignal   string
		Labels       map[string]string
		Volumes      map[string]struct{}
	}
	want := settings{
		User: "65532:65532", Entrypoint: []string{"/" + program}, WorkingDir: "/",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}}, StopSignal: "SIGTERM", Labels: labels(t),
	}
	for _, architecture := range architectures {
		config := decode[struct {
			OS, Architecture, Created string
			Config                    settings
		}](t, run(t, "skopeo", "inspect", "--config", "--raw", "--override-arch="+architecture, image(t)))
		if config.OS != "linux" || config.Architecture != architecture ||
			config.Created != want.Labels["org.opencontainers.image.created"] {
			t.Errorf("%s: it is for %s/%s, of %s", architecture, config.OS, config.Architecture, config.Created)
		}
		if !reflect.DeepEqual(config.Config, want) {
			t.Errorf("%s: it is run with\n%+v, want\n%+v", architecture, config.Config, want)
		}
	}
}

func TestImage_hasTheProgramCertificatesAndLicensesAndNoShell(t *testing.T) {
	want := map[string]fs.FileMode{
		"etc":                                 fs.ModeDir | 0o755,
		"etc/ssl":                             fs.ModeDir | 0o755,
		"etc/ssl/certs":                       fs.ModeDir | 0o755,
		"etc/ssl/certs/ca-certificates.crt":   0o644,
		"usr":                                 fs.ModeDir | 0o755,
		"usr/bin":                             fs.ModeDir | 0o755,
		program:                               0o755,
		"usr/share":                           fs.ModeDir | 0o755,
		"usr/share/doc":                       fs.ModeDir | 0o755,
		"usr/share/doc/atlas-restore-gateway": fs.ModeDir | 0o755,
		"usr/share/doc/atlas-restore-gateway/LICENSE":             0o644,
		"usr/share/doc/atlas-restore-gateway/THIRD-PARTY-NOTICES": 0o644,
	}
	for _, architecture := range architectures {
		found := make(map[string]fs.FileMode)
		for path, file := range files(t, unpack(t, image(t), architecture)) {
			found[path] = file.mode
			if file.uid != 0 || file.gid != 0 {
				t.Errorf("%s: %s belongs to %d:%d, want root", architecture, path, file.uid, file.gid)
			}
		}
		if !maps.Equal(found, want) {
			t.Errorf("%s: its files are\n%v, want\n%v", architecture, found, want)
		}
	}
}

func TestImage_programIsStaticAndOfItsArchitecture(t *testing.T) {
	for architecture, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		built, err := elf.Open(filepath.Join(unpack(t, image(t), architecture), program))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = built.Close() })
		if built.Machine != machine {
			t.Errorf("%s: the program is of %s, want %s", architecture, built.Machine, machine)
		}
		for _, segment := range built.Progs {
			if segment.Type == elf.PT_INTERP || segment.Type == elf.PT_DYNAMIC {
				t.Errorf("%s: the program needs a loader: it has a segment %s", architecture, segment.Type)
			}
		}
	}
}

func TestImage_certificatesAreRootsThatAreValid(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(unpack(t, image(t), "amd64"), "etc/ssl/certs/ca-certificates.crt"))
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !root.IsCA {
			t.Errorf("%s is no authority", root.Subject)
		}
		names[root.Subject.CommonName] = true
	}
	if len(names) < 100 {
		t.Errorf("there are only %d certificates", len(names))
	}
	for _, name := range []string{"DigiCert Global Root G2", "ISRG Root X1", "Amazon Root CA 1"} {
		if !names[name] {
			t.Errorf("the root %s is missing", name)
		}
	}
	// Mozilla trusts it only for certificates that were issued before 2026-04-16.
	if names["Izenpe.com"] {
		t.Error("a root is there that Mozilla trusts on a condition")
	}
}

func TestImage_isConvertedToWhatDockerLoads(t *testing.T) {
	archive := "docker-archive:" + filepath.Join(t.TempDir(), "image.tar")
	run(t, "skopeo", "copy", image(t), archive+":atlas-restore-gateway:"+variable(t, "VERSION"))
	got, want := files(t, unpack(t, archive, "amd64")), files(t, unpack(t, image(t), "amd64"))
	if !maps.Equal(got, want) {
		t.Errorf("it has %d files, want %d", len(got), len(want))
	}
}

func TestImage_isCopiedWholeToOtherForms(t *testing.T) {
	want := run(t, "skopeo", "inspect", "--raw", image(t))
	for _, to := range []string{"oci", "oci-archive", "dir"} {
		name := to + ":" + filepath.Join(t.TempDir(), "copy")
		run(t, "skopeo", "copy", "--all", "--preserve-digests", image(t), name)
		if got := run(t, "skopeo", "inspect", "--raw", name); string(got) != string(want) {
			t.Errorf("%s: the copy has another index: %s", to, got)
		}
	}
}
