package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"atlas-restore-gateway/internal/strictyaml"
)

// The tags of a setting, beside kong's own (default, enum, help, negatable, placeholder):
//
//   - bounds:"least..most" are the bounds of a number or duration, both allowed. checkBounds enforces them.
//   - unset:"…" says what holds where the setting has no default.
//   - variable:"…" is the name of the variable where it is not GATEWAY_<FLAG>.
//   - placeholder:"FILE" is that of a path, and one with a comma that of a list.

// setting is a flag with its variable.
type setting struct{ *kong.Flag }

// newParser returns a parser that sets c, and its settings in the order of their declaration.
func newParser(c *Config, options ...kong.Option) (parser *kong.Kong, settings []setting, err error) {
	if parser, err = kong.New(c, options...); err != nil {
		return nil, nil, fmt.Errorf("config: %w", err)
	}
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		s := setting{flag}
		flag.PlaceHolder = cmp.Or(flag.PlaceHolder, s.placeholder())
		settings = append(settings, s)
	}
	return parser, settings, nil
}

// placeholder returns what the help shows in the place of a value, for settings that declare no placeholder.
func (s setting) placeholder() string {
	_, _, bounded := s.bounds()
	switch {
	case s.isDuration():
		return "TIME"
	case bounded:
		return "N"
	default:
		return strings.ReplaceAll(s.Enum, ",", "|")
	}
}

// variable returns the name of the environment variable.
func (s setting) variable() string { return cmp.Or(s.Tag.Get("variable"), envName(s.Name)) }

// byDefault returns what holds where the setting is not set; "" where nothing does.
func (s setting) byDefault() string {
	switch {
	case s.IsBool() && s.Default == "true":
		return "on"
	case s.IsBool():
		return "off"
	case s.HasDefault:
		return s.Default
	default:
		return s.Tag.Get("unset")
	}
}

// bounds returns the bounds of a number or duration as they are declared.
func (s setting) bounds() (least, most string, bounded bool) {
	return strings.Cut(s.Tag.Get("bounds"), "..")
}

// isPath reports whether the setting is the path of a file.
func (s setting) isPath() bool { return s.PlaceHolder == "FILE" }

// isList reports whether the setting is a list with commas between its elements.
func (s setting) isList() bool { return strings.Contains(s.PlaceHolder, ",") }

// isSwitch reports whether the setting is a Switch.
func (s setting) isSwitch() bool {
	_, is := s.Target.Interface().(Switch)
	return is
}

// kind returns what YAML takes a value of the setting for.
func (s setting) kind() strictyaml.Kind {
	switch {
	case s.IsBool():
		return strictyaml.BoolKind
	case s.Target.CanInt() && s.Target.Type().PkgPath() == "": // time.Duration and slog.Level are texts
		return strictyaml.IntegerKind
	default:
		return strictyaml.TextKind
	}
}

// isDuration reports whether the setting is a duration.
func (s setting) isDuration() bool {
	_, is := s.Target.Interface().(time.Duration)
	return is
}

// number returns a bound as the value of the setting has it. A malformed tag panics, and so fails every test.
func (s setting) number(bound string) int64 {
	if s.isDuration() {
		d, err := time.ParseDuration(bound)
		if err != nil {
			panic(err)
		}
		return int64(d)
	}
	n, err := strconv.ParseInt(bound, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// set parses the text, as a flag does, and sets the value.
func (s setting) set(text string) error {
	if err := s.Parse(kong.Scan().PushTyped(text, kong.FlagValueToken), s.Target); err != nil {
		return err
	}
	if s.Enum == "" || slices.Contains(strings.Split(s.Enum, ","), fmt.Sprint(s.Target.Interface())) {
		return nil
	}
	return fmt.Errorf(`--%s must be one of "%s" but got %q`, s.Name, strings.ReplaceAll(s.Enum, ",", `","`), text)
}

// check returns an error if the value is out of bounds.
func (s setting) check() error {
	least, most, bounded := s.bounds()
	if !bounded {
		return nil
	}
	low, high := s.number(least), s.number(most)
	if got := s.Target.Int(); got >= low && got <= high {
		return nil
	}
	if s.isDuration() {
		least, most = time.Duration(low).String(), time.Duration(high).String()
	}
	return fmt.Errorf("--%s must be from %s to %s, not %v", s.Name, least, most, s.Target.Interface())
}

// describe returns the text of a flag in the help: what it does, its default, its bounds and its variable.
func describe(v *kong.Value) string {
	if v.Name == "help" {
		return v.Help
	}
	s := setting{v.Flag}
	facts := "no default"
	if byDefault := s.byDefault(); byDefault != "" {
		facts = "default: " + byDefault
	}
	if least, most, bounded := s.bounds(); bounded {
		facts += ", from " + least + " to " + most
	}
	return v.Help + " [" + facts + "; " + s.variable() + "]"
}

// flagInText matches a flag, with its value, in a help text.
var flagInText = regexp.MustCompile(`--[a-z-]+(=[a-z]+)?`)

// Table returns the settings as a table in Markdown: flag, default, values and meaning.
func Table() (string, error) {
	_, settings, err := newParser(&Config{})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| flag | default | values | meaning |\n|---|---|---|---|\n")
	for _, s := range settings {
		byDefault := "–"
		switch {
		case s.HasDefault && !s.IsBool():
			byDefault = "`" + s.Default + "`"
		case s.byDefault() != "":
			byDefault = s.byDefault()
		}
		fmt.Fprintf(&b, "| `--%s` | %s | %s | %s |\n", s.Name, byDefault, s.values(),
			flagInText.ReplaceAllString(s.Help, "`$0`"))
	}
	return b.String(), nil
}

// values returns what the setting can be, in Markdown.
func (s setting) values() string {
	if least, most, bounded := s.bounds(); bounded {
		if s.PlaceHolder == "BYTES" {
			most += " bytes"
		}
		return least + " to " + most
	}
	switch {
	case s.Enum != "":
		return "`" + strings.ReplaceAll(s.Enum, ",", "`, `") + "`"
	case s.IsBool():
		return "on, off"
	default:
		return strings.ReplaceAll(s.PlaceHolder, "|", ", ")
	}
}
