package upstream

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/secret"
	"atlas-restore-gateway/internal/strictyaml"
)

// Bounds of a file of credentials.
const (
	maxCredentials = 100
	maxIDs         = 10_000
)

// credentialsFile is the content of a file of credentials.
type credentialsFile struct {
	Credentials strictyaml.List[credentialFile] `yaml:"credentials" required:"true"`
}

func (credentialsFile) Noun() string { return "a file of credentials" }

type credentialFile struct {
	Name           strictyaml.Text                   `yaml:"name" required:"true"`
	Projects       strictyaml.List[string]           `yaml:"projects"`
	Organizations  strictyaml.List[string]           `yaml:"organizations"`
	BaseURL        strictyaml.Text                   `yaml:"baseUrl"`
	APIKey         strictyaml.At[apiKeyFile]         `yaml:"apiKey"`
	ServiceAccount strictyaml.At[serviceAccountFile] `yaml:"serviceAccount"`
}

func (credentialFile) Noun() string { return "a credential" }

type apiKeyFile struct {
	PublicKey  secretSource `yaml:"publicKey" required:"true"`
	PrivateKey secretSource `yaml:"privateKey" required:"true"`
}

func (apiKeyFile) Noun() string { return "an apiKey" }
func (apiKeyFile) HidesKeys()   {}

type serviceAccountFile struct {
	ClientID     secretSource `yaml:"clientId" required:"true"`
	ClientSecret secretSource `yaml:"clientSecret" required:"true"`
}

func (serviceAccountFile) Noun() string { return "a serviceAccount" }
func (serviceAccountFile) HidesKeys()   {}

// secretSource is {env: NAME} or {file: PATH}, or the value itself.
type secretSource struct {
	strictyaml.At[place]
	text string
}

type place struct {
	Env  strictyaml.Text `yaml:"env"`
	File strictyaml.Text `yaml:"file"`
}

func (place) HidesKeys() {}

// UnmarshalYAML decodes a text or the place of one.
func (s *secretSource) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return s.At.UnmarshalYAML(node)
	}
	var text strictyaml.Text
	err := text.UnmarshalYAML(node)
	s.text, s.Position = text.Value, text.Position
	return err
}

// parser reads entries and the secrets that they name.
type parser struct {
	getenv func(string) string
	dir    string // relative paths are below it
}

// parse reads the content of a file of credentials, strictly, and the secrets that it names. No error
// repeats a value: it can be a secret in the wrong place.
func parse(name string, content []byte, getenv func(string) string) ([]*entry, error) {
	return strictyaml.Load(name, content, parser{getenv, filepath.Dir(name)}.entries)
}

func (p parser) entries(f credentialsFile) ([]*entry, error) {
	if len(f.Credentials.Value) > maxCredentials {
		return nil, f.Credentials.Value[maxCredentials].Errorf("there can be at most %d credentials", maxCredentials)
	}
	all := make([]*entry, 0, len(f.Credentials.Value))
	var errs []error
	for _, item := range f.Credentials.Value {
		e, err := p.entry(item)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, other := range all {
			switch {
			case other.name == e.name:
				errs = append(errs, item.Errorf("the name %s stands in the file already", e.name))
			case shares(other.projects, e.projects):
				errs = append(errs, item.Errorf("a project of this credential is of the credential %s already", other.name))
			case shares(other.organizations, e.organizations):
				errs = append(errs, item.Errorf("an organization of this credential is of the credential %s already", other.name))
			}
		}
		all = append(all, e)
	}
	return all, errors.Join(errs...)
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

func (p parser) entry(f strictyaml.At[credentialFile]) (*entry, error) {
	e := &entry{name: f.Value.Name.Value, baseURL: f.Value.BaseURL.Value}
	var err error
	if e.projects, err = readIDs(f.Value.Projects, "projects"); err != nil {
		return nil, err
	}
	if e.organizations, err = readIDs(f.Value.Organizations, "organizations"); err != nil {
		return nil, err
	}
	if len(e.projects)+len(e.organizations) == 0 {
		return nil, f.Errorf("a credential needs projects or organizations: without, it would never be used")
	}
	isKey, isAccount := f.Value.APIKey.Line > 0, f.Value.ServiceAccount.Line > 0
	if isKey == isAccount {
		return nil, f.Errorf("a credential needs either an apiKey or a serviceAccount")
	}
	if key := f.Value.APIKey.Value; isKey {
		public, private, err := p.pair(key.PublicKey, "publicKey", key.PrivateKey, "privateKey")
		e.credential = atlas.APIKey{PublicKey: public, PrivateKey: secret.Text(private)}
		return e, err
	}
	account := f.Value.ServiceAccount.Value
	id, clientSecret, err := p.pair(account.ClientID, "clientId", account.ClientSecret, "clientSecret")
	e.credential = atlas.ServiceAccount{ClientID: id, ClientSecret: secret.Text(clientSecret)}
	return e, err
}

func readIDs(list strictyaml.List[string], key string) ([]string, error) {
	if len(list.Value) > maxIDs {
		return nil, list.Errorf("there can be at most %d %s", maxIDs, key)
	}
	ids := make([]string, 0, len(list.Value))
	seen := make(map[string]bool, len(list.Value))
	var errs []error
	for _, item := range list.Value {
		switch id := item.Value; {
		case len(id) != 24 || strings.Trim(id, "0123456789abcdef") != "":
			errs = append(errs, item.Errorf("an id of %s is 24 digits of 0-9a-f", key))
		case seen[id]:
			errs = append(errs, item.Errorf("this id stands here already"))
		default:
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids, errors.Join(errs...)
}

// pair returns the name of a credential, which is no secret, and its secret.
func (p parser) pair(name secretSource, nameKey string, secret secretSource, key string) (string, string, error) {
	first := name.text
	if first == "" {
		var err error
		if first, err = p.value(name, nameKey); err != nil {
			return "", "", err
		}
	}
	if secret.text != "" {
		return "", "", secret.Errorf("%s must not stand in this file: say where it is, as {env: NAME} or {file: PATH}", key)
	}
	second, err := p.value(secret, key)
	return first, second, err
}

// value reads {env: NAME} or {file: PATH}.
func (p parser) value(s secretSource, what string) (string, error) {
	variable, path := s.Value.Env.Value, s.Value.File.Value
	if (variable == "") == (path == "") {
		return "", s.Errorf("%s is either in a variable (env) or in a file (file)", what)
	}
	var value, empty string
	if variable != "" {
		value, empty = p.getenv(variable), "the variable that it names is empty, or not set"
	} else {
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.dir, path)
		}
		content, err := reload.Read(path)
		if err != nil {
			return "", s.Value.File.Errorf("%s cannot be read (relative paths are below %s): %s", what, p.dir,
				withoutPath(err))
		}
		value, empty = string(content), "the file that it names is empty"
	}
	// Editors end a file with a newline, which is no part of the secret.
	if value = strings.TrimSpace(value); value == "" {
		return "", s.Errorf("%s: %s", what, empty)
	}
	return value, nil
}

// withoutPath returns the text of the error in one line, without the path: that may be a secret in the
// wrong place.
func withoutPath(err error) string {
	var ofPath *fs.PathError
	if errors.As(err, &ofPath) {
		err = ofPath.Err
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
