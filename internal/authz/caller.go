package authz

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"atlas-restore-gateway/internal/secret"
)

// Method is how a caller was authenticated.
type Method string

// The methods, by their names in --auth.
const (
	// OIDC callers have an access token of the company's OpenID provider.
	OIDC Method = "oidc"
	// Token callers have a static bearer token.
	Token Method = "token"
	// Router callers come through the supergraph's router, which names them.
	Router Method = "router"
	// Passthrough callers have an access token of Atlas, which authorizes them.
	Passthrough Method = "passthrough"
	// None is the method of callers that are not authenticated.
	None Method = "none"
)

// Caller is the sender of a request, as its method has authenticated it. It does not change.
type Caller struct {
	Method Method
	// Token is the name of the static token.
	Token string
	// Router is the name of the router that the request came through.
	Router string
	// Issuer and Subject name the caller, as its token or its router says.
	Issuer  string
	Subject string
	// Scopes are those of the token (RFC 6749, section 3.3).
	Scopes []string
	// Claims are those of the token (RFC 7519), as encoding/json reads them.
	Claims map[string]any
	// Atlas is the caller's own access token of Atlas.
	Atlas secret.Text
	// Expires is when the caller's token ends; zero where that is not known.
	Expires time.Time
}

// Anonymous returns the caller of the method none.
func Anonymous() *Caller { return &Caller{Method: None} }

// maxNameBytes bounds a name in the log. It is the bound of a subject, so that no two callers look the same there.
const maxNameBytes = 256

// Name returns the name of the caller for the log: bounded, of one line, and without secrets.
func (c *Caller) Name() string { return c.named(loggable) }

// ExactName returns Name unbounded and with every character as it is. It is for the audit log, which escapes it.
func (c *Caller) ExactName() string { return c.named(func(s string) string { return s }) }

func (c *Caller) named(show func(string) string) string {
	switch c.Method {
	case Token:
		return "token:" + show(c.Token)
	case Router:
		return strings.TrimSuffix("router:"+show(c.Router)+"/"+show(c.Subject), "/")
	case None:
		return "anonymous"
	default:
		return string(c.Method) + ":" + show(c.Subject)
	}
}

// Key identifies the caller. The method, and the issuer or router that names the caller, are parts of it; the router
// that only forwarded a token is not.
func (c *Caller) Key() string {
	router := ""
	if c.Method == Router {
		router = c.Router
	}
	return strings.Join([]string{string(c.Method), c.Token, router, c.Issuer, c.Subject}, "\x00")
}

// String returns Name, because a caller has a token that no format may show.
func (c *Caller) String() string { return c.Name() }

// GoString returns Name.
func (c *Caller) GoString() string { return c.Name() }

// LogValue returns Name.
func (c *Caller) LogValue() slog.Value { return slog.StringValue(c.Name()) }

// loggable returns a name that fits in a line of the log.
func loggable(s string) string {
	s = printable(s)
	if len(s) > maxNameBytes {
		s = strings.ToValidUTF8(s[:maxNameBytes], "") + "…"
	}
	return s
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

type callerKey struct{}

// WithCaller returns a context that carries the caller of its request.
func WithCaller(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns the caller of a request. It returns nil for a request that was not authenticated: nothing may be
// shown to its sender.
func CallerFrom(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}
