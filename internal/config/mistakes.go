package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/strictyaml"
)

// Errors are several mistakes in the settings.
type Errors []error

// Error returns a line for each mistake.
func (m Errors) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d mistakes in the settings:", len(m))
	for _, err := range m {
		b.WriteString("\n  " + oneLine(err))
	}
	return b.String()
}

// Unwrap returns the mistakes.
func (m Errors) Unwrap() []error { return m }

// Join returns the mistakes that errs have as one error: nil without any, a single one as it is, else Errors.
func Join(errs ...error) error {
	switch all := flatten(errors.Join(errs...)); len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	default:
		return Errors(all)
	}
}

// flatten returns the errors that err joins.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	// What is wrapped in a text belongs to it.
	joined, is := err.(interface{ Unwrap() []error })
	if !is {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, flatten(one)...)
	}
	return all
}

// mistakeList collects the mistakes of independent checks.
type mistakeList []error

func (l *mistakeList) addIf(is bool, format string, args ...any) {
	if is {
		*l = append(*l, fmt.Errorf(format, args...))
	}
}

// mistake is an error in a setting.
type mistake struct {
	flag string // its name; "" where it is none of the settings that are set
	err  error
}

// asError returns the mistakes as one error: first those of the file, in the order of their places.
func asError(mistakes []mistake) error {
	place := func(m mistake) strictyaml.Position {
		var inFile *strictyaml.Error
		if errors.As(m.err, &inFile) {
			return inFile.Position
		}
		return strictyaml.Position{Line: math.MaxInt}
	}
	slices.SortStableFunc(mistakes, func(a, b mistake) int {
		p, q := place(a), place(b)
		return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
	})
	errs := make([]error, 0, len(mistakes))
	for _, m := range mistakes {
		errs = append(errs, m.err)
	}
	return Join(errs...)
}

// source is where the value of a setting is from: the command line, where it is empty, a variable or a file.
type source struct {
	variable string
	file     string
	strictyaml.Position
}

// String returns the source as /debug/config shows it.
func (s source) String() string {
	switch {
	case s.file != "":
		return fmt.Sprintf("%s:%d", s.file, s.Line)
	case s.variable != "":
		return s.variable
	default:
		return "flag"
	}
}

// locate returns the error of a flag as one of its source, whose name takes the place of the flag's.
func (s source) locate(flag string, err error) error {
	text := oneLine(err)
	switch {
	case s.file != "":
		return &strictyaml.Error{File: s.file, Position: s.Position, Message: strings.ReplaceAll(text, "--"+flag, flag)}
	case s.variable != "":
		return errors.New(strings.ReplaceAll(text, "--"+flag, s.variable))
	default:
		return err
	}
}

// namedFlag matches the name of a flag in the text of an error.
var namedFlag = regexp.MustCompile(`--[a-z0-9-]+`)

// flagIn returns the first flag in the text of a mistake that is set; "" without one.
func (c *Config) flagIn(err error) string {
	for _, flag := range namedFlag.FindAllString(err.Error(), -1) {
		if name := flag[len("--"):]; c.isSet(name) {
			return name
		}
	}
	return ""
}

func (c *Config) isSet(name string) bool {
	_, is := c.sources[name]
	return is
}

// locate returns the mistake with the source of the flag.
func (c *Config) locate(flag string, err error) error {
	if s, is := c.sources[flag]; is {
		return s.locate(flag, err)
	}
	return err
}
