package config

import (
	"errors"

	"github.com/alecthomas/kong"
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
	// Value is a text, a number or a boolean. No setting holds a secret.
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
		all = append(all, is)
	}
	return all
}
