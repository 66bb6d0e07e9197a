package config

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/test/released"
)

// releasedNames returns the commands, and of each setting the flag and its variable, with the values that stand for
// what it accepts: each one of a few, and the bounds of a range.
func releasedNames(settings []setting) []string {
	var names []string
	for _, c := range Commands {
		names = append(names, "command "+c.Name)
	}
	for _, s := range settings {
		values := []string{""}
		least, most, bounded := s.bounds()
		switch {
		case bounded:
			values = []string{least, most}
		case s.isSwitch():
			values = []string{"auto", "on", "off", "true", "false"}
		case s.Enum != "":
			values = strings.Split(s.Enum, ",")
		case s.IsBool():
			values = []string{"true", "false"}
		}
		for _, value := range values {
			names = append(names, strings.TrimSpace("--"+s.Name+" "+s.variable()+" "+value))
		}
	}
	return names
}

// A value that is not among the present ones is accepted all the same where the range became wider.
func TestReleased_settingsAcceptWhatTheyAccepted(t *testing.T) {
	_, settings, err := newParser(&Config{})
	if err != nil {
		t.Fatal(err)
	}
	names := releasedNames(settings)
	for _, promised := range released.Names(t, names) {
		fields := strings.Fields(promised)
		at := slices.IndexFunc(settings, func(s setting) bool {
			return fields[0] == "--"+s.Name && fields[1] == s.variable()
		})
		if at >= 0 && len(fields) == 3 && settings[at].set(fields[2]) == nil && settings[at].check() == nil {
			names = append(names, promised)
		}
	}
	released.Check(t, names)
}
