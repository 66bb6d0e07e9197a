package main

import (
	"strings"
	"testing"
)

func TestNewRelease_needsVersionRevisionAndTime(t *testing.T) {
	for name, tt := range map[string]struct {
		version, revision, epoch string
		want                     string // a part of the error; "" for none
	}{
		"release":             {version: "1.0.0", revision: "a", epoch: "0"},
		"before a release":    {version: "1.0.0-rc.1", revision: "a", epoch: "1795824050"},
		"no version":          {revision: "a", epoch: "0", want: "VERSION"},
		"with v":              {version: "v1.0.0", revision: "a", epoch: "0", want: "VERSION"},
		"short":               {version: "1.0", revision: "a", epoch: "0", want: "VERSION"},
		"a tag cannot have +": {version: "1.0.0+a", revision: "a", epoch: "0", want: "VERSION"},
		"no revision":         {version: "1.0.0", epoch: "0", want: "REVISION"},
		"no time":             {version: "1.0.0", revision: "a", want: "SOURCE_DATE_EPOCH"},
		"a date":              {version: "1.0.0", revision: "a", epoch: "2026-01-01", want: "SOURCE_DATE_EPOCH"},
	} {
		_, err := newRelease(tt.version, tt.revision, tt.epoch)
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
