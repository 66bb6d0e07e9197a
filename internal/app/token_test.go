package app

import (
	"errors"
	"io"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/config"
)

func TestRun_hasAFunctionForEachCommand(t *testing.T) {
	for _, command := range config.Commands {
		if commands[command.Name] == nil {
			t.Errorf("nothing executes %s", command.Name)
		}
	}
	if len(commands) != len(config.Commands) {
		t.Errorf("%d commands are executed, the help has %d", len(commands), len(config.Commands))
	}
}

func TestRun_helpPrintsNoToken(t *testing.T) {
	for _, args := range [][]string{
		{"token", "--help"}, {"token", "-h"}, {"token", "help"}, {"help", "token"}, {"token", "a", "--help"}, {"help"},
		{"--help"}, {"-h"},
	} {
		var out strings.Builder
		if err := Run(t.Context(), args, nil, &out, io.Discard); err != nil ||
			!strings.Contains(out.String(), "Usage: atlas-restore-gateway") {
			t.Errorf("%q: %v %s", args, err, out.String())
		}
		if strings.Contains(out.String(), "arg_") {
			t.Errorf("%q makes a token", args)
		}
	}
}

func TestRun_rejectsUnknownArgumentsInOneLine(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{args: []string{"token"}, want: "use: atlas-restore-gateway token NAME"},
		{args: []string{"token", "a", "b"}, want: "use: atlas-restore-gateway token NAME"},
		{args: []string{"token", "--demo"}, want: "use: atlas-restore-gateway token NAME"},
		{args: []string{"token", "-helo"}, want: "use: atlas-restore-gateway token NAME"},
		{args: []string{"token", "a", "--demo"}, want: "use: atlas-restore-gateway token NAME"},
		{args: []string{"tokens", "a"}, want: "did you mean token?"},
		{args: []string{"serve"}, want: "--help lists the commands"},
		{args: []string{"serve", "--help"}, want: "--help lists the commands"},
		{args: []string{"help", "serve"}, want: "--help lists the commands"},
		{args: []string{"--demo", "token", "a"}, want: "token"},
		{args: []string{"--demo", "extra"}, want: "extra"},
	} {
		var out strings.Builder
		err := Run(t.Context(), tt.args, nil, &out, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") || out.Len() > 0 {
			t.Errorf("%q: %v, want one line with %q; it prints %q", tt.args, err, tt.want, out.String())
		}
	}
}

// full is an output whose disk is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestRun_failsWhereTheTokenCannotBePrinted(t *testing.T) {
	if err := Run(t.Context(), []string{"token", "a"}, nil, full{}, io.Discard); err == nil ||
		!strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}
