// Package authn finds out who calls: from the headers and the TLS connection of a
// request it makes an access.Caller, or says why not. Each way to call has a file:
// static tokens, an OpenID provider, the supergraph's router, Atlas's own tokens, and
// nobody asked. What the caller may see is for internal/access to say.
package authn
