package config

import (
	"time"

	"atlas-restore-gateway/internal/gateway"
)

// Streams are the settings of subscriptions.
type Streams struct {
	MaxStreams              int           `help:"Most subscriptions at a time, and most WebSocket connections." default:"10000" bounds:"1..1000000"`
	MaxStreamsPerCaller     int           `help:"Most subscriptions of one caller at a time; callers that are not asked who they are have no bound of their own." default:"100" bounds:"1..1000000"`
	MaxStreamsPerConnection int           `help:"Most operations on one WebSocket connection at a time." default:"100" bounds:"1..10000"`
	StreamLife              time.Duration `help:"Longest life of a subscription, and of a WebSocket connection: clients then subscribe again." default:"1h" bounds:"1m..168h"`
	StaleAfter              time.Duration `help:"How long Atlas may leave a subscription without an answer before an event says so (STALE)." default:"1m" bounds:"10s..1h"`
	CallbackOrigins         string        `help:"Origins of routers to which events may be sent by the HTTP callback protocol, with commas between." unset:"none" placeholder:"ORIGIN,..."`
}

// StreamSettings returns the settings of subscriptions.
func (s *Streams) StreamSettings() gateway.Streams {
	return gateway.Streams{
		Max: s.MaxStreams, PerCaller: s.MaxStreamsPerCaller, PerConnection: s.MaxStreamsPerConnection, Life: s.StreamLife,
		StaleAfter: s.StaleAfter, CallbackOrigins: origins(s.CallbackOrigins),
	}
}
