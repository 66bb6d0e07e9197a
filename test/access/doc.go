// Package access tests the built gateway with a real OpenID provider: github.com/zitadel/oidc, a library that the
// OpenID Foundation has certified. Its example server signs people in; the tests add clients of services, groups, and
// keys that rotate. The package is a module of its own, so that the module of the gateway has fewer dependencies.
package access
