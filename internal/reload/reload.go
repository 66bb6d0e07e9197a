// Package reload reads settings from files, and reads them again while the gateway serves: at each SIGHUP, and at an
// interval. Run reloads the sources one after another and logs the results. Files is a source that keeps its old value
// while its files are broken. What a file means is known to the package that loads it.
package reload

import (
	"context"
	"log/slog"
	"os"
	"time"
)

// Source is a setting that can be reloaded.
type Source interface {
	// Name returns the name of the setting in the log.
	Name() string
	// Reload reads the setting again if it has changed. After an error the old value stays.
	Reload(ctx context.Context) (changed bool, err error)
}

// Interval is the time between two reloads. Files are compared by content, because tools replace mounted files in
// different ways.
const Interval = 10 * time.Second

// Run reloads the sources, in their order, at each signal and at each interval, until ctx ends. Reloads after an
// interval log an error of a source once.
func Run(ctx context.Context, signals <-chan os.Signal, interval time.Duration, sources []Source, logger *slog.Logger) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	logged := make([]string, len(sources))
	for {
		signaled := false
		select {
		case <-ctx.Done():
			return
		case <-signals:
			signaled = true
		case <-ticks.C:
		}
		for i, s := range sources {
			changed, err := s.Reload(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				if signaled || err.Error() != logged[i] {
					logger.Error("a setting could not be read again; the old one stays", slog.String("setting", s.Name()),
						slog.String("error", err.Error()))
				}
				logged[i] = err.Error()
				continue
			case changed:
				logger.Info("a setting was read again", slog.String("setting", s.Name()))
			case logged[i] != "":
				logger.Info("a setting can be read again, and has not changed", slog.String("setting", s.Name()))
			case signaled:
				logger.Info("a setting has not changed", slog.String("setting", s.Name()))
			}
			logged[i] = ""
		}
	}
}
