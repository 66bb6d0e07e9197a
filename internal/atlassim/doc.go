// Package atlassim is an Atlas that lives inside the process: an [http.Handler] that answers like the MongoDB Atlas
// Administration API v2, for the gateway's demo mode and for tests of everything that talks to Atlas.
//
// It is built from what Atlas was seen to answer and from its public description, and it knows nothing of the client
// it is tested with: it shares no type and no constant with the rest of the module, so that a field name that is wrong
// in the client fails a test instead of agreeing with itself.
//
// # A request's way
//
//	fault        an injected failure may strike instead of an answer (fault.go)
//	rate limit   one token of the project's bucket, even for a 401 (ratelimit.go)
//	credential   HTTP Digest with an API key, or a Bearer token of a service account (auth.go, digest.go, oauth.go)
//	path         404 for what is not there, 405 for another method (route.go)
//	version      406 for an Accept header without a usable date, 410 after the sunset (version.go)
//	arguments    400 for ids and query parameters that cannot be (exchange.go, query.go)
//	resource     404 for what does not exist, 403 for what the role may not see, or the answer
//
// Everything that is remembered is bounded: requests, nonces, tokens and buckets.
//
// # Tiers
//
// A cluster is one record, whatever it runs on; its tier decides which API serves it, and each API has its own writer
// (serverless_*.go, flex_*.go, clusters*.go). The sunset of the serverless API changes the tier of its instances, and
// with it the path and the form of their jobs, but nothing of what they are (tier.go). The jobs stand in a ledger
// (ledger.go), which a test can change while it reads.
//
// # Time
//
// Restore jobs are records with a beginning and a planned end; what a job looks like is a pure function of the clock
// (life.go), so a job advances without anything running in the background, and [WithClock] moves all of them at once.
//
// # Known and inferred
//
// Where neither a recorded answer nor the public description settles a question, the comment beside the code says
// "inferred". A client must not depend on those.
package atlassim
