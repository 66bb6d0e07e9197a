package image

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sbomType = "application/vnd.cyclonedx+json"

// artifact is a manifest that refers to another one.
type artifact struct {
	MediaType    string
	ArtifactType string
	Config       descriptor
	Layers       []descriptor
	Subject      descriptor
}

// component is what an SBOM says of a part.
type component struct {
	Ref                 string `json:"bom-ref"`
	Name, Version, PURL string
	Licenses            []struct{ License struct{ ID string } }
}

// sbom is a CycloneDX document.
type sbom struct {
	BOMFormat, SpecVersion, SerialNumber string
	Metadata                             struct {
		Timestamp string
		Component component
	}
	Components   []component
	Dependencies []struct {
		Ref       string
		DependsOn []string
	}
}

// referrersTag is the tag under which clients find what refers to an image, by the OCI distribution specification.
func referrersTag(image descriptor) string { return strings.Replace(image.Digest, ":", "-", 1) }

// readSBOM returns the manifest that refers to the image, and its document.
func readSBOM(t *testing.T, image descriptor) (manifest artifact, document sbom) {
	t.Helper()
	referrers := decode[index](t, run(t, "skopeo", "inspect", "--raw", layout(referrersTag(image))))
	if len(referrers.Manifests) != 1 || referrers.Manifests[0].ArtifactType != sbomType {
		t.Fatalf("%+v refers to the image, want one SBOM", referrers.Manifests)
	}
	manifest = decode[artifact](t, blob(t, referrers.Manifests[0]))
	if len(manifest.Layers) != 1 {
		t.Fatalf("the artifact has %d layers", len(manifest.Layers))
	}
	return manifest, decode[sbom](t, blob(t, manifest.Layers[0]))
}

// blob returns a part of the layout.
func blob(t *testing.T, d descriptor) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dist, "image/blobs", strings.Replace(d.Digest, ":", "/", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestSBOM_refersToTheImage(t *testing.T) {
	for architecture, image := range images(t) {
		manifest, document := readSBOM(t, image)
		if manifest.Subject.Digest != image.Digest || manifest.Subject.Size != image.Size ||
			manifest.Subject.MediaType != image.MediaType {
			t.Errorf("%s: its subject is %+v, want %+v", architecture, manifest.Subject, image)
		}
		if manifest.ArtifactType != sbomType || manifest.Layers[0].MediaType != sbomType ||
			manifest.Config.MediaType != "application/vnd.oci.empty.v1+json" {
			t.Errorf("%s: it is %+v", architecture, manifest)
		}
		if document.BOMFormat != "CycloneDX" || document.SpecVersion != "1.6" {
			t.Errorf("%s: it is %s %s", architecture, document.BOMFormat, document.SpecVersion)
		}
		main := document.Metadata.Component
		if main.Name != "atlas-restore-gateway" || main.Version != variable(t, "VERSION") {
			t.Errorf("%s: it is of %s %s", architecture, main.Name, main.Version)
		}
	}
}

func TestSBOM_listsTheModulesOfTheProgramWithTheirLicenses(t *testing.T) {
	for architecture, image := range images(t) {
		_, document := readSBOM(t, image)
		versions := make(map[string]string)
		for _, part := range document.Components {
			if strings.HasPrefix(part.PURL, "pkg:golang/") {
				versions[part.Name] = part.Version
			}
			if len(part.Licenses) == 0 || part.Licenses[0].License.ID == "" {
				t.Errorf("%s: %s has no license", architecture, part.Name)
			}
		}
		info, err := buildinfo.ReadFile(filepath.Join(dist, "build/linux_"+architecture, filepath.Base(program)))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"std": info.GoVersion}
		for _, module := range info.Deps {
			want[module.Path] = module.Version
		}
		for path, version := range want {
			if versions[path] != version {
				t.Errorf("%s: %s is %q, want %s", architecture, path, versions[path], version)
			}
		}
		// The module of the certificates is in the image, and not in the program.
		if got := len(versions); got != len(want)+1 || versions["golang.org/x/crypto/x509roots/fallback"] == "" {
			t.Errorf("%s: it has %d modules, want the %d of the program and that of the certificates", architecture,
				got, len(want))
		}
	}
}

func TestSBOM_listsTheNPMPackagesOfThePages(t *testing.T) {
	locked := make(map[string]bool)
	for _, page := range []string{"web/playground", "examples/dashboard"} {
		text, err := os.ReadFile(filepath.Join(root, page, "package-lock.json"))
		if err != nil {
			t.Fatal(err)
		}
		lock := decode[struct {
			Packages map[string]struct{ Version string }
		}](t, text)
		for path, entry := range lock.Packages { // such as node_modules/a/node_modules/@b/c
			folders := strings.Split(path, "node_modules/")
			locked[folders[len(folders)-1]+"@"+entry.Version] = true
		}
	}
	_, document := readSBOM(t, images(t)["amd64"])
	found := make(map[string]bool)
	for _, part := range document.Components {
		if !strings.HasPrefix(part.PURL, "pkg:npm/") {
			continue
		}
		found[part.Name] = true
		if !locked[part.Name+"@"+part.Version] {
			t.Errorf("%s %s is in no lock file of a page", part.Name, part.Version)
		}
	}
	for _, name := range []string{"react", "graphiql", "monaco-editor", "urql", "@graphiql/react"} {
		if !found[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestSBOM_saysThatTheProgramDependsOnEachPart(t *testing.T) {
	_, document := readSBOM(t, images(t)["amd64"])
	var uses []string
	for _, part := range document.Dependencies {
		if part.Ref == document.Metadata.Component.Ref {
			uses = part.DependsOn
		}
	}
	for _, part := range document.Components {
		if part.Name != "std" && !slices.Contains(uses, part.Ref) {
			t.Errorf("the program does not depend on %s", part.Ref)
		}
	}
	if len(uses) != len(document.Components)-1 {
		t.Errorf("the program depends on %d parts, want %d", len(uses), len(document.Components)-1)
	}
}
