package authz

import (
	"context"
	"log/slog"
	"strings"
	"unicode"

	"atlas-restore-gateway/internal/secret"
)

// Method is how a caller came to be known.
type Method string

// The methods, by the names of the flag --auth.
const (
	// OIDC callers have an access token of the company's OpenID provider.
	OIDC Method = "oidc"
	// Token callers have a static bearer token.
	Token Method = "token"
	// Router callers come through the supergraph's router, which says who they are.
	Router Method = "router"
	// Passthrough callers have an access token of Atlas, which decides what they see.
	Passthrough Method = "passthrough"
	// None are callers that nobody asked.
	None Method = "none"
)

// Caller is who sent a request. What is in it was proven by the method; it does not
// change after it was made.
type Caller struct {
	Method Method
	// Token is the name of the static token.
	Token string
	// Router is the name of the router that the request came through.
	Router string
	// Issuer and Subject are who the token, or the router, says that it is.
	Issuer  string
	Subject string
	// Scopes are those of the token (RFC 6749, section 3.3).
	Scopes []string
	// Claims are those of the token (RFC 7519), as encoding/json reads them.
	Claims map[string]any
	// Atlas is the caller's own access token of Atlas.
	Atlas secret.Text
}

// Anonymous is the caller of the method none.
func Anonymous() *Caller { return &Caller{Method: None} }

// maxNameBytes bounds a name in a log: it is as much as a subject can have, so that no
// two look the same there.
const maxNameBytes = 256

// Name is what logs call the caller: bounded, of one line, and without any secret.
func (c *Caller) Name() string { return c.named(plain) }

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

// Key tells callers apart, where Name may be cut. Whose word it is that this is the caller
// belongs to it, and the way that a token took does not.
func (c *Caller) Key() string {
	router := ""
	if c.Method == Router {
		router = c.Router
	}
	return strings.Join([]string{string(c.Method), c.Token, router, c.Issuer, c.Subject}, "\x00")
}

// String is Name: a caller holds a token, which no format must show.
func (c *Caller) String() string { return c.Name() }

// GoString is Name.
func (c *Caller) GoString() string { return c.Name() }

// LogValue is Name.
func (c *Caller) LogValue() slog.Value { return slog.StringValue(c.Name()) }

// plain makes a name fit for a line of a log.
func plain(s string) string {
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

// WithCaller puts the caller into the context of a request.
func WithCaller(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom is the caller of a request, or nil: then nobody has found out who calls, and
// nothing may be shown.
func CallerFrom(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}
