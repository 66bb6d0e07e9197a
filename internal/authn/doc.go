// Package authn authenticates callers: from the header and the TLS connection of a request it makes an authz.Caller, or
// an *authz.Error. Each method has a file: static tokens, tokens of an OpenID provider, the supergraph's router. The
// tokens come from files, the signing keys from the provider. What a caller may read is decided by internal/authz.
package authn
