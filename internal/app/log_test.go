package app

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/config"
)

func TestRun_namesUnknownVariablesWithoutTheirValues(t *testing.T) {
	const value = "hunter2"
	p := start(t, map[string]string{
		"GATEWAY_LISSTEN": value, "GATEWAY_COLOR_SCHEME": value, "MONGODB_ATLAS_ORG_ID": value,
	}, "--demo")
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	output := p.output.String()
	for _, want := range []string{
		`level=WARN msg="a variable has no effect: no setting has this name" variable=GATEWAY_LISSTEN advice="did you mean ` +
			`GATEWAY_LISTEN?"`,
		`variable=GATEWAY_COLOR_SCHEME advice="--help lists the variables"`,
	} {
		if !strings.Contains(output, want) {
			t.Errorf("it does not say %s: %s", want, output)
		}
	}
	if strings.Contains(output, value) || strings.Contains(output, "ORG_ID") {
		t.Errorf("it shows a value, or a variable of other tools: %s", output)
	}
}

func TestWarnUnknown_namesTwentyVariablesAtMost(t *testing.T) {
	var out strings.Builder
	warnUnknown(make([]config.UnknownVariable, 1000), slog.New(slog.NewTextHandler(&out, nil)))
	if lines := strings.Count(out.String(), "\n"); lines != maxUnknownVariables+1 ||
		!strings.Contains(out.String(), "variables=980") {
		t.Errorf("%d lines: %s", lines, out.String())
	}
}

func TestNewLogger_writesDurationsInJSONWithTheirUnit(t *testing.T) {
	var out strings.Builder
	logger := newLogger(&config.Config{LogFormat: "json"}, slog.LevelInfo, &out)
	logger.With(slog.Duration("grace", 15*time.Second)).Info("m", slog.Duration("duration", 1500*time.Microsecond),
		slog.Int("calls", 3),
		slog.Group("of", slog.Duration("wait", 0)))
	var got map[string]any
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"level": "INFO", "msg": "m", "grace": "15s", "duration": "1.5ms", "calls": 3.0, "of": map[string]any{"wait": "0s"},
	}
	delete(got, "time")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
