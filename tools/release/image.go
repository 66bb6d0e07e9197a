package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
)

// imagePlatforms are those of the image.
var imagePlatforms = []platform{{os: "linux", arch: "amd64"}, {os: "linux", arch: "arm64"}}

// writeImage replaces the folder to by an OCI layout: an image index named after the version, and for each platform's
// image an index of what refers to it, its SBOM, under the tag that clients use at a registry without the referrers
// API. The files of each platform's image are also written to dist/rootfs, for deploy/Dockerfile.
func (r release) writeImage(ctx context.Context, to string) error {
	images := make([]mutate.IndexAddendum, 0, len(imagePlatforms))
	var referrers []mutate.IndexAddendum
	for _, p := range imagePlatforms {
		image, sbom, err := r.platformImage(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		images = append(images, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.os, Architecture: p.arch}},
		})
		referrer, err := newIndex(nil, mutate.IndexAddendum{Add: sbom})
		if err != nil {
			return err
		}
		hash, err := image.Digest()
		if err != nil {
			return err
		}
		referrers = append(referrers, named(referrer, hash.Algorithm+"-"+hash.Hex))
	}
	image, err := newIndex(r.annotations(), images...)
	if err != nil {
		return err
	}
	all, err := newIndex(nil, append([]mutate.IndexAddendum{named(image, r.version)}, referrers...)...)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	_, err = layout.Write(to, all)
	return err
}

// specIndex is an index in the JSON of the OCI specification's own Go types. When skopeo copies an index it reads it
// and writes it again by these types, and the digest must stay as it is.
type specIndex struct {
	index

	json []byte
}

// index is another name for an embedded field, whose own name would be that of one of its methods.
type index = v1.ImageIndex

// newIndex returns an index of images, artifacts or other indexes.
func newIndex(annotations map[string]string, parts ...mutate.IndexAddendum) (specIndex, error) {
	base := mutate.AppendManifests(empty.Index, parts...)
	manifest, err := base.IndexManifest()
	if err != nil {
		return specIndex{}, err
	}
	content := spec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: spec.MediaTypeImageIndex, Annotations: annotations,
	}
	for _, part := range manifest.Manifests {
		d := spec.Descriptor{
			MediaType: string(part.MediaType), Digest: digest.Digest(part.Digest.String()), Size: part.Size,
			Annotations: part.Annotations,
		}
		if part.ArtifactType == sbomType { // that of an image would be the type of its config
			d.ArtifactType = part.ArtifactType
		}
		if part.Platform != nil {
			d.Platform = &spec.Platform{OS: part.Platform.OS, Architecture: part.Platform.Architecture}
		}
		content.Manifests = append(content.Manifests, d)
	}
	text, err := json.Marshal(content)
	return specIndex{index: base, json: text}, err
}

// RawManifest returns the JSON of the index.
func (i specIndex) RawManifest() ([]byte, error) { return i.json, nil }

// Size returns the length of the JSON.
func (i specIndex) Size() (int64, error) { return int64(len(i.json)), nil }

// Digest returns the digest of the JSON.
func (i specIndex) Digest() (v1.Hash, error) {
	hash, _, err := v1.SHA256(bytes.NewReader(i.json))
	return hash, err
}

// named returns the index as a part of a layout under a name.
func named(part index, name string) mutate.IndexAddendum {
	return mutate.IndexAddendum{Add: part, Descriptor: v1.Descriptor{
		Annotations: map[string]string{"org.opencontainers.image.ref.name": name},
	}}
}

// annotations returns what the image says of itself, as annotations and as labels.
func (r release) annotations() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       program,
		"org.opencontainers.image.description": "Serves MongoDB Atlas backup restore jobs as GraphQL.",
		"org.opencontainers.image.version":     r.version,
		"org.opencontainers.image.revision":    r.revision,
		"org.opencontainers.image.created":     r.created.Format(time.RFC3339),
		"org.opencontainers.image.licenses":    "Apache-2.0",
	}
}

