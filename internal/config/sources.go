package config

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"atlas-restore-gateway/internal/secret"
)

// readSources sets what the command line, which is parsed, leaves to variables and to the file of --config, and checks
// every value. It returns all mistakes.
func (c *Config) readSources(parsed *kong.Context, getenv func(string) string) (mistakes []mistake) {
	c.sources = make(map[string]source)
	for _, path := range parsed.Path {
		if path.Flag != nil {
			c.sources[path.Flag.Name] = source{}
		}
	}
	values := make(map[string]string, len(c.settings))
	for _, s := range c.settings {
		// An empty variable counts as not set.
		if text := getenv(s.variable()); text != "" && !c.isSet(s.Name) {
			values[s.Name], c.sources[s.Name] = text, source{variable: s.variable()}
		}
	}
	if name, is := values[FileSetting]; is {
		c.ConfigFile = name
	}
	if c.ConfigFile != "" {
		file, errs := readFile(c.ConfigFile, c.settings)
		for _, err := range errs {
			mistakes = append(mistakes, mistake{err: err})
		}
		for name, value := range file {
			if !c.isSet(name) {
				values[name], c.sources[name] = value.text, source{file: c.ConfigFile, Position: value.Position}
			}
		}
	}
	for _, s := range c.settings {
		text, is := values[s.Name]
		var err error
		if is {
			err = s.set(text)
		}
		if err == nil {
			err = s.check()
		}
		if err != nil {
			mistakes = append(mistakes, mistake{s.Name, c.locate(s.Name, errors.New(oneLine(err)))})
		}
	}
	return mistakes
}

// Setting is a setting as it is in force.
type Setting struct {
	Name string `json:"name"`
	// Value is a text, a number or a boolean. No setting is for a secret; what may be one by mistake is redacted.
	Value any `json:"value"`
	// Source is "default", "flag", the name of a variable, or file and line.
	Source string `json:"source"`
}

// DefaultSource is the source of a setting that is not set.
const DefaultSource = "default"

// Settings returns all settings in the order of their declaration.
func (c *Config) Settings() []Setting {
	all := make([]Setting, 0, len(c.settings))
	for _, s := range c.settings {
		is := Setting{Name: s.Name, Value: s.Target.Interface(), Source: DefaultSource}
		if from, set := c.sources[s.Name]; set {
			is.Source = from.String()
		}
		if text, textual := is.Value.(interface{ String() string }); textual {
			is.Value = text.String()
		}
		if s.Target.Kind() == reflect.String {
			is.Value = redacted(s.Target.String())
		}
		all = append(all, is)
	}
	return all
}

// shownParameters are the parameters of --replica-redis, of which none is a secret.
var shownParameters = []string{"addr", "master_set", "db"}

// redacted returns the text of a setting without what may be a secret in a URL: user, password, parameters and fragment.
// It removes too much rather than too little, because texts can have several URLs, and passwords any character.
func redacted(text string) string {
	scheme, rest, is := strings.Cut(text, "://")
	if !is {
		return text
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = secret.Redacted + rest[at:]
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		parameters := strings.Split(rest[i+1:], "&")
		for j, parameter := range parameters {
			name, _, _ := strings.Cut(parameter, "=")
			if !slices.Contains(shownParameters, name) || strings.ContainsAny(parameter, "?#") {
				parameters[j] = secret.Redacted
			}
		}
		rest = rest[:i+1] + strings.Join(parameters, "&")
	}
	return scheme + "://" + rest
}

// SecretVariable is a variable that holds a secret.
type SecretVariable struct {
	Name string `json:"name"`
	Set  bool   `json:"set"`
}

// secretsIn returns which of the variables that hold a secret, or the half of a credential, are set.
func secretsIn(getenv func(string) string) []SecretVariable {
	names := slices.Concat(credentialVariables, secretVariables)
	all := make([]SecretVariable, 0, len(names))
	for _, name := range names {
		all = append(all, SecretVariable{name, getenv(name) != ""})
	}
	return all
}

// SecretVariables returns the variables that hold a secret, or the half of a credential, and whether they are set.
func (c *Config) SecretVariables() []SecretVariable { return c.secrets }
