package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
)

func newLogger(cfg *config.Config, level slog.Leveler, w io.Writer) *slog.Logger {
	return slog.New(gateway.LogHandler(newHandler(cfg, level, w)))
}

func newHandler(cfg *config.Config, level slog.Leveler, w io.Writer) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		options.ReplaceAttr = withUnit
		return slog.NewJSONHandler(w, options)
	}
	return slog.NewTextHandler(w, options)
}

// withUnit writes a duration as the text format does, such as "1.5ms". The JSON handler would write a number of
// nanoseconds without its unit.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// droppedLines returns the line that takes the place of dropped lines. It is written at every level, because dropped
// lines can have had any level.
func droppedLines(cfg *config.Config, dropped uint64) []byte {
	var line bytes.Buffer
	r := slog.NewRecord(time.Now(), slog.LevelWarn,
		fmt.Sprintf("%d log lines were dropped: what reads the log did not keep up, or it could not be written", dropped), 0)
	r.AddAttrs(slog.Uint64("dropped", dropped))
	_ = newHandler(cfg, cfg.LogLevel, &line).Handle(context.Background(), r)
	return line.Bytes()
}

// maxUnknownVariables is how many unknown variables are named.
const maxUnknownVariables = 20

// warnUnknown names the variables that have no effect, and never their values.
func warnUnknown(unknown []config.UnknownVariable, logger *slog.Logger) {
	for i, u := range unknown {
		if i == maxUnknownVariables {
			logger.Warn("more variables have no effect: --help lists those that have", slog.Int("variables", len(unknown)-i))
			return
		}
		advice := "--help lists the variables"
		if u.Nearest != "" {
			advice = "did you mean " + u.Nearest + "?"
		}
		logger.Warn("a variable has no effect: no setting has this name",
			slog.String("variable", u.Name), slog.String("advice", advice))
	}
}
