package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// HTTP is how HTTP is spoken with clients.
type HTTP struct {
	CORSOrigins     string        `name:"cors-origins" help:"Origins of the web pages that may use the gateway from elsewhere, with commas between, or * for all." placeholder:"ORIGIN,..."`
	CORSCredentials bool          `name:"cors-credentials" help:"Let these pages send cookies and HTTP authentication along; never with *."`
	Compression     bool          `help:"Compress large answers for clients that take it." default:"true" negatable:""`
	HTTPCache       CacheScope    `name:"http-cache" help:"Who may keep the answer to a GET with the hash of a document: private is the client alone, public is a CDN as well (where nobody is asked who they are), off is nobody." default:"private" placeholder:"private|public|off"`
	H2C             bool          `name:"h2c" help:"Speak HTTP/2 without TLS as well, with clients that know beforehand (routers)."`
	IdleTimeout     time.Duration `help:"How long a connection is kept open between two requests, from 1s to 1h; longer than whatever stands before keeps its own." default:"2m"`
	MaxHeaderBytes  int           `help:"Largest head of a request, URL and headers, in bytes, about." default:"65536" placeholder:"BYTES"`
}

// CacheScope says who may keep answers.
type CacheScope int

// The scopes of --http-cache.
const (
	CachePrivate CacheScope = iota
	CachePublic
	CacheOff
)

// UnmarshalText reads private, public or off.
func (s *CacheScope) UnmarshalText(text []byte) error {
	switch string(text) {
	case "private":
		*s = CachePrivate
	case "public":
		*s = CachePublic
	case "off":
		*s = CacheOff
	default:
		return errors.New("must be private, public or off")
	}
	return nil
}

func (h *HTTP) check() error {
	switch {
	case h.IdleTimeout < time.Second || h.IdleTimeout > time.Hour:
		return fmt.Errorf("--idle-timeout must be from 1s to 1h, not %s", h.IdleTimeout)
	case h.MaxHeaderBytes < 4<<10 || h.MaxHeaderBytes > 1<<20:
		return fmt.Errorf("--max-header-bytes must be from %d to %d, not %d", 4<<10, 1<<20, h.MaxHeaderBytes)
	}
	return nil
}

// Origins are the origins that may use the gateway from elsewhere.
func (h *HTTP) Origins() []string {
	var origins []string
	for origin := range strings.SplitSeq(h.CORSOrigins, ",") {
		if origin = strings.TrimSpace(origin); origin != "" {
			origins = append(origins, origin)
		}
	}
	return origins
}
