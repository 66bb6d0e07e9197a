// Package authz says what callers may see: who a caller is, what the policy lets them
// read, how much they may ask for, and the log of who read a download URL. It decides
// and it does nothing else: internal/authn finds out who calls, internal/guard asks
// here wherever data is read.
package authz
