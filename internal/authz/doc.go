// Package authz authorizes callers: what a caller is, what the policy lets it read, and how many requests and calls of
// Atlas it can cause. Callers come from internal/authn, the policy from a file. internal/guard asks this package
// wherever data is read. It knows nothing of what is read.
package authz
