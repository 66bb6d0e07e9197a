package atlassim

import (
	"strings"
	"time"
)

const (
	mediaPrefix = "application/vnd.atlas."
	mediaSuffix = "+json"
)

// serverlessDeprecation announces the end of the serverless API.
var serverlessDeprecation = []field{
	{"Deprecation", "Wed, 10 Dec 2025 00:00:00 GMT"},
	{"Sunset", "Thu, 15 Jan 2026 00:00:00 GMT"},
}

// versionDeprecations announce the end of resource versions. These days have one digit, as Atlas sends them, which HTTP
// does not allow.
var versionDeprecations = map[string][]field{
	"2023-02-01": {
		{"Deprecation", "Mon, 5 Aug 2024 00:00:00 GMT"},
		{"Sunset", "Thu, 1 Jul 2027 00:00:00 GMT"},
	},
}

// negotiate returns the resource version for the Accept headers of a request: the newest one that is not after the date
// in the header. Versions are dates in ascending order. Any date from the oldest version on is accepted; of several
// media ranges the newest version is used, and anything else in the header is ignored.
func negotiate(accept, versions []string) (version string, ok bool) {
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			date, isDate := versionDate(part)
			if !isDate {
				continue
			}
			for _, v := range versions {
				if v <= date && v >= version {
					version, ok = v, true
				}
			}
		}
	}
	return version, ok
}

// versionDate returns the date in one media range. "preview" and "upcoming" are not dates.
func versionDate(mediaRange string) (string, bool) {
	media, _, _ := strings.Cut(mediaRange, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	date, ok := strings.CutPrefix(media, mediaPrefix)
	if !ok {
		return "", false
	}
	if date, ok = strings.CutSuffix(date, mediaSuffix); !ok {
		return "", false
	}
	_, err := time.Parse(time.DateOnly, date)
	return date, err == nil
}

// contentType returns the media type of a version.
func contentType(version string) string {
	return mediaPrefix + version + mediaSuffix + ";charset=utf-8"
}
