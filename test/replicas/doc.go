// Package replicas tests several built gateways at one Redis, which is Debian's: what they share, and that losing the
// server, in each way, loses no answer. Valkey and Redis 6.2 are not run; a test holds that no newer command is used.
package replicas
