package app

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// logLevel is the least level that is logged, which can be changed while the gateway serves.
type logLevel struct {
	slog.LevelVar

	configured slog.Level
	mu         sync.Mutex // held while the level is changed, so that the log has the changes in their order
}

func newLogLevel(configured slog.Level) *logLevel {
	l := &logLevel{configured: configured}
	l.Set(configured)
	return l
}

// change sets the level to that which next returns for the present one, and logs from where, whatever the level is.
func (l *logLevel) change(next func(slog.Level) slog.Level, logger *slog.Logger, from slog.Attr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.Level()
	l.Set(next(before))
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "the log level was set", 0)
	r.AddAttrs(slog.String("log_level", levelName(l.Level())), slog.String("before", levelName(before)), from)
	_ = logger.Handler().Handle(context.Background(), r)
}

// toggled returns the level that a signal sets: debug, or the configured level where debug is logged already.
func (l *logLevel) toggled(now slog.Level) slog.Level {
	if now > slog.LevelDebug {
		return slog.LevelDebug
	}
	return l.configured
}

// toggleAt toggles the level at each signal until ctx ends.
func (l *logLevel) toggleAt(ctx context.Context, signals <-chan os.Signal, logger *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			l.change(l.toggled, logger, slog.String("signal", s.String()))
		}
	}
}

// levelName returns the name of a level as --log-level takes it.
func levelName(l slog.Level) string { return strings.ToLower(l.String()) }

// levels has the levels that a client of the admin listener can set, by their names.
var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
