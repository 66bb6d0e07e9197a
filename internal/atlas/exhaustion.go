package atlas

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"
)

// exhausted are the errors of a machine, or of the limits of a process, that has nothing
// left of what a connection needs: files, buffers, ports, memory.
var exhausted = [...]error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.EADDRNOTAVAIL, syscall.ENOMEM}

// IsExhausted reports whether a call failed before it reached anybody, because this machine
// or the process ran out of files, buffers, ports or memory.
func IsExhausted(err error) bool {
	for _, e := range exhausted {
		if errors.Is(err, e) {
			return true
		}
	}
	// A resolver that could open no socket keeps only the text.
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		return false
	}
	for _, e := range exhausted {
		if strings.HasSuffix(dns.Err, e.Error()) {
			return true
		}
	}
	return false
}

// exhaustion says so in the log, once in a while.
type exhaustion struct {
	logger *slog.Logger

	mu   sync.Mutex
	last time.Time
}

// reported logs the errors of this machine.
func (x *exhaustion) reported(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil && IsExhausted(err) && x.due(time.Now()) {
			x.logger.LogAttrs(r.Context(), slog.LevelError,
				"no connection to atlas can be opened: this machine, or a limit of the process, has no files, ports or memory left for it",
				slog.String("error", err.Error()))
		}
		return res, err
	})
}

// due reports whether it is time to say so.
func (x *exhaustion) due(now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.last.IsZero() && now.Sub(x.last) < reportEvery {
		return false
	}
	x.last = now
	return true
}
