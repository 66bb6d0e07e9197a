package config

import (
	"io"
	"strings"
	"testing"
)

func TestParse_checksActions(t *testing.T) {
	key := []string{EnvPublicKey + "=p", EnvPrivateKey + "=s"}
	ready := []string{"--actions", "--actions-credentials=f", "--single-replica"}
	tests := map[string]struct {
		args, environ []string
		want          string // a part of the error; "" where there is none
	}{
		"one gateway":     {args: ready, environ: key},
		"the demo":        {args: []string{"--demo", "--actions"}},
		"a file to stop":  {args: append([]string{"--actions-stop-file=x"}, ready...), environ: key},
		"no actions":      {args: nil, environ: key},
		"no credentials":  {args: []string{"--actions", "--single-replica"}, environ: key, want: "--actions-credentials"},
		"several, maybe":  {args: ready[:2], environ: key, want: "--single-replica"},
		"a file for none": {args: []string{"--actions-credentials=f"}, environ: key, want: "without --actions"},
		"a stop for none": {args: []string{"--actions-stop-file=f"}, environ: key, want: "without --actions"},
		"single for none": {args: []string{"--single-replica"}, environ: key, want: "without --actions"},
		"the demo, and credentials": {
			args: []string{"--demo", "--actions", "--actions-credentials=f"}, want: "leave out --demo",
		},
		"callers' tokens": {args: append([]string{"--auth=passthrough"}, ready...), want: "--auth=passthrough"},
		"every machine": {
			args: append([]string{"--serve-everyone-without-authentication", "--auth=none"}, ready...), environ: key,
			want: "--serve-everyone-without-authentication",
		},
		"every site": {args: append([]string{"--cors-origins=*"}, ready...), environ: key, want: "--cors-origins=*"},
		"several and single": {
			args:    append([]string{"--replica-redis=redis://localhost", "--replica-key-file=k"}, ready...),
			environ: key, want: "contradict",
		},
		"several": {
			args:    append([]string{"--replica-redis=redis://localhost", "--replica-key-file=k"}, ready[:2]...),
			environ: key,
		},
	}
	for name, tt := range tests {
		_, err := Parse(tt.args, tt.environ, io.Discard)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
