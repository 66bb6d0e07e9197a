package gateway

import (
	"cmp"
	"errors"
	"time"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/watch"
)

// Live is what subscriptions read from: restore.Live and upstream.LiveReader implement it.
type Live interface {
	loader.Reader
	watch.Source
}

// Streams are the settings of subscriptions.
type Streams struct {
	// Max bounds the streams, PerCaller those of a caller that can be told from others, and PerConnection those of a
	// WebSocket connection.
	Max, PerCaller, PerConnection int
	// Life is the longest life of a stream, and of a WebSocket connection.
	Life time.Duration
	// StaleAfter is the time without an answer of Atlas after which an event says so.
	StaleAfter time.Duration
	// CallbackOrigins are the origins of routers that events may be sent to by the HTTP callback protocol; none turns it
	// off.
	CallbackOrigins []string
}

// DefaultStreams are the settings where none are given.
var DefaultStreams = Streams{
	Max: 10_000, PerCaller: 100, PerConnection: 100, Life: time.Hour, StaleAfter: time.Minute,
}

func (s Streams) withDefaults() Streams {
	s.Max = cmp.Or(s.Max, DefaultStreams.Max)
	s.PerCaller = cmp.Or(s.PerCaller, DefaultStreams.PerCaller)
	s.PerConnection = cmp.Or(s.PerConnection, DefaultStreams.PerConnection)
	s.Life = cmp.Or(s.Life, DefaultStreams.Life)
	s.StaleAfter = cmp.Or(s.StaleAfter, DefaultStreams.StaleAfter)
	return s
}

// Check returns an error for origins that cannot be callback origins.
func (s Streams) Check() error {
	for _, origin := range s.CallbackOrigins {
		if !isOrigin(origin) {
			return errors.New(quoteOrigin(origin) + " is no origin of a router: it must be like " +
				"https://router.example.com:4000, in lower case and with nothing behind the host and port")
		}
	}
	return nil
}

// Bounds of the transports of streams.
const (
	// heartbeatInterval is the time without an event after which a stream sends a sign of life.
	heartbeatInterval = 12 * time.Second
	// streamWriteTimeout is how long a client of a WebSocket may take to read an event.
	streamWriteTimeout = 30 * time.Second
	// firstEventTimeout is how long the first event waits for a poll at most.
	firstEventTimeout = 10 * time.Second
)
