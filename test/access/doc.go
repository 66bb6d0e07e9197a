// Package access tests the built gateway with a real OpenID provider before it: the one
// of github.com/zitadel/oidc, which is certified by the OpenID Foundation, as a library
// for Go. Its example server signs people in; what the tests add to it are clients of
// services, groups, and keys that rotate. It is a module of its own, so that the
// gateway's stays small.
package access
