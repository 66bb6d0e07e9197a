package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Getenv returns a function that looks a variable up in environ, whose entries are NAME=value, as those of
// [os.Environ]. The first of several entries of a name counts.
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

// envPrefix is the prefix of the variables of the flags.
const envPrefix = "GATEWAY_"

// envName returns the name of a flag's variable.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// UnknownVariable is a variable without effect that looks like a setting of the gateway.
type UnknownVariable struct {
	Name string
	// Nearest is the variable that may be meant, or "".
	Nearest string
}

// credentialVariables are Atlas's own variables of credentials.
var credentialVariables = []string{EnvPublicKey, EnvPrivateKey, EnvClientID, EnvClientSecret, EnvAccessToken}

// atlasVariables are Atlas's own variables.
var atlasVariables = append(slices.Clone(credentialVariables), EnvBaseURL)

// foreignVariables matches variables with the prefix GATEWAY_ that are not settings: Kubernetes sets them in each
// container for a service whose name begins with "gateway", and CGI has GATEWAY_INTERFACE.
var foreignVariables = regexp.MustCompile(`^GATEWAY_INTERFACE$|_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$`)

// unknownVariables returns, sorted by name, the variables of environ that look like settings of the gateway and are
// not: each GATEWAY_… without a flag, and each within maxDistance of a known variable. Other tools have more variables
// MONGODB_ATLAS_… with similar names: these are returned only where the similar known variable is not set. The result
// has no values.
func unknownVariables(environ []string, settings []setting) []UnknownVariable {
	getenv := Getenv(environ)
	known := slices.Concat(atlasVariables, secretVariables)
	for _, s := range settings {
		known = append(known, s.variable())
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

// maxDistance is the largest edit distance of a misspelled name.
const maxDistance = 2

// nearest returns the candidate with the smallest edit distance from name, at most most; "" if there is none.
func nearest(name string, names []string, most int) string {
	found := ""
	for _, candidate := range names {
		if d := distance(name, candidate); d <= most && d < len(name) {
			found, most = candidate, d-1
		}
	}
	return found
}

// distance returns the edit distance of two names: how many letters must be inserted, deleted, replaced or swapped with
// their neighbour (optimal string alignment).
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
