package config

import (
	"time"

	"atlas-restore-gateway/internal/gateway"
)

// HTTP has the settings of HTTP with clients.
type HTTP struct {
	CORSOrigins     string             `name:"cors-origins" help:"Origins of the web pages that may use the gateway from elsewhere, with commas between, or * for all." unset:"none" placeholder:"ORIGIN,..."`
	CORSCredentials bool               `name:"cors-credentials" help:"Let these pages send cookies and HTTP authentication along; an error together with *."`
	Compression     bool               `help:"Compress answers of 4 kB and more for clients that take it." default:"true" negatable:""`
	HTTPCache       gateway.CacheScope `name:"http-cache" help:"Which caches may store the answer to a GET with the hash of a document: private is the client alone, public is a CDN as well (an error unless --auth=none), off is none." enum:"private,public,off" default:"private"`
	H2C             bool               `name:"h2c" help:"Speak HTTP/2 without TLS as well, with clients that know beforehand (routers)."`
	IdleTimeout     time.Duration      `help:"How long a connection is kept open between two requests; longer than a load balancer in front keeps its own." default:"2m" bounds:"1s..1h"`
	MaxHeaderBytes  int                `help:"Largest head of a request, URL and headers, in bytes, about." default:"65536" bounds:"4096..1048576" placeholder:"BYTES"`
}

// Origins returns the origins that may use the gateway from elsewhere.
func (h *HTTP) Origins() []string { return origins(h.CORSOrigins) }

// origins returns the elements of a list of origins.
func origins(text string) (all []string) {
	for _, origin := range list(text) {
		if origin != "" {
			all = append(all, origin)
		}
	}
	return all
}
