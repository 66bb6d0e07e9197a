package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnknownVariables_areReturnedWithTheNearestKnownVariable(t *testing.T) {
	tests := map[string]struct {
		environ []string
		want    []UnknownVariable
	}{
		"a letter too many": {
			environ: []string{"GATEWAY_LISSTEN=:1"},
			want:    []UnknownVariable{{Name: "GATEWAY_LISSTEN", Nearest: "GATEWAY_LISTEN"}},
		},
		"a letter too few": {
			environ: []string{"GATEWAY_ATLAS_RETRIE=1"},
			want:    []UnknownVariable{{Name: "GATEWAY_ATLAS_RETRIE", Nearest: "GATEWAY_ATLAS_RETRIES"}},
		},
		"two letters swapped": {
			environ: []string{"GATEWAY_DEOM=true"}, want: []UnknownVariable{{Name: "GATEWAY_DEOM", Nearest: "GATEWAY_DEMO"}},
		},
		"a slip in the prefix": {
			environ: []string{"GATWAY_LISTEN=:1"}, want: []UnknownVariable{{Name: "GATWAY_LISTEN", Nearest: "GATEWAY_LISTEN"}},
		},
		"small letters": {
			environ: []string{"gateway_listen=:1"}, want: []UnknownVariable{{Name: "gateway_listen", Nearest: "GATEWAY_LISTEN"}},
		},
		"the negation of a flag": {
			environ: []string{"GATEWAY_NO_COMPRESSION=true"},
			want:    []UnknownVariable{{Name: "GATEWAY_NO_COMPRESSION", Nearest: ""}},
		},
		"nothing is like it": {
			environ: []string{"GATEWAY_COLOR_SCHEME=blue"}, want: []UnknownVariable{{Name: "GATEWAY_COLOR_SCHEME", Nearest: ""}},
		},
		"the help is no setting": {
			environ: []string{"GATEWAY_HELPER=x"}, want: []UnknownVariable{{Name: "GATEWAY_HELPER", Nearest: ""}},
		},
		"a slip in Atlas's": {
			environ: []string{"MONGODB_ATLAS_BASEURL=x"},
			want:    []UnknownVariable{{Name: "MONGODB_ATLAS_BASEURL", Nearest: EnvBaseURL}},
		},
		"a name of other tools": {
			environ: []string{"MONGODB_ATLAS_PUBLIC_KEY=x"},
			want:    []UnknownVariable{{Name: "MONGODB_ATLAS_PUBLIC_KEY", Nearest: EnvPublicKey}},
		},
		"beside the right name": {environ: []string{"MONGODB_ATLAS_PUBLIC_KEY=x", EnvPublicKey + "=x"}, want: nil},
		"of other tools alone": {
			environ: []string{"MONGODB_ATLAS_ORG_ID=x", "MONGODB_ATLAS_PROJECT_ID=x", "MONGODB_ATLAS_SKIP_UPDATE_CHECK=yes"},
			want:    nil,
		},
		"set to nothing": {environ: []string{"GATEWAY_LISSTEN="}, want: nil},
		"known":          {environ: []string{"GATEWAY_LISTEN=:1", EnvBaseURL + "=x"}, want: nil},
		"of Kubernetes": {
			environ: []string{
				"GATEWAY_SERVICE_HOST=x", "GATEWAY_SERVICE_PORT_HTTP=1", "GATEWAY_PORT=x", "GATEWAY_PORT_80_TCP_ADDR=x",
				"GATEWAY_API_PORT_80_TCP=x",
			}, want: nil,
		},
		"of CGI": {environ: []string{"GATEWAY_INTERFACE=CGI/1.1"}, want: nil},
		"of something else": {
			environ: []string{"PATH=/bin", "HOME=/", "LANG=C", "GIT_DIR=x", "=C:=x", "nothing"}, want: nil,
		},
		"several, sorted by name": {
			environ: []string{"GATEWAY_Z=1", "GATEWAY_A=1"},
			want:    []UnknownVariable{{Name: "GATEWAY_A", Nearest: ""}, {Name: "GATEWAY_Z", Nearest: ""}},
		},
	}
	_, settings, err := newParser(&Config{})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, unknownVariables(tt.environ, settings)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParse_namesTheVariableThatAnUnknownOneMayMean(t *testing.T) {
	const secret = "hunter2"
	for name, want := range map[string]string{
		"MONGODB_ATLAS_PUBLIC_KEY":      EnvPublicKey,
		"MONGODB_ATLAS_ACESS_TOKEN":     EnvAccessToken,
		"GATEWAY_DEMOO":                 "GATEWAY_DEMO",
		"GATEWAY_ATLAS_CREDENTIAL":      "GATEWAY_ATLAS_CREDENTIALS",
		"MONGODB_ATLAS_PRIVATE_API_KYE": EnvPrivateKey,
	} {
		_, err := parse(nil, map[string]string{name: secret, "GATEWAY_A": "another that is unknown"})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "did you mean "+want+"?") {
			t.Errorf("%s: %v", name, err)
		}
		checkLine(t, err, secret)
	}
}

func TestGetenv_returnsTheFirstEntryOfAName(t *testing.T) {
	get := Getenv([]string{"A=1=2", "A=3", "B="})
	for name, want := range map[string]string{"A": "1=2", "B": "", "C": ""} {
		if got := get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
