package upstream

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/secret"
	"atlas-restore-gateway/internal/strictyaml"
)

// Bounds of a file of credentials.
const (
	maxCredentials = 100
	maxIDs         = 10_000
	maxText        = 512
)

// parser reads entries and the secrets that they name.
type parser struct {
	getenv func(string) string
	dir    string // relative paths are below it
}

// parse reads the content of a file of credentials, strictly, and the secrets that it names. No error
// repeats a value: it can be a secret in the wrong place.
func parse(name string, content []byte, getenv func(string) string) ([]*entry, error) {
	p := parser{getenv, filepath.Dir(name)}
	var all []*entry
	fields := strictyaml.ParseFields(name, content, "a file of credentials", "credentials")
	fields.Each("credentials", func(v strictyaml.Value) error {
		e, err := p.entry(v)
		if err != nil {
			return err
		}
		if len(all) == maxCredentials {
			return v.Errorf("there can be at most %d credentials", maxCredentials)
		}
		for _, other := range all {
			switch {
			case other.name == e.name:
				return v.Errorf("the name %s stands in the file already", e.name)
			case shares(other.projects, e.projects):
				return v.Errorf("a project of this credential is of the credential %s already", other.name)
			case shares(other.organizations, e.organizations):
				return v.Errorf("an organization of this credential is of the credential %s already", other.name)
			}
		}
		all = append(all, e)
		return nil
	})
	if err := fields.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

func (p parser) entry(v strictyaml.Value) (*entry, error) {
	e := &entry{}
	fields := v.Fields("a credential", "name", "projects", "organizations", "baseUrl", "apiKey", "serviceAccount")
	e.name = fields.Text("name", maxText)
	fields.ReadOptional("projects", func(list strictyaml.Value) (err error) {
		e.projects, err = readIDs(list, "projects")
		return err
	})
	fields.ReadOptional("organizations", func(list strictyaml.Value) (err error) {
		e.organizations, err = readIDs(list, "organizations")
		return err
	})
	e.baseURL = fields.OptionalText("baseUrl", maxText)
	if err := fields.Err(); err != nil {
		return nil, err
	}
	if len(e.projects)+len(e.organizations) == 0 {
		return nil, v.Errorf("a credential needs projects or organizations: without, it would never be used")
	}
	var err error
	e.credential, err = p.credential(v, fields)
	return e, err
}

func readIDs(list strictyaml.Value, key string) ([]string, error) {
	items, err := list.Items(key)
	if err != nil {
		return nil, err
	}
	if len(items) > maxIDs {
		return nil, list.Errorf("there can be at most %d %s", maxIDs, key)
	}
	ids := make([]string, 0, len(items))
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		id, err := item.Text("an id", maxText)
		switch {
		case err != nil:
			return nil, err
		case len(id) != 24 || strings.Trim(id, "0123456789abcdef") != "":
			return nil, item.Errorf("an id of %s is 24 digits of 0-9a-f", key)
		case seen[id]:
			return nil, item.Errorf("this id stands here already")
		}
		seen[id] = true
		ids = append(ids, id)
	}
	return ids, nil
}

func (p parser) credential(v strictyaml.Value, fields *strictyaml.Fields) (atlas.Credential, error) {
	key, isKey := fields.Get("apiKey")
	account, isAccount := fields.Get("serviceAccount")
	switch {
	case isKey == isAccount:
		return nil, v.Errorf("a credential needs either an apiKey or a serviceAccount")
	case isKey:
		public, private, err := p.pair(key, "an apiKey", "publicKey", "privateKey")
		return atlas.APIKey{PublicKey: public, PrivateKey: secret.Text(private)}, err
	default:
		id, clientSecret, err := p.pair(account, "a serviceAccount", "clientId", "clientSecret")
		return atlas.ServiceAccount{ClientID: id, ClientSecret: secret.Text(clientSecret)}, err
	}
}

// pair reads the name of a credential and its secret.
func (p parser) pair(v strictyaml.Value, what, named, secret string) (string, string, error) {
	fields, err := secretFields(v, what, named, secret)
	if err != nil {
		return "", "", err
	}
	first, second := fields.Need(named), fields.Need(secret)
	if err := fields.Err(); err != nil {
		return "", "", err
	}
	var name string
	if first.IsText() {
		// The name is no secret.
		name, err = first.Text(named, maxText)
	} else {
		name, err = p.value(first, named)
	}
	if err != nil {
		return "", "", err
	}
	if second.IsText() {
		return "", "", second.Errorf("%s must not stand in this file: say where it is, as {env: NAME} or {file: PATH}",
			secret)
	}
	value, err := p.value(second, secret)
	return name, value, err
}

// secretFields returns the fields of a mapping that holds a secret. Its errors do not repeat an unknown
// key: that may be a secret in the wrong place, as in {file: …} without the name.
func secretFields(v strictyaml.Value, what string, known ...string) (*strictyaml.Fields, error) {
	if v.IsMapping() {
		entries, err := v.Entries(what)
		if err != nil {
			return nil, v.Errorf("%s can have %s, each once", what, strings.Join(known, " and "))
		}
		for _, e := range entries {
			if !slices.Contains(known, e.Key) {
				return nil, e.At.Errorf("unknown key: %s can have %s", what, strings.Join(known, " and "))
			}
		}
	}
	fields := v.Fields(what, known...)
	return fields, fields.Err()
}

// value reads {env: NAME} or {file: PATH}.
func (p parser) value(v strictyaml.Value, what string) (string, error) {
	fields, err := secretFields(v, what, "env", "file")
	if err != nil {
		return "", err
	}
	variable, path := fields.OptionalText("env", maxText), fields.OptionalText("file", maxText)
	if err := fields.Err(); err != nil {
		return "", err
	}
	if (variable == "") == (path == "") {
		return "", v.Errorf("%s is either in a variable (env) or in a file (file)", what)
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
			return "", fields.Need("file").Errorf("%s cannot be read (relative paths are below %s): %s", what, p.dir,
				withoutPath(err))
		}
		value, empty = string(content), "the file that it names is empty"
	}
	// Editors end a file with a newline, which is no part of the secret.
	if value = strings.TrimSpace(value); value == "" {
		return "", v.Errorf("%s: %s", what, empty)
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
