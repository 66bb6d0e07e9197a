// Package atlassim is an Atlas that lives inside the process: an [http.Handler] that answers like the MongoDB Atlas
// Administration API v2, for the gateway's demo mode and for tests of everything that talks to Atlas.
//
// It is built from recorded answers of Atlas and from its public description. It shares no type and no constant with
// the rest of the module, so that a wrong field name in the client fails a test instead of agreeing with itself.
//
// # The steps of a request
//
//	fault        an injected failure may replace the answer (fault.go)
//	rate limit   one token of the project's bucket, even for a 401 (rate_limit.go)
//	credential   HTTP Digest with an API key, or a Bearer token of a service account (auth.go, digest.go, oauth.go)
//	path         404 for an unknown path, 405 for another method (route.go)
//	version      406 for an Accept header without a usable date, 410 after the sunset (version.go)
//	arguments    400 for malformed ids and query parameters out of bounds (exchange.go, query.go)
//	resource     404 for a missing resource, 403 where the role may not read it, or the answer
//
// All state is bounded: requests, nonces, tokens and buckets.
//
// # Tiers
//
// A cluster is one record in all tiers; its tier decides which API serves it, and each API has its own writer
// (serverless_*.go, flex_*.go, clusters*.go). The sunset of the serverless API changes the tier of its instances, and
// with it the path and the form of their jobs, but not their data (tier.go). The jobs are in a list (job_list.go) that
// a test can change while it reads.
//
// # Time
//
// Restore jobs have a schedule; the state of a job is a pure function of the clock (job_schedule.go). So jobs advance
// without a goroutine, and [WithClock] moves all of them at once.
//
// # Known and inferred
//
// Where neither a recorded answer nor the public description settles a question, the comment beside the code says
// "inferred". A client must not depend on those.
package atlassim
