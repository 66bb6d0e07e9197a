package atlas

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"

	"golang.org/x/time/rate"
)

// exhausted are the errors of a machine, or of the limits of a process, that has none left of what
// a connection needs: files, buffers, ports, memory.
var exhausted = [...]error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.EADDRNOTAVAIL, syscall.ENOMEM}

// IsExhausted reports whether a call failed on this machine, before anything was sent, because the
// machine or the process has no files, buffers, ports or memory left.
func IsExhausted(err error) bool {
	for _, e := range exhausted {
		if errors.Is(err, e) {
			return true
		}
	}
	// A resolver that could not open a socket keeps only the text of the error.
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

// logExhaustion logs failures of this machine, at most one each logInterval.
func (c *Client) logExhaustion(next http.RoundTripper) http.RoundTripper {
	sometimes := rate.Sometimes{Interval: logInterval}
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil && IsExhausted(err) {
			sometimes.Do(func() {
				c.logger.LogAttrs(r.Context(), slog.LevelError,
					"no connection to atlas can be opened: this machine, or a limit of the process, has no files, ports or memory "+
						"left for it",
					slog.String("error", err.Error()))
			})
		}
		return res, err
	})
}
