package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Getenv returns the function that looks a variable up in environ, whose entries are NAME=value, as
// those of [os.Environ]. As there, the first of several entries of one name counts.
func Getenv(environ []string) func(name string) string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if _, known := values[name]; !known {
			values[name] = value
		}
	}
	return func(name string) string { return values[name] }
}

// envPrefix begins the names of the gateway's own variables.
const envPrefix = "GATEWAY_"

// envName is the name of a flag's variable.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// environment resolves a flag from GATEWAY_<FLAG>. A variable that is set to nothing
// counts as not set.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value := getenv(envName(flag.Name)); value != "" {
			return value, nil
		}
		return nil, nil //nolint:nilnil // kong's way of saying: not here
	})
}

// UnknownVariable is a variable that has no effect, though it looks like one that is meant for the gateway.
type UnknownVariable struct {
	Name string
	// Nearest is the variable that may have been meant, or "".
	Nearest string
}

// atlasVariables are Atlas's own variables.
var atlasVariables = []string{EnvPublicKey, EnvPrivateKey, EnvClientID, EnvClientSecret, EnvAccessToken, EnvBaseURL}

// foreignVariables have the prefix GATEWAY_ and are not meant for the gateway: Kubernetes gives each
// container such variables for a service whose name begins with "gateway", and CGI has GATEWAY_INTERFACE.
var foreignVariables = regexp.MustCompile(`^GATEWAY_INTERFACE$|_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$`)

// unknownVariables returns, sorted by name, the variables of environ that look like settings of the gateway and are none: each
// GATEWAY_… that belongs to no flag, and each that is a slip away from a variable that is known. Of
// MONGODB_ATLAS_… other tools have more, under names that resemble each other: those count only
// where the variable that they resemble is not set. Values are never part of the result.
func unknownVariables(environ, flags []string) []UnknownVariable {
	getenv := Getenv(environ)
	known := slices.Clone(atlasVariables)
	for _, flag := range flags {
		known = append(known, envName(flag))
	}
	var unknown []UnknownVariable
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || slices.Contains(known, name) || foreignVariables.MatchString(name) {
			continue
		}
		upper := strings.ToUpper(name)
		like := nearest(upper, known, maxDistance)
		switch {
		case strings.HasPrefix(upper, envPrefix):
			unknown = append(unknown, UnknownVariable{name, like})
		case strings.HasPrefix(upper, "MONGODB_ATLAS_"):
			if like = cmp.Or(like, withMoreWords(upper, atlasVariables)); like != "" && getenv(like) == "" {
				unknown = append(unknown, UnknownVariable{name, like})
			}
		case like != "":
			unknown = append(unknown, UnknownVariable{name, like})
		}
	}
	slices.SortFunc(unknown, func(a, b UnknownVariable) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Compact(unknown)
}

// withMoreWords returns the one name of names that has all words of name and more, as
// MONGODB_ATLAS_PUBLIC_API_KEY has those of MONGODB_ATLAS_PUBLIC_KEY; "" where none or several have.
func withMoreWords(name string, names []string) string {
	found := ""
	for _, candidate := range names {
		has := strings.Split(candidate, "_")
		if slices.ContainsFunc(strings.Split(name, "_"), func(word string) bool { return !slices.Contains(has, word) }) {
			continue
		}
		if found != "" {
			return ""
		}
		found = candidate
	}
	return found
}

// maxDistance is how many letters a slip adds, leaves out, changes or swaps at most.
const maxDistance = 2

// nearest returns the name that is the fewest slips away from name, at most so many; "" where none is.
func nearest(name string, names []string, most int) string {
	found := ""
	for _, candidate := range names {
		if d := distance(name, candidate); d <= most && d < len(name) {
			found, most = candidate, d-1
		}
	}
	return found
}

// distance is how many letters have to be added, left out, changed or swapped with their neighbour to make b of a
// (optimal string alignment).
func distance(a, b string) int {
	if max(len(a), len(b)) > min(len(a), len(b))+maxDistance {
		return maxDistance + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			changed := last[j-1]
			if a[i-1] != b[j-1] {
				changed++
			}
			row[j] = min(last[j]+1, row[j-1]+1, changed)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
