// Package document turns the text that a client sends into a GraphQL document that may be executed: parsed, within its
// limits, valid, and with a plan of its cost. Documents are cached by their hash, so that a text that comes again is
// not parsed again, and so that a client can send the hash alone. Texts and hashes come from internal/gateway, trusted
// documents from a manifest file.
package document
