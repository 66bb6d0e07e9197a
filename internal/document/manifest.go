package document

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Trusted is a document of a manifest, which the operator has registered.
type Trusted struct {
	// ID is what clients send in place of the text.
	ID string
	// Name is the operation's name; a Relay manifest has none.
	Name string
	Text string
}

// maxManifestBytes bounds the file.
const maxManifestBytes = 64 << 20

// formatApollo is the format of Apollo's manifests.
const formatApollo = "apollo-persisted-query-manifest"

// ReadManifest reads a manifest file: Apollo's persisted query manifest, version 1, or that of the Relay compiler, an
// object of ids and texts. Documents are in the order of the file, or of their ids.
func ReadManifest(path string) ([]Trusted, error) {
	// Without O_NONBLOCK, opening a pipe without a writer would block.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxManifestBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxManifestBytes {
		return nil, fmt.Errorf("%s: the manifest is larger than %d bytes", path, maxManifestBytes)
	}
	if len(content) == 0 {
		return nil, fmt.Errorf("%s: %w; it is empty, and where it is a pipe nothing writes to it", path, errNoManifest)
	}
	documents, err := parseManifest(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return documents, nil
}

var errNoManifest = errors.New(`this is no manifest: it must be a JSON object, either with "format": "` + formatApollo +
	`" or of ids and the texts of documents`)

// manifestError returns the error of a manifest that cannot be decoded. One that has a name twice is rejected, because
// either document could be meant.
func manifestError(err error) error {
	if duplicate := (*jsontext.SyntacticError)(nil); errors.As(err, &duplicate) &&
		errors.Is(err, jsontext.ErrDuplicateName) {
		return fmt.Errorf("an object of the manifest has two members of one name: %s", duplicate.JSONPointer)
	}
	return errNoManifest
}

func parseManifest(content []byte) ([]Trusted, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(content, &members); err != nil || members == nil {
		return nil, manifestError(err)
	}
	var documents []Trusted
	var err error
	if format, ok := members["format"]; ok {
		documents, err = apolloManifest(format, content)
	} else {
		documents, err = relayManifest(members)
	}
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, errors.New("the manifest holds no document")
	}
	return documents, nil
}

func apolloManifest(format jsontext.Value, content []byte) ([]Trusted, error) {
	var manifest struct {
		Version    int `json:"version"`
		Operations []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
			Body string `json:"body"`
		} `json:"operations"`
	}
	if string(format) != `"`+formatApollo+`"` {
		return nil, fmt.Errorf("the format is not %q", formatApollo)
	}
	if err := json.Unmarshal(content, &manifest); err != nil {
		return nil, manifestError(err)
	}
	if manifest.Version != 1 {
		return nil, fmt.Errorf("the manifest is of version %d, not 1", manifest.Version)
	}
	documents := make([]Trusted, len(manifest.Operations))
	for i, op := range manifest.Operations {
		if op.ID == "" || op.Body == "" {
			return nil, fmt.Errorf(`operation %d lacks its "id" or its "body"`, i+1)
		}
		documents[i] = Trusted{ID: op.ID, Name: op.Name, Text: op.Body}
	}
	return documents, nil
}

func relayManifest(members map[string]jsontext.Value) ([]Trusted, error) {
	documents := make([]Trusted, 0, len(members))
	for id, text := range members {
		d := Trusted{ID: id}
		if err := json.Unmarshal(text, &d.Text); err != nil || d.Text == "" || id == "" {
			return nil, errNoManifest
		}
		documents = append(documents, d)
	}
	slices.SortFunc(documents, func(a, b Trusted) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return documents, nil
}

// trustedSet are the documents of a manifest, ready for execution.
type trustedSet struct {
	byID   map[string]*Document
	byHash map[Hash]*Document
}

// newTrustedSet prepares all documents, so that one that cannot be executed is an error at the start. The only limit on
// registered documents is maxFields.
func newTrustedSet(p preparer, documents []Trusted) (*trustedSet, error) {
	p.warn, p.reveal = true, true
	set := &trustedSet{byID: make(map[string]*Document, len(documents)), byHash: make(map[Hash]*Document, len(documents))}
	for _, t := range documents {
		hash := HashOf(t.Text)
		if other, ok := set.byID[t.ID]; ok && other.Hash != hash {
			return nil, fmt.Errorf("two documents of the manifest have the id %q", t.ID)
		}
		d, err := p.prepare(t.Text, hash)
		if err != nil {
			return nil, fmt.Errorf("the document %q (%s) of the manifest: %w", t.ID, t.Name, err)
		}
		d.Beyond = nil
		set.byID[t.ID], set.byHash[hash] = d, d
	}
	return set, nil
}
