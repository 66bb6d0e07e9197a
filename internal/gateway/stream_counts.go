package gateway

import (
	"errors"
	"sync"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/subscription"
	"atlas-restore-gateway/internal/watch"
)

// The transports of streams, and why they end, as metrics name them.
const (
	transportSSE       = "sse"
	transportMultipart = "multipart"
	transportWebSocket = "websocket"
	transportCallback  = "callback"

	endedByItself    = "completed"
	endedByClient    = "client"
	endedByWrite     = "unreachable"
	endedByShutdown  = "shutdown"
	endedByLife      = "life"
	endedByExpiry    = "expired"
	endedByForbidden = "forbidden"
	endedByError     = "error"
)

var streamTransports = map[streamFormat]string{eventStream: transportSSE, multipartStream: transportMultipart}

// reasonOf returns why a stream has ended with this error of subscription.Stream.Next.
func reasonOf(err error) string {
	var ofCaller *authz.Error
	switch {
	case errors.Is(err, subscription.ErrOver):
		return endedByItself
	case errors.Is(err, subscription.ErrShutdown):
		return endedByShutdown
	case errors.Is(err, subscription.ErrLife):
		return endedByLife
	case errors.Is(err, subscription.ErrExpired):
		return endedByExpiry
	case errors.As(err, &ofCaller):
		return endedByForbidden
	default:
		return endedByError
	}
}

// streamCounts count the streams that are open, by transport, and those that have ended, by reason. The zero value is
// ready for use.
type streamCounts struct {
	mu    sync.Mutex
	open  map[string]int
	ended map[string]uint64
}

// begin counts a stream, and returns what counts its end.
func (c *streamCounts) begin(transport string) (ended func(reason string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open, c.ended = make(map[string]int), make(map[string]uint64)
	}
	c.open[transport]++
	return func(reason string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open[transport]--
		c.ended[reason]++
	}
}

// StreamStats are the counters of subscriptions.
type StreamStats struct {
	// Open are the streams by transport, and Ended those that have ended, by reason.
	Open  map[string]int
	Ended map[string]uint64
	subscription.Stats
	Polls watch.Stats
}

// StreamStats returns the counters of subscriptions. Where there is nothing, the known transports and reasons are 0.
func (g *Gateway) StreamStats() StreamStats {
	s := StreamStats{Open: map[string]int{}, Ended: map[string]uint64{}}
	for _, transport := range []string{transportSSE, transportMultipart, transportWebSocket, transportCallback} {
		s.Open[transport] = 0
	}
	for _, reason := range []string{
		endedByItself, endedByClient, endedByWrite, endedByShutdown, endedByLife, endedByExpiry, endedByForbidden,
		endedByError,
	} {
		s.Ended[reason] = 0
	}
	if g.streams == nil {
		return s
	}
	s.Stats, s.Polls = g.streams.manager.Stats(), g.streams.hub.Stats()
	c := &g.streams.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	for transport, n := range c.open {
		s.Open[transport] = n
	}
	for reason, n := range c.ended {
		s.Ended[reason] = n
	}
	return s
}
