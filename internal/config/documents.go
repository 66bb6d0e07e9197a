package config

import (
	"errors"
	"fmt"

	"atlas-restore-gateway/internal/document"
)

// Documents say which GraphQL documents are served, and what clients may learn.
type Documents struct {
	Introspection        Switch    `help:"Whether clients may read the schema, and errors suggest what it has: auto is on in demo mode and off else." default:"auto" placeholder:"auto|on|off"`
	PersistedQueries     bool      `help:"Take the SHA-256 of a document in its place once its text was sent (automatic persisted queries)." default:"true" negatable:""`
	DocumentCacheBytes   int64     `help:"How many documents are kept, parsed and checked, in bytes, about." default:"16777216" bounds:"1024..17179869184" placeholder:"BYTES"`
	TrustedDocuments     string    `help:"File with a manifest, of Apollo's or of the Relay compiler's, of the documents that are served; others are not." placeholder:"FILE"`
	TrustedDocumentsMode TrustMode `help:"What becomes of a document that is not in the manifest: enforce refuses it, audit logs it and serves it." default:"enforce" placeholder:"enforce|audit"`

	// Trusted are the documents of the manifest.
	Trusted []document.Trusted `kong:"-"`
}

// TrustMode says what becomes of a document that is not in the manifest.
type TrustMode int

// The modes of --trusted-documents-mode.
const (
	TrustEnforce TrustMode = iota
	TrustAudit
)

// UnmarshalText reads enforce or audit.
func (m *TrustMode) UnmarshalText(text []byte) error {
	switch string(text) {
	case "enforce":
		*m = TrustEnforce
	case "audit":
		*m = TrustAudit
	default:
		return errors.New("must be enforce or audit")
	}
	return nil
}

func (d *Documents) check() error {
	if d.TrustedDocuments == "" {
		return nil
	}
	var err error
	if d.Trusted, err = document.ReadManifest(d.TrustedDocuments); err != nil {
		return fmt.Errorf("--trusted-documents: %w", err)
	}
	return nil
}

// Trust is what becomes of documents that are not in the manifest.
func (d *Documents) Trust() document.TrustMode {
	switch {
	case d.TrustedDocuments == "":
		return document.TrustAll
	case d.TrustedDocumentsMode == TrustAudit:
		return document.TrustAudit
	default:
		return document.TrustEnforce
	}
}
