package app

import (
	"log/slog"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/config"
)

func TestLogLevel_logsEachChangeAtEveryLevel(t *testing.T) {
	var out strings.Builder
	level := newLogLevel(slog.LevelError + 4)
	logger := newLogger(&config.Config{}, level, &out)
	level.change(func(slog.Level) slog.Level { return slog.LevelError }, logger, slog.String("remote", "192.0.2.1:5"))
	if !strings.Contains(out.String(), "log_level=error before=error+4 remote=192.0.2.1:5") {
		t.Error(out.String())
	}
}

func TestLogLevel_togglesBetweenDebugAndTheConfiguredLevel(t *testing.T) {
	for _, row := range []struct{ configured, now, want slog.Level }{
		{configured: slog.LevelInfo, now: slog.LevelInfo, want: slog.LevelDebug},
		{configured: slog.LevelInfo, now: slog.LevelDebug, want: slog.LevelInfo},
		{configured: slog.LevelWarn, now: slog.LevelDebug, want: slog.LevelWarn},
		{configured: slog.LevelWarn, now: slog.LevelError, want: slog.LevelDebug},
		{configured: slog.LevelDebug, now: slog.LevelDebug, want: slog.LevelDebug},
		{configured: slog.LevelDebug, now: slog.LevelError, want: slog.LevelDebug},
		{configured: slog.LevelDebug - 4, now: slog.LevelDebug - 4, want: slog.LevelDebug - 4},
	} {
		if got := newLogLevel(row.configured).toggled(row.now); got != row.want {
			t.Errorf("%s, configured %s: got %s", row.now, row.configured, got)
		}
	}
}
