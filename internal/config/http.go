package config

import (
	"errors"
	"strings"
	"time"
)

// HTTP is how HTTP is spoken with clients.
type HTTP struct {
	CORSOrigins     string        `name:"cors-origins" help:"Origins of the web pages that may use the gateway from elsewhere, with commas between, or * for all." unset:"none" placeholder:"ORIGIN,..."`
	CORSCredentials bool          `name:"cors-credentials" help:"Let these pages send cookies and HTTP authentication along; never with *."`
	Compression     bool          `help:"Compress large answers for clients that take it." default:"true" negatable:""`
	HTTPCache       CacheScope    `name:"http-cache" help:"Who may keep the answer to a GET with the hash of a document: private is the client alone, public is a CDN as well (where nobody is asked who they are), off is nobody." default:"private" placeholder:"private|public|off"`
	H2C             bool          `name:"h2c" help:"Speak HTTP/2 without TLS as well, with clients that know beforehand (routers)."`
	IdleTimeout     time.Duration `help:"How long a connection is kept open between two requests; longer than whatever stands before keeps its own." default:"2m" bounds:"1s..1h" placeholder:"TIME"`
	MaxHeaderBytes  int           `help:"Largest head of a request, URL and headers, in bytes, about." default:"65536" bounds:"4096..1048576" placeholder:"BYTES"`
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
