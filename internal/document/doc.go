// Package document turns the text that a client sends into a GraphQL document that
// may be executed: parsed, within its limits, and valid. It keeps documents by their
// hash, so that a text that comes again is not parsed again, and so that a client can
// send the hash alone. It is asked by internal/gateway and asks nobody.
package document
