package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCommand_acceptsACommandAndItsHelp(t *testing.T) {
	tests := map[string]struct {
		args    []string
		name    string
		rest    []string
		help    string // what is printed
		wantErr string
	}{
		"none":               {args: nil},
		"a flag":             {args: []string{"--demo"}, rest: []string{"--demo"}},
		"help":               {args: []string{"help"}, rest: []string{"--help"}},
		"token":              {args: []string{"token"}, name: "token", rest: []string{}},
		"token with a name":  {args: []string{"token", "a"}, name: "token", rest: []string{"a"}},
		"token with more":    {args: []string{"token", "a", "b"}, name: "token", rest: []string{"a", "b"}},
		"its help":           {args: []string{"token", "--help"}, help: "Usage: atlas-restore-gateway token NAME"},
		"its help, short":    {args: []string{"token", "-h"}, help: "Usage: atlas-restore-gateway token NAME"},
		"its help, behind":   {args: []string{"token", "a", "--help"}, help: "Usage: atlas-restore-gateway token NAME"},
		"its help by a word": {args: []string{"token", "help"}, help: "Usage: atlas-restore-gateway token NAME"},
		"help of it":         {args: []string{"help", "token"}, help: "Usage: atlas-restore-gateway token NAME"},
		"help of nothing":    {args: []string{"help", "serve"}, wantErr: `unknown command "serve"`},
		"an unknown command": {args: []string{"serve"}, wantErr: `unknown command "serve" (--help lists the commands`},
		"a misspelled one":   {args: []string{"tokne", "a"}, wantErr: "did you mean token?"},
		"an empty one":       {args: []string{""}, wantErr: `unknown command ""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			command, rest, err := ParseCommand(tt.args, &out)
			if tt.help != "" {
				if !errors.Is(err, ErrHelp) || !strings.Contains(out.String(), tt.help) {
					t.Errorf("got %v, %q", err, out.String())
				}
				return
			}
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("got %v", err)
				}
				return
			}
			if diff := cmp.Diff([]any{tt.name, tt.rest}, []any{command, rest}); err != nil || diff != "" || out.Len() > 0 {
				t.Errorf("%v %q\n%s", err, out.String(), diff)
			}
		})
	}
}
