package document

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/cost"
)

const text = "{jobs{id}}"

// same is whether an error is the one that is wanted, or a SyntaxError as well.
func same(err, want error) bool {
	var got, wanted *SyntaxError
	return errors.Is(err, want) || errors.As(want, &wanted) && errors.As(err, &got)
}

func TestADocumentIsFoundByTheHashOfATextThatCameBefore(t *testing.T) {
	s := newStore(t, nil)
	hash := HashOf(text).String()
	for _, tt := range []struct {
		name string
		ref  Ref
		want error
	}{
		{"the hash alone", Ref{ID: hash}, ErrNotFound},
		{"the text with the hash of another", Ref{Text: text, ID: HashOf("{jobs{id }}").String()}, ErrMismatch},
		{"the hash after that", Ref{ID: hash}, ErrNotFound},
		{"the text with its hash", Ref{Text: text, ID: hash}, nil},
		{"the hash now", Ref{ID: hash}, nil},
		{"the hash with its name", Ref{ID: "sha256:" + hash}, nil},
		{"the hash and more", Ref{ID: hash + "00"}, ErrNotFound},
		{"half of the hash", Ref{ID: hash[:32]}, ErrNotFound},
		{"no hash", Ref{ID: strings.Repeat("g", 64)}, ErrNotFound},
		{"a bad text with its hash", Ref{Text: "{", ID: HashOf("{").String()}, &SyntaxError{}},
		{"the hash of a bad text", Ref{ID: HashOf("{").String()}, ErrNotFound},
	} {
		d, err := s.Find(tt.ref)
		if !same(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if err == nil && d.Hash.String() != hash {
			t.Errorf("%s: found another", tt.name)
		}
	}
}

func TestWhereNoHashesAreTakenATextWithItsHashStillIs(t *testing.T) {
	s := newStore(t, func(c *Config) { c.Persisted = false })
	if _, err := s.Find(Ref{Text: text, ID: HashOf(text).String()}); err != nil {
		t.Error(err)
	}
	if _, err := s.Find(Ref{ID: HashOf(text).String()}); !errors.Is(err, ErrNotSupported) {
		t.Errorf("got %v", err)
	}
}

func TestATextThatComesAgainIsNotParsedAgain(t *testing.T) {
	s := newStore(t, nil)
	first, _ := s.Find(Ref{Text: text})
	if again, _ := s.Find(Ref{Text: text}); again.Document != first.Document {
		t.Error("it was")
	}
}

func TestWhatIsKeptIsBoundedInBytes(t *testing.T) {
	d, err := newStore(t, nil).Find(Ref{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	s := newStore(t, func(c *Config) { c.CacheBytes = int64(10 * d.weight()) })
	for i := range 1000 {
		if _, err := s.Find(Ref{Text: text + strings.Repeat(" ", i%100) + strings.Repeat("\n", i/100)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.kept.EstimatedSize(); n > 10 || n == 0 {
		t.Errorf("%d documents are kept", n)
	}
	if _, err := s.Find(Ref{Text: text + strings.Repeat(" ", 10_000)}); err != nil {
		t.Error("a document that is too large to be kept is not served:", err)
	}
}

// manifest writes a manifest file.
func manifest(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestManifestsOfApolloAndRelayAreRead(t *testing.T) {
	for name, content := range map[string]string{
		"Apollo": `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"one","name":"A","type":"query","body":"query A{jobs{id}}"},{"id":"two","name":"B","type":"query","body":"query B{jobs{id}}"}]}`,
		"Relay":  `{"one":"query A{jobs{id}}","two":"query B{jobs{id}}"}`,
	} {
		documents, err := ReadManifest(manifest(t, content))
		if err != nil || len(documents) != 2 || documents[0].ID != "one" || documents[1].Text != "query B{jobs{id}}" {
			t.Errorf("%s: %v %v", name, documents, err)
		}
	}
}

func TestAManifestThatIsNoneIsRefused(t *testing.T) {
	for content, want := range map[string]string{
		"":               "no manifest",
		"[]":             "no manifest",
		"null":           "no manifest",
		"{}":             "no document",
		`{"a":1}`:        "no manifest",
		`{"a":""}`:       "no manifest",
		`{"format":"x"}`: "not \"apollo-persisted-query-manifest\"",
		`{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}`:           "version 2",
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a"}]}`: "operation 1",
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":{}}`:           "no manifest",
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[]}`:           "no document",
	} {
		path := manifest(t, content)
		if _, err := ReadManifest(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want %q", content, err, want)
		}
	}
	if _, err := ReadManifest(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestADocumentOfTheManifestThatCannotBeServedIsAnErrorAtTheStart(t *testing.T) {
	for name, documents := range map[string][]Trusted{
		"no document":      {{ID: "a", Text: "{"}},
		"another schema's": {{ID: "a", Name: "A", Text: "query A{nothing}"}},
		"one id twice":     {{ID: "a", Text: "{jobs{id}}"}, {ID: "a", Text: "{jobs{secretName}}"}},
	} {
		if _, err := NewStore(Config{Schema: schema, Costs: &cost.Model{}, Limits: small, Trusted: documents, Trust: TrustEnforce}); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestOnlyDocumentsOfTheManifestAreServedWhereThatIsEnforced(t *testing.T) {
	// Beyond the limits, which are for what nobody has registered.
	const long = "{jobs{a:id b:id c:id d:id}}"
	documents := []Trusted{{ID: "md5", Text: text}, {ID: HashOf(long).String(), Text: long}}
	config := func(trust TrustMode) func(*Config) {
		return func(c *Config) { c.Limits, c.Trusted, c.Trust, c.Persisted = small, documents, trust, true }
	}
	enforce, audit := newStore(t, config(TrustEnforce)), newStore(t, config(TrustAudit))
	other := Ref{Text: "{jobs{secretName}}"}
	for _, tt := range []struct {
		name      string
		ref       Ref
		enforced  error
		untrusted bool // in audit
		audited   error
	}{
		{"by its id", Ref{ID: "md5"}, nil, false, nil},
		{"by its text", Ref{Text: text}, nil, false, nil},
		{"by the hash of its text", Ref{ID: "sha256:" + HashOf(text).String()}, nil, false, nil},
		{"by both", Ref{ID: "md5", Text: text}, nil, false, nil},
		{"by a hash that is its id", Ref{ID: HashOf(long).String()}, nil, false, nil},
		{"its id with another text", Ref{ID: "md5", Text: other.Text}, ErrMismatch, false, ErrMismatch},
		{"another text", other, ErrNotTrusted, true, nil},
		{"the hash of another text", Ref{ID: HashOf(other.Text).String()}, ErrNotTrusted, true, nil},
		{"an id that nobody knows", Ref{ID: "x"}, ErrNotTrusted, true, ErrNotFound},
		{"nearly its text", Ref{Text: text + " "}, ErrNotTrusted, true, nil},
		{"what is no document", Ref{Text: "{"}, ErrNotTrusted, true, &SyntaxError{}},
	} {
		if _, err := enforce.Find(tt.ref); !errors.Is(err, tt.enforced) {
			t.Errorf("%s, enforced: got %v", tt.name, err)
		}
		d, err := audit.Find(tt.ref)
		if !same(err, tt.audited) || d.Untrusted != tt.untrusted {
			t.Errorf("%s, audited: got %v, untrusted %v", tt.name, err, d.Untrusted)
		}
	}
}
