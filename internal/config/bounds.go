package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// A flag that is a number or a time has its bounds in its tag "bounds", as least..most, both allowed. They are checked by
// checkBounds and told by the help, so that there is one place for both.

// checkBounds returns an error that names the first flag whose value is out of its bounds.
func checkBounds(flags []*kong.Flag) error {
	for _, flag := range flags {
		least, most, bounded := strings.Cut(flag.Tag.Get("bounds"), "..")
		if !bounded {
			continue
		}
		least, most = canonical(flag.Value, least), canonical(flag.Value, most)
		low, high := number(flag.Value, least), number(flag.Value, most)
		if got := flag.Target.Int(); got < low || got > high {
			return fmt.Errorf("--%s must be from %s to %s, not %v", flag.Name, least, most, flag.Target.Interface())
		}
	}
	return nil
}

// isDuration reports whether the flag is a time.
func isDuration(v *kong.Value) bool {
	_, is := v.Target.Interface().(time.Duration)
	return is
}

// number is a bound as the flag's value holds it. A malformed tag panics: no test gets past it.
func number(v *kong.Value, text string) int64 {
	if isDuration(v) {
		d, err := time.ParseDuration(text)
		if err != nil {
			panic(err)
		}
		return int64(d)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// canonical is a bound as errors write it.
func canonical(v *kong.Value, text string) string {
	if isDuration(v) {
		return time.Duration(number(v, text)).String()
	}
	return text
}

// describe is the text of a flag in the help: what it does, its default, its bounds and its variable.
func describe(v *kong.Value) string {
	if v.Name == "help" {
		return v.Help
	}
	facts := "no default"
	switch {
	case v.IsBool() && v.Default == "true":
		facts = "default: on"
	case v.IsBool():
		facts = "default: off"
	case v.HasDefault:
		facts = "default: " + v.Default
	case v.Tag.Has("unset"):
		facts = "default: " + v.Tag.Get("unset")
	}
	if least, most, bounded := strings.Cut(v.Tag.Get("bounds"), ".."); bounded {
		facts += ", from " + least + " to " + most
	}
	return v.Help + " [" + facts + "; " + envName(v.Name) + "]"
}
