package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authn"
)

var update = flag.Bool("update", false, "write the table of settings in docs/configuration.md and schema/config.json")

func TestSchema_isPublished(t *testing.T) {
	path := filepath.Join("..", "..", "schema", "config.json")
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%s is not the schema of the settings (%v): go test ./internal/config -update writes it", path, err)
	}
}

func TestTable_isInTheConfigurationGuide(t *testing.T) {
	const begin, end = "<!-- settings: begin -->\n", "<!-- settings: end -->"
	path := filepath.Join("..", "..", "docs", "configuration.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(text), begin)
	got, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd {
		t.Fatalf("%s has no comments %q and %q", path, begin, end)
	}
	want, err := Table()
	if err != nil {
		t.Fatal(err)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the table of %s is not that of the settings: go test ./internal/config -update writes it", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// factsInHelp matches default, bounds and variable of a flag in the help.
var factsInHelp = regexp.MustCompile(`\[(default: [^;\]]*|no default); ((?:GATEWAY|MONGODB)_[A-Z0-9_]+)\]`)

func TestHelp_showsDefaultBoundsAndVariableOfEveryFlag(t *testing.T) {
	help := helpOf(t)
	shown := make(map[string]string)
	for _, found := range factsInHelp.FindAllStringSubmatch(help, -1) {
		shown[found[2]] = found[1]
	}
	_, settings, err := newParser(&Config{})
	if err != nil {
		t.Fatal(err)
	}
	bounds := regexp.MustCompile(`, from (\S+) to (\S+)$`)
	for _, s := range settings {
		facts, there := shown[s.variable()]
		switch {
		case !there:
			t.Errorf("the help does not show what --%s is by default, and its variable", s.Name)
		case s.HasDefault && !s.IsBool() && !strings.Contains(facts, "default: "+s.Default):
			t.Errorf("the default of --%s is %s, the help says %q", s.Name, s.Default, facts)
		case s.Target.CanInt() && s.Target.Type().PkgPath() == "" || s.isDuration():
			found := bounds.FindStringSubmatch(facts)
			if found == nil {
				t.Errorf("the help shows no bounds of --%s: %q", s.Name, facts)
				continue
			}
			checkBoundsInHelp(t, s, found[1], found[2])
		}
	}
	if len(shown) < 60 {
		t.Errorf("only %d flags were found", len(shown))
	}
}

// checkBoundsInHelp checks that the bounds in the help are accepted, and that values beyond are rejected.
func checkBoundsInHelp(t *testing.T, s setting, least, most string) {
	t.Helper()
	text := func(n int64) string {
		if s.isDuration() {
			return time.Duration(n).String()
		}
		return strconv.FormatInt(n, 10)
	}
	low, high := s.number(least), s.number(most)
	for n, inside := range map[int64]bool{low: true, high: true, low - 1: false, high + 1: false} {
		_, err := parse([]string{"--demo", "--" + s.Name + "=" + text(n)}, nil)
		if (err == nil) != inside || err != nil && !strings.Contains(err.Error(), "--"+s.Name+" must be from ") {
			t.Errorf("--%s=%s: %v", s.Name, text(n), err)
		}
	}
}

func TestHelp_hasTheBoundsOfThePackagesThatUseThem(t *testing.T) {
	help := helpOf(t)
	for _, want := range []string{
		fmt.Sprintf("from %s to %s; GATEWAY_ATLAS_TIMEOUT", atlas.MinTimeout, short(atlas.MaxTimeout)),
		fmt.Sprintf("from %d to %d; GATEWAY_ATLAS_MAX_BODY", atlas.MinMaxBodyBytes, atlas.MaxMaxBodyBytes),
		fmt.Sprintf("from 0 to %d; GATEWAY_ATLAS_RETRIES", atlas.MaxRetries),
		fmt.Sprintf("from 0s to %s; GATEWAY_OIDC_CLOCK_SKEW", short(authn.MaxClockSkew)),
	} {
		if !strings.Contains(help, want) {
			t.Errorf("the help lacks %q", want)
		}
	}
}

// short returns a duration of whole minutes without seconds.
func short(d time.Duration) string { return strings.TrimSuffix(d.String(), "0s") }
