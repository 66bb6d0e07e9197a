package main

import (
	"bytes"
	"context"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/CycloneDX/cyclonedx-gomod/pkg/generate/bin"
	"github.com/rs/zerolog"
)

// sbomType is the media type of an SBOM.
const sbomType = "application/vnd.cyclonedx+json"

// contents is what is released for one platform, beside the program's own code.
type contents struct {
	platform platform
	modules  []dependency // of the program, with the standard library
	others   []dependency // npm packages in the program's pages, and what is beside the program
}

// readContents returns what the program of the platform has in it.
func readContents(ctx context.Context, p platform) (contents, error) {
	modules, err := goModules(ctx, p)
	if err != nil {
		return contents{}, err
	}
	packages, err := npmPackages()
	return contents{platform: p, modules: modules, others: packages}, err
}

// sbom returns the CycloneDX document, in JSON, of the program: the modules that its build information names, the
// standard library, and the others of its contents.
func (r release) sbom(c contents) ([]byte, error) {
	// Not by the command cyclonedx-gomod, whose output has a checksum of the command itself.
	generator, err := bin.NewGenerator(c.platform.built(), bin.WithIncludeStdlib(true),
		bin.WithVersionOverride(r.version), bin.WithLogger(zerolog.Nop()))
	if err != nil {
		return nil, err
	}
	bom, err := generator.Generate()
	if err != nil {
		return nil, err
	}
	generatorVersion, err := toolModule("github.com/CycloneDX/cyclonedx-gomod")
	if err != nil {
		return nil, err
	}
	bom.Metadata.Timestamp = r.created.Format(time.RFC3339)
	bom.Metadata.Tools = &cdx.ToolsChoice{Components: &[]cdx.Component{
		{Type: cdx.ComponentTypeApplication, Name: "cyclonedx-gomod", Version: generatorVersion},
	}}
	bom.Metadata.Component.Licenses = licenses("Apache-2.0")

	known := make(map[string][]string, len(c.modules))
	for _, module := range c.modules {
		known[module.name] = module.licenses
	}
	for i := range *bom.Components {
		component := &(*bom.Components)[i]
		component.Licenses = licenses(known[component.Name]...)
	}
	add(bom, c.others)

	var text bytes.Buffer
	err = cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	return text.Bytes(), err
}

// add adds components on which the main component depends.
func add(bom *cdx.BOM, dependencies []dependency) {
	refs := make([]string, 0, len(dependencies))
	for _, d := range dependencies {
		refs = append(refs, d.purl)
		*bom.Components = append(*bom.Components, cdx.Component{
			BOMRef: d.purl, PackageURL: d.purl, Type: cdx.ComponentTypeLibrary, Scope: cdx.ScopeRequired,
			Name: d.name, Version: d.version, Licenses: licenses(d.licenses...),
		})
		*bom.Dependencies = append(*bom.Dependencies, cdx.Dependency{Ref: d.purl})
	}
	for _, dependency := range *bom.Dependencies {
		if dependency.Ref == bom.Metadata.Component.BOMRef {
			*dependency.Dependencies = append(*dependency.Dependencies, refs...)
		}
	}
}

func licenses(ids ...string) *cdx.Licenses {
	choices := make(cdx.Licenses, 0, len(ids))
	for _, id := range ids {
		choices = append(choices, cdx.LicenseChoice{License: &cdx.License{ID: id}})
	}
	return &choices
}
