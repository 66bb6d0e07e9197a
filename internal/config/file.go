package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/strictyaml"
)

// fileValue is the value of a setting in the file of --config.
type fileValue struct {
	text string // as the flag takes it
	strictyaml.Position
}

// readFile returns the values of a file of settings by the names of their flags, with all mistakes of the file. Values
// beside the mistakes are returned as well. Paths in the file are relative to its folder.
func readFile(name string, settings []setting) (map[string]fileValue, []error) {
	content, err := reload.Read(name)
	if err != nil {
		return nil, []error{fmt.Errorf("--config: %w", err)}
	}
	entries, err := strictyaml.LoadEntries(name, content)
	errs := flatten(err)
	values := make(map[string]fileValue, len(entries))
	for _, e := range entries {
		s, err := settingOf(e.Key, settings)
		if err == nil {
			var text string
			if text, err = s.fromFile(e); err == nil {
				values[s.Name] = fileValue{s.relativeTo(filepath.Dir(name), text), e.Position}
				continue
			}
		}
		errs = append(errs, inFile(name, err))
	}
	return values, errs
}

// inFile returns the mistake with the name of its file.
func inFile(name string, err error) error {
	var mistake *strictyaml.Error
	if errors.As(err, &mistake) {
		mistake.File = name
	}
	return err
}

// settingOf returns the setting of a key.
func settingOf(key strictyaml.Text, settings []setting) (setting, error) {
	names := make([]string, 0, len(settings))
	for _, s := range settings {
		if !s.inFile() {
			continue
		}
		if s.Name == key.Value {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if key.Value == FileSetting {
		return setting{}, key.Errorf("a file cannot name another one: %s is a flag alone", FileSetting)
	}
	if like := nearest(strings.ToLower(strings.ReplaceAll(key.Value, "_", "-")), names, maxDistance); like != "" {
		return setting{}, key.Errorf("unknown setting: did you mean %s?", like)
	}
	// The key is not repeated: it may be a secret in the wrong place.
	return setting{}, key.Errorf("unknown setting: keys are the names of flags, such as log-level, and secrets are set by " +
		"variables or files alone (--help lists them)")
}

// inFile reports whether the file of --config can have the setting.
func (s setting) inFile() bool { return s.Name != FileSetting }

// fromFile returns the value of an entry as the flag takes it.
func (s setting) fromFile(e strictyaml.Entry) (string, error) {
	if e.IsList && !s.isList() {
		return "", e.Errorf("%s is one value and no list", s.Name)
	}
	texts := make([]string, 0, len(e.Values))
	for _, value := range e.Values {
		text, err := s.scalar(value)
		if err != nil {
			return "", err
		}
		if e.IsList && (strings.Contains(text, ",") || strings.TrimSpace(text) == "") {
			return "", value.Errorf("an element of %s is not empty and has no comma", s.Name)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ","), nil
}

// scalar returns the value as the flag takes it, if it is of the kind of the setting.
func (s setting) scalar(value strictyaml.Scalar) (string, error) {
	switch want := s.kind(); {
	case want == value.Kind:
		return value.Value, nil
	case s.isSwitch() && value.Kind == strictyaml.BoolKind:
		// Tools that write YAML 1.1 turn on and off into booleans.
		if on, _ := strconv.ParseBool(strings.ToLower(value.Value)); on {
			return string(On), nil
		}
		return string(Off), nil
	case want == strictyaml.BoolKind:
		return "", value.Errorf("%s must be true or false", s.Name)
	case want == strictyaml.IntegerKind:
		return "", value.Errorf("%s must be a whole number", s.Name)
	case s.isDuration():
		return "", value.Errorf("%s must be a time with its unit, such as 30s or 5m", s.Name)
	default:
		return "", value.Errorf("%s must be a text: put it in quotes", s.Name)
	}
}

// relativeTo returns the value; a path in it is relative to the folder.
func (s setting) relativeTo(dir, text string) string {
	if s.isPath() && text != "" && text != "-" && !filepath.IsAbs(text) {
		return filepath.Join(dir, text)
	}
	return text
}
