package document

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/cost"
)

const text = "{jobs{id}}"

// same reports whether an error is the one that is wanted, or a SyntaxError as well.
func same(err, want error) bool {
	var got, wanted *SyntaxError
	return errors.Is(err, want) || errors.As(want, &wanted) && errors.As(err, &got)
}

func TestStore_findsADocumentByItsHash(t *testing.T) {
	s := newStore(t, nil)
	hash := HashOf(text).String()
	for _, tt := range []struct {
		name string
		ref  Ref
		want error
	}{
		{name: "the hash alone", ref: Ref{ID: hash}, want: ErrNotFound},
		{
			name: "the text with the hash of another", ref: Ref{Text: text, ID: HashOf("{jobs{id }}").String()},
			want: ErrMismatch,
		},
		{name: "the hash after that", ref: Ref{ID: hash}, want: ErrNotFound},
		{name: "the text with its hash", ref: Ref{Text: text, ID: hash}, want: nil},
		{name: "the hash now", ref: Ref{ID: hash}, want: nil},
		{name: "the hash with its name", ref: Ref{ID: "sha256:" + hash}, want: nil},
		{name: "the hash and more", ref: Ref{ID: hash + "00"}, want: ErrNotFound},
		{name: "half of the hash", ref: Ref{ID: hash[:32]}, want: ErrNotFound},
		{name: "no hash", ref: Ref{ID: strings.Repeat("g", 64)}, want: ErrNotFound},
		{name: "a bad text with its hash", ref: Ref{Text: "{", ID: HashOf("{").String()}, want: &SyntaxError{}},
		{name: "the hash of a bad text", ref: Ref{ID: HashOf("{").String()}, want: ErrNotFound},
	} {
		d, err := s.Find(t.Context(), tt.ref)
		if !same(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if err == nil && d.Hash.String() != hash {
			t.Errorf("%s: found another", tt.name)
		}
	}
}

func TestStore_withoutPersistedQueriesAcceptsATextWithItsHash(t *testing.T) {
	s := newStore(t, func(c *Config) { c.Persisted = false })
	if _, err := s.Find(t.Context(), Ref{Text: text, ID: HashOf(text).String()}); err != nil {
		t.Error(err)
	}
	if _, err := s.Find(t.Context(), Ref{ID: HashOf(text).String()}); !errors.Is(err, ErrNotSupported) {
		t.Errorf("got %v", err)
	}
}

func TestStore_cachesADocumentThatComesAgain(t *testing.T) {
	for name, refs := range map[string][]Ref{
		"after it came twice":         {{Text: text}, {Text: text}},
		"after it came with its hash": {{Text: text, ID: HashOf(text).String()}},
		"after it came by its hash":   {{Text: text}, {ID: HashOf(text).String()}},
	} {
		s := newStore(t, nil)
		var last Found
		for _, ref := range refs {
			var err error
			if last, err = s.Find(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
		}
		if again, _ := s.Find(t.Context(), Ref{Text: text}); again.Document != last.Document {
			t.Errorf("%s it was parsed again", name)
		}
		if n := s.texts.EstimatedSize(); n > 0 {
			t.Errorf("%s its text is stored a second time", name)
		}
	}
}

func TestStore_cachesOnlyTheTextOfADocumentThatCameOnce(t *testing.T) {
	s := newStore(t, nil)
	for i := range 12_000 {
		if _, err := s.Find(t.Context(), Ref{Text: fmt.Sprintf("{job(id: %d) {id}}", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.parsed.EstimatedSize(); n != 0 {
		t.Errorf("%d are", n)
	}
	if bytes := s.texts.WeightedSize(); bytes == 0 || bytes > DefaultCacheBytes/textShare {
		t.Errorf("their texts have %d bytes", bytes)
	}
}

func TestStore_cacheIsBounded(t *testing.T) {
	find := func(s *Store, text string) *Document {
		t.Helper()
		d, err := s.Find(t.Context(), Ref{Text: text, ID: HashOf(text).String()})
		if err != nil {
			t.Fatal(err)
		}
		return d.Document
	}
	d := find(newStore(t, nil), text)
	s := newStore(t, func(c *Config) { c.CacheBytes = int64(10*d.bytes) * textShare / (textShare - 1) })
	for i := range 1000 {
		find(s, text+strings.Repeat(" ", i%100)+strings.Repeat("\n", i/100))
	}
	if n := s.parsed.EstimatedSize(); n > 10 || n == 0 {
		t.Errorf("%d documents are stored", n)
	}
	// Too large for the cache, and served.
	find(s, text+strings.Repeat(" ", 20*d.bytes))
}

// TestMemoryOf_isAboutTheMemoryOfADocument compares the estimate with the heap, for documents
// as clients send them and for documents made to take much memory.
func TestMemoryOf_isAboutTheMemoryOfADocument(t *testing.T) {
	many := strings.Repeat
	p := newStore(t, withLimits(Limits{
		Tokens: 1e6, Depth: 1e6, Aliases: 1e6, RootFields: 1e6, Directives: 1e6, ListItems: 1e6, Repetitions: 1e6,
	})).preparer
	for name, body := range map[string]string{
		"one field":       "{jobs{id}}",
		"aliases":         "{" + many(`j:job(id:"aaaaaaaaaaaaaaaaaaaaaaaa"){id secretName job{id}} `, 20) + "}",
		"variables":       "($a:ID! $b:State $c:[String!]){job(id:$a state:$b names:$c){id}}",
		"fragments":       "{jobs{...A ...B}} fragment A on Job{id ...B} fragment B on Job{secretName job{id}}",
		"inline":          "{" + many("...{jobs{id}}", 50) + "}",
		"spreads":         "{" + many("...A ", 100) + "} fragment A on Query{jobs{id secretName}}",
		"values":          `{job(id:"a",names:[` + many(`"a",`, 500) + "]){id}}",
		"directives":      "{" + many("jobs@skip(if:false){id}", 50) + "}",
		"comments":        "{" + many("#\n", 500) + "jobs{id}}",
		"a lot of spaces": "{" + many(" ", 10_000) + "jobs{id}}",
	} {
		const n = 100
		texts := make([]string, n)
		for i := range texts {
			texts[i] = fmt.Sprintf("query A%d", i) + body
		}
		all := make([]*Document, n)
		before := heap()
		for i, text := range texts {
			d, err := p.prepare(text, HashOf(text))
			if err != nil {
				t.Fatal(name, err)
			}
			all[i] = d
		}
		held := int(heap()-before)/n + len(texts[0])
		if ratio := float64(all[0].bytes) / float64(held); ratio < 0.6 || ratio > 2.2 {
			t.Errorf("%s: holds %d bytes, %.2f of them are counted", name, held, ratio)
		}
		runtime.KeepAlive(texts)
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one may find finalizers
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
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

func TestReadManifest_ofApolloAndRelay(t *testing.T) {
	for name, content := range map[string]string{
		"Apollo": `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"one","name":"A",` +
			`"type":"query","body":"query A{jobs{id}}"},{"id":"two","name":"B","type":"query","body":"query B{jobs{id}}"}]}`,
		"Relay": `{"one":"query A{jobs{id}}","two":"query B{jobs{id}}"}`,
	} {
		documents, err := ReadManifest(manifest(t, content))
		if err != nil || len(documents) != 2 || documents[0].ID != "one" || documents[1].Text != "query B{jobs{id}}" {
			t.Errorf("%s: %v %v", name, documents, err)
		}
	}
}

func TestReadManifest_rejectsMalformedFiles(t *testing.T) {
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
		`{"a":"{jobs{id}}","a":"{jobs{id}}"}`:                                                "two members of one name: /a",
		`{"a":"{jobs{id}}","\u0061":"{jobs{secretName}}"}`:                                   "two members of one name: /a",
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"{jobs{id}}",` +
			`"body":"{jobs{secretName}}"}]}`: "one name: /operations/0/body",
	} {
		path := manifest(t, content)
		if _, err := ReadManifest(path); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want %q", content, err, want)
		}
	}
	if _, err := ReadManifest(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestNewStore_failsForAnInvalidTrustedDocument(t *testing.T) {
	for name, documents := range map[string][]Trusted{
		"no document":      {{ID: "a", Text: "{"}},
		"another schema's": {{ID: "a", Name: "A", Text: "query A{nothing}"}},
		"one id twice":     {{ID: "a", Text: "{jobs{id}}"}, {ID: "a", Text: "{jobs{secretName}}"}},
	} {
		if _, err := NewStore(Config{
			Schema: schema, Costs: &cost.Model{}, Limits: small, Trusted: documents, Trust: TrustEnforce,
		}); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestStore_enforcesTheManifest(t *testing.T) {
	// Beyond the limits, which are for documents that are not registered.
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
		{name: "by its id", ref: Ref{ID: "md5"}, enforced: nil, untrusted: false, audited: nil},
		{name: "by its text", ref: Ref{Text: text}, enforced: nil, untrusted: false, audited: nil},
		{
			name: "by the hash of its text", ref: Ref{ID: "sha256:" + HashOf(text).String()}, enforced: nil, untrusted: false,
			audited: nil,
		},
		{name: "by both", ref: Ref{ID: "md5", Text: text}, enforced: nil, untrusted: false, audited: nil},
		{
			name: "by a hash that is its id", ref: Ref{ID: HashOf(long).String()}, enforced: nil, untrusted: false, audited: nil,
		},
		{
			name: "its id with another text", ref: Ref{ID: "md5", Text: other.Text}, enforced: ErrMismatch, untrusted: false,
			audited: ErrMismatch,
		},
		{name: "another text", ref: other, enforced: ErrNotTrusted, untrusted: true},
		{
			name: "the hash of another text", ref: Ref{ID: HashOf(other.Text).String()}, enforced: ErrNotTrusted,
			untrusted: true, audited: nil,
		},
		{name: "an id that nobody knows", ref: Ref{ID: "x"}, enforced: ErrNotTrusted, untrusted: true, audited: ErrNotFound},
		{name: "nearly its text", ref: Ref{Text: text + " "}, enforced: ErrNotTrusted, untrusted: true, audited: nil},
		{name: "what is no document", ref: Ref{Text: "{"}, enforced: ErrNotTrusted, untrusted: true, audited: &SyntaxError{}},
	} {
		if _, err := enforce.Find(t.Context(), tt.ref); !errors.Is(err, tt.enforced) {
			t.Errorf("%s, enforced: got %v", tt.name, err)
		}
		d, err := audit.Find(t.Context(), tt.ref)
		if !same(err, tt.audited) || d.Untrusted != tt.untrusted {
			t.Errorf("%s, audited: got %v, untrusted %v", tt.name, err, d.Untrusted)
		}
	}
}
