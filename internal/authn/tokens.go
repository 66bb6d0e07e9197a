package authn

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/strictyaml"
)

// Tokens are the secrets of a file, which has the name and the SHA-256 of each. A plain hash is enough, because a token
// is 256 random bits: a slow hash with a salt protects secrets that can be guessed. Secrets shorter than MinTokenBytes
// are rejected, so that no password is used as a token.
type Tokens struct{ *reload.Files[[]entry] }

// entry is one secret of the file.
type entry struct {
	name    string
	digest  [sha256.Size]byte
	expires time.Time // zero: never
}

// Bounds of a file of tokens.
const (
	// MinTokenBytes is the least length of a token.
	MinTokenBytes = 32

	maxTokens = 1000
	maxName   = 64
)

// tokenPrefix lets scanners for leaked secrets recognize a token.
const tokenPrefix = "arg_"

// NewToken returns a new token and its hash for the file.
func NewToken() (token, hash string) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	token = tokenPrefix + hex.EncodeToString(random)
	digest := sha256.Sum256([]byte(token))
	return token, hex.EncodeToString(digest[:])
}

// LoadTokens reads the file of static bearer tokens.
func LoadTokens(path string) (*Tokens, error) { return loadTokens(path, "tokens") }

// LoadRouterSecrets reads the file of the secrets of routers.
func LoadRouterSecrets(path string) (*Tokens, error) { return loadTokens(path, "routers") }

func loadTokens(path, what string) (*Tokens, error) {
	f, err := reload.Load(reload.Spec[[]entry]{
		Name:  what, // also the key of the file
		Paths: []string{path},
		Parse: func(contents [][]byte) ([]entry, error) { return parseTokens(path, what, contents[0]) },
	})
	return &Tokens{f}, err
}

// tokenEntry is an entry of the file.
type tokenEntry struct {
	Name    strictyaml.Text `yaml:"name" required:"true"`
	SHA256  strictyaml.Text `yaml:"sha256" required:"true"`
	Expires strictyaml.Text `yaml:"expires"`
}

func (tokenEntry) Noun() string { return "an entry" }

type tokenList []strictyaml.At[tokenEntry]

// MayBeEmpty lets the last token be revoked.
func (tokenList) MayBeEmpty() {}

type tokenFile struct {
	List strictyaml.At[tokenList] `yaml:"tokens" required:"true"`
}

type routerFile struct {
	List strictyaml.At[tokenList] `yaml:"routers" required:"true"`
}

// parseTokens parses a file of tokens strictly.
func parseTokens(name, what string, content []byte) ([]entry, error) {
	if what == "routers" {
		return strictyaml.Load(name, content, func(f routerFile) ([]entry, error) { return readTokens(tokenFile(f), what) })
	}
	return strictyaml.Load(name, content, func(f tokenFile) ([]entry, error) { return readTokens(f, what) })
}

func readTokens(f tokenFile, what string) ([]entry, error) {
	if len(f.List.Value) > maxTokens {
		return nil, f.List.Errorf("there can be at most %d %s", maxTokens, what)
	}
	entries := make([]entry, 0, len(f.List.Value))
	var errs []error
	for _, item := range f.List.Value {
		e, err := readToken(item.Value)
		switch {
		case err != nil:
			errs = append(errs, err)
		case slices.ContainsFunc(entries, func(other entry) bool { return other.digest == e.digest }):
			errs = append(errs, item.Errorf("this hash stands in the file already"))
		default:
			entries = append(entries, e)
		}
	}
	return entries, errors.Join(errs...)
}

func readToken(t tokenEntry) (e entry, err error) {
	if e.name = t.Name.Value; !isName(e.name) {
		return e, t.Name.Errorf("a name has letters, digits, dots, dashes and underscores only, at most %d", maxName)
	}
	// The value is not repeated: it may be the token itself, by mistake.
	if n, err := hex.Decode(e.digest[:], []byte(t.SHA256.Value)); err != nil || n != sha256.Size {
		return e, t.SHA256.Errorf("sha256 must be the 64 hexadecimal digits that the command token prints")
	}
	if t.Expires.Value != "" {
		if e.expires, err = time.Parse(time.RFC3339, t.Expires.Value); err != nil {
			return e, t.Expires.Errorf("expires must be a moment like 2027-01-31T00:00:00Z")
		}
	}
	return e, nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// Names returns the names of the tokens, sorted, each once.
func (t *Tokens) Names() []string {
	entries := t.Current()
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var (
	errUnknownToken = errors.New("authn: no such token")
	errExpiredToken = errors.New("authn: the token has expired")
)

// constantTimeCompare compares two hashes in a time that does not depend on where they differ. It is a variable for the
// test that counts the comparisons.
var constantTimeCompare = subtle.ConstantTimeCompare

// find returns the entry of a secret. It compares every hash, so that its time does not depend on the position of the
// secret.
func (t *Tokens) find(secret string) (entry, error) {
	digest := sha256.Sum256([]byte(secret))
	entries := t.Current()
	found := -1
	for i := range entries {
		found = subtle.ConstantTimeSelect(constantTimeCompare(digest[:], entries[i].digest[:]), i, found)
	}
	switch {
	case found < 0 || len(secret) < MinTokenBytes:
		return entry{}, errUnknownToken
	case !entries[found].expires.IsZero() && !time.Now().Before(entries[found].expires):
		return entry{}, errExpiredToken
	}
	return entries[found], nil
}
