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

// held is one credential of the file, with its secret.
type held struct {
	name          string
	projects      []string
	organizations []string
	baseURL       string
	credential    atlas.Credential
}

// source is where a secret comes from, beside the file that names it.
type source struct {
	getenv func(string) string
	dir    string // that relative paths are below
}

// parse reads a file of credentials, strictly, and the secrets that it names. No error
// repeats a value: it could be a secret that stands in the wrong place.
func parse(name string, content []byte, getenv func(string) string) ([]held, error) {
	root, err := strictyaml.Parse(name, content)
	if err != nil {
		return nil, err
	}
	fields, err := root.Fields("a file of credentials", "credentials")
	if err != nil {
		return nil, err
	}
	from := source{getenv, filepath.Dir(name)}
	var all []held
	return strictyaml.Each(fields, "credentials", func(v strictyaml.Value) (held, error) {
		h, err := from.readHeld(v)
		if err != nil {
			return h, err
		}
		if len(all) == maxCredentials {
			return h, v.Errorf("there can be at most %d credentials", maxCredentials)
		}
		for _, other := range all {
			switch {
			case other.name == h.name:
				return h, v.Errorf("the name %s stands in the file already", h.name)
			case shares(other.projects, h.projects):
				return h, v.Errorf("a project of this credential is of the credential %s already", other.name)
			case shares(other.organizations, h.organizations):
				return h, v.Errorf("an organization of this credential is of the credential %s already", other.name)
			}
		}
		all = append(all, h)
		return h, nil
	})
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

func (s source) readHeld(v strictyaml.Value) (held, error) {
	var h held
	fields, err := v.Fields("a credential", "name", "projects", "organizations", "baseUrl", "apiKey", "serviceAccount")
	if err != nil {
		return h, err
	}
	name, err := fields.Need("name")
	if err != nil {
		return h, err
	}
	if h.name, err = name.Text("name", maxText); err != nil {
		return h, err
	}
	if h.projects, err = readIDs(fields, "projects"); err != nil {
		return h, err
	}
	if h.organizations, err = readIDs(fields, "organizations"); err != nil {
		return h, err
	}
	if len(h.projects)+len(h.organizations) == 0 {
		return h, v.Errorf("a credential needs projects or organizations: without, it would never be used")
	}
	if base, ok := fields.Get("baseUrl"); ok {
		if h.baseURL, err = base.Text("baseUrl", maxText); err != nil {
			return h, err
		}
	}
	h.credential, err = s.readCredential(v, fields)
	return h, err
}

func readIDs(fields strictyaml.Fields, key string) ([]string, error) {
	list, ok := fields.Get(key)
	if !ok {
		return nil, nil
	}
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

func (s source) readCredential(v strictyaml.Value, fields strictyaml.Fields) (atlas.Credential, error) {
	key, isKey := fields.Get("apiKey")
	account, isAccount := fields.Get("serviceAccount")
	switch {
	case isKey == isAccount:
		return nil, v.Errorf("a credential needs either an apiKey or a serviceAccount")
	case isKey:
		public, private, err := s.readHalves(key, "an apiKey", "publicKey", "privateKey")
		return atlas.APIKey{PublicKey: public, PrivateKey: secret.Text(private)}, err
	default:
		id, clientSecret, err := s.readHalves(account, "a serviceAccount", "clientId", "clientSecret")
		return atlas.ServiceAccount{ClientID: id, ClientSecret: secret.Text(clientSecret)}, err
	}
}

// readHalves reads what names a credential and its secret.
func (s source) readHalves(v strictyaml.Value, what, named, secret string) (string, string, error) {
	fields, err := secretFields(v, what, named, secret)
	if err != nil {
		return "", "", err
	}
	first, err := fields.Need(named)
	if err != nil {
		return "", "", err
	}
	second, err := fields.Need(secret)
	if err != nil {
		return "", "", err
	}
	var name string
	if first.IsText() {
		// What names it is no secret.
		name, err = first.Text(named, maxText)
	} else {
		name, err = s.readValue(first, named)
	}
	if err != nil {
		return "", "", err
	}
	if second.IsText() {
		return "", "", second.Errorf("%s must not stand in this file: say where it is, as {env: NAME} or {file: PATH}", secret)
	}
	value, err := s.readValue(second, secret)
	return name, value, err
}

// secretFields are the fields of what holds a secret, or is one that was written in the
// wrong place, as in {file: …} without the name: an unknown key is not repeated.
func secretFields(v strictyaml.Value, what string, known ...string) (strictyaml.Fields, error) {
	if v.IsMapping() {
		entries, err := v.Entries(what)
		if err != nil {
			return strictyaml.Fields{}, v.Errorf("%s can have %s, each once", what, strings.Join(known, " and "))
		}
		for _, e := range entries {
			if !slices.Contains(known, e.Key) {
				return strictyaml.Fields{}, e.At.Errorf("unknown key: %s can have %s", what, strings.Join(known, " and "))
			}
		}
	}
	return v.Fields(what, known...)
}

// readValue reads {env: NAME} or {file: PATH}.
func (s source) readValue(v strictyaml.Value, what string) (string, error) {
	fields, err := secretFields(v, what, "env", "file")
	if err != nil {
		return "", err
	}
	variable, isVariable := fields.Get("env")
	file, isFile := fields.Get("file")
	if isVariable == isFile {
		return "", v.Errorf("%s is either in a variable (env) or in a file (file)", what)
	}
	var value, empty string
	if isVariable {
		name, err := variable.Text("env", maxText)
		if err != nil {
			return "", err
		}
		value, empty = s.getenv(name), "the variable that it names is empty, or not set"
	} else {
		path, err := file.Text("file", maxText)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.dir, path)
		}
		content, err := reload.Read(path)
		if err != nil {
			return "", file.Errorf("%s cannot be read (relative paths are below %s): %s", what, s.dir, withoutPath(err))
		}
		value, empty = string(content), "the file that it names is empty"
	}
	// A newline at the end comes with a secret that was written by an editor.
	if value = strings.TrimSpace(value); value == "" {
		return "", v.Errorf("%s: %s", what, empty)
	}
	return value, nil
}

// withoutPath is the error in one line and without the path, which can be a secret that
// stands in the wrong place.
func withoutPath(err error) string {
	var ofPath *fs.PathError
	if errors.As(err, &ofPath) {
		err = ofPath.Err
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
