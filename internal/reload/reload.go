// Package reload reads settings that stand in files, and reads them again while the gateway
// serves: at once when it is told to (SIGHUP), and else from time to time. Run asks those
// who own a setting whether it has changed, and logs what came of it; nobody is asked by two
// at once. Files is a setting that keeps the old when its files are broken. What they mean
// is known to the rooms that own them.
package reload

import (
	"context"
	"log/slog"
	"os"
	"time"
)

// Source is a setting that can be read again.
type Source interface {
	// Name is what logs call it.
	Name() string
	// Reload reads it again if it has changed. With an error the old one stays.
	Reload(ctx context.Context) (changed bool, err error)
}

// Interval is how often it is looked whether something has changed. Files are read and
// compared: what counts is their content, and not how whoever mounts them replaces them.
const Interval = 10 * time.Second

// Run asks the sources, in their order, until ctx ends: at each signal, and every so
// often. The same error of the same source is logged once.
func Run(ctx context.Context, signals <-chan os.Signal, every time.Duration, sources []Source, logger *slog.Logger) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	said := make([]string, len(sources))
	for {
		told := false
		select {
		case <-ctx.Done():
			return
		case <-signals:
			told = true
		case <-ticks.C:
		}
		for i, s := range sources {
			changed, err := s.Reload(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				if told || err.Error() != said[i] {
					logger.Error("a setting could not be read again; the old one stays", slog.String("setting", s.Name()), slog.String("error", err.Error()))
				}
				said[i] = err.Error()
				continue
			case changed:
				logger.Info("a setting was read again", slog.String("setting", s.Name()))
			case said[i] != "":
				logger.Info("a setting can be read again, and has not changed", slog.String("setting", s.Name()))
			case told:
				logger.Info("a setting has not changed", slog.String("setting", s.Name()))
			}
			said[i] = ""
		}
	}
}