// platformImage returns the image of a platform, and its SBOM as an artifact whose subject is that image.
func (r release) platformImage(ctx context.Context, p platform) (image, sbom v1.Image, err error) {
	content, err := readContents(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	roots, err := certificatesDependency(ctx)
	if err != nil {
		return nil, nil, err
	}
	content.others = append(content.others, roots)
	rootfs := filepath.Join("dist", "rootfs", p.String())
	if err := r.writeFiles(rootfs, content); err != nil {
		return nil, nil, err
	}
	layer, err := layerOf(rootfs, r.created)
	if err != nil {
		return nil, nil, err
	}
	image, err = mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1), mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: r.created}, CreatedBy: "make image VERSION=" + r.version},
	})
	if err != nil {
		return nil, nil, err
	}
	config, err := r.config(image, p)
	if err != nil {
		return nil, nil, err
	}
	image, err = mutate.ConfigFile(mutate.ConfigMediaType(image, types.OCIConfigJSON), config)
	if err != nil {
		return nil, nil, err
	}
	image, ok := mutate.Annotations(image, r.annotations()).(v1.Image)
	if !ok {
		return nil, nil, errors.New("the annotated image is no image")
	}
	document, err := r.sbom(content)
	if err != nil {
		return nil, nil, err
	}
	sbom, err = r.artifact(image, document)
	return image, sbom, err
}

// config returns how the image of the platform is run: as a user without a name, with no variable set.
func (r release) config(image v1.Image, p platform) (*v1.ConfigFile, error) {
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = p.os, p.arch, v1.Time{Time: r.created}
	file.Config = v1.Config{
		User:         "65532:65532",
		Entrypoint:   []string{"/usr/bin/" + program},
		WorkingDir:   "/",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		StopSignal:   "SIGTERM",
		Labels:       r.annotations(),
	}
	return file, nil
}

// writeFiles replaces the folder by the files of the image.
func (r release) writeFiles(folder string, content contents) error {
	roots, err := certificates()
	if err != nil {
		return err
	}
	documents := "usr/share/doc/" + program
	return replaceFolder(folder, []file{
		// Where Go, and most programs, look for them.
		{path: "etc/ssl/certs/ca-certificates.crt", content: roots},
		// In the PATH of container engines, so that they find it by its name.
		{path: "usr/bin/" + program, copyOf: content.platform.built()},
		{path: documents + "/LICENSE", copyOf: "LICENSE"},
		{path: documents + "/" + noticesName, content: r.notices(content)},
	})
}

// layerOf returns the files of a folder as a layer.
func layerOf(folder string, modified time.Time) (v1.Layer, error) {
	var archive bytes.Buffer
	if err := writeTar(&archive, folder, "", modified); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(gzip.BestCompression),
		tarball.WithCompressedCaching)
}

// artifact returns an OCI artifact whose subject is the image, and which has an SBOM.
func (r release) artifact(image v1.Image, document []byte) (v1.Image, error) {
	subject, err := partial.Descriptor(image)
	if err != nil {
		return nil, err
	}
	subject.ArtifactType = "" // it is no artifact
	layer := static.NewLayer(document, sbomType)
	content, err := partial.Descriptor(layer)
	if err != nil {
		return nil, err
	}
	config, err := partial.Descriptor(static.NewLayer([]byte(emptyConfig), emptyConfigType))
	if err != nil {
		return nil, err
	}
	manifest, err := json.Marshal(v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		ArtifactType:  sbomType,
		Config:        *config,
		Layers:        []v1.Descriptor{*content},
		Subject:       subject,
		Annotations:   map[string]string{"org.opencontainers.image.created": r.created.Format(time.RFC3339)},
	})
	if err != nil {
		return nil, err
	}
	return partial.CompressedToImage(artifact{manifest: manifest, layer: layer})
}

// The config of an artifact without a config, by the OCI image specification.
const (
	emptyConfig     = "{}"
	emptyConfigType = "application/vnd.oci.empty.v1+json"
)

// artifact is a manifest with one layer and an empty config.
type artifact struct {
	manifest []byte
	layer    v1.Layer
}

var _ partial.CompressedImageCore = artifact{}

// RawConfigFile returns the empty config.
func (artifact) RawConfigFile() ([]byte, error) { return []byte(emptyConfig), nil }

// MediaType returns the type of the manifest.
func (artifact) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

// RawManifest returns the manifest.
func (a artifact) RawManifest() ([]byte, error) { return a.manifest, nil }

// LayerByDigest returns the layer.
func (a artifact) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	own, err := a.layer.Digest()
	if err != nil {
		return nil, err
	}
	if digest != own {
		return nil, fmt.Errorf("the artifact has no layer %s", digest)
	}
	return a.layer, nil
}
