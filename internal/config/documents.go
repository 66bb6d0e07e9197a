package config

import (
	"fmt"

	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/reload"
)

// Documents has the settings of GraphQL documents.
type Documents struct {
	Introspection        Switch             `help:"Whether clients may read the schema, and errors suggest names of it: auto is on in demo mode and off otherwise, where the playground shows the published schema all the same." enum:"auto,on,off" default:"auto"`
	PersistedQueries     bool               `help:"Take the SHA-256 of a document in its place once its text was sent (automatic persisted queries)." default:"true" negatable:""`
	DocumentCacheBytes   int64              `help:"Size of the cache of documents, in bytes, about: parsed and validated, or the text alone where it came once." default:"16777216" bounds:"1024..17179869184" placeholder:"BYTES"`
	SDLAuthorization     bool               `name:"sdl-authorization" help:"Whether the SDL that _service returns has @authenticated and @requiresScopes: a router that enforces them refuses every caller where it has no login of its own." default:"true" negatable:""`
	TrustedDocuments     string             `help:"File with a manifest, of Apollo's or of the Relay compiler's, of the documents that are served; others are not." placeholder:"FILE"`
	TrustedDocumentsMode document.TrustMode `help:"What becomes of a document that is not in the manifest: enforce rejects it, audit logs it and serves it." enum:"enforce,audit" default:"enforce"`

	// Trusted are the documents of the manifest.
	Trusted []document.Trusted `kong:"-"`
}

func (d *Documents) check() []error {
	if d.TrustedDocuments == "" {
		return nil
	}
	var err error
	if d.Trusted, err = document.ReadManifest(d.TrustedDocuments); err != nil {
		return []error{fmt.Errorf("--trusted-documents: %w", reload.WithAdvice(err))}
	}
	return nil
}

// Trust returns what becomes of documents that are not in the manifest.
func (d *Documents) Trust() document.TrustMode {
	if d.TrustedDocuments == "" {
		return document.TrustAll
	}
	return d.TrustedDocumentsMode
}
