package atlassim

import (
	"strings"
	"time"
)

const (
	mediaPrefix = "application/vnd.atlas."
	mediaSuffix = "+json"
)

// serverlessNotice announces the end of the serverless API.
var serverlessNotice = []field{
	{"Deprecation", "Wed, 10 Dec 2025 00:00:00 GMT"},
	{"Sunset", "Thu, 15 Jan 2026 00:00:00 GMT"},
}

// versionNotices announce the end of resource versions. These days have one digit, as Atlas sends them and HTTP does
// not allow.
var versionNotices = map[string][]field{
	"2023-02-01": {
		{"Deprecation", "Mon, 5 Aug 2024 00:00:00 GMT"},
		{"Sunset", "Thu, 1 Jul 2027 00:00:00 GMT"},
	},
}

// negotiate finds the resource version for a request's Accept headers: the newest that is not after the asked date.
// versions are dates in ascending order. Any date that exists in the calendar will do, from the oldest version on; the
// best of several wins, and anything else in the header is ignored.
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

// versionDate takes the date out of one media range. "preview" and "upcoming" are not dates.
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

// contentType names the version that an answer has.
func contentType(version string) string {
	return mediaPrefix + version + mediaSuffix + ";charset=utf-8"
}
