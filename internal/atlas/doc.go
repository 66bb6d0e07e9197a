// Package atlas is the client of the MongoDB Atlas Administration API v2. It turns
// a call into HTTP and an answer into a value or an *Error, and knows nothing of
// GraphQL. One file per API area; the words are Atlas's own.
//
// A call goes down this stack, built in transport.go:
//
//	list, getOne        the page asked for; no resource without an id (list.go)
//	call                the operation: path, version, bounds, decoding, *Error
//	http.Client         refuses redirects
//	shared              leaves connections to other projects (share.go)
//	retrier             makes an attempt again that failed in passing (retry.go)
//	guarded             refuses while an endpoint set keeps failing (breaker.go, circuit.go)
//	budgeted            refuses when the project's calls run low (budget.go)
//	digest or bearer    the credential (digest.go, oauth.go)
//	counted             counts what is spent, learns what is left (budget.go, bucket.go)
//	whole               the answer to its end, within the bound; its envelope (whole.go)
//	trace               one debug line per request on the wire
//	http.Transport      connections, timeouts, gzip, HTTP/2
//
// Requests for an access token go in below the credential, and have their own rules
// for failures. The state of each layer belongs to one Client, and Client.Stats shows it.
//
// Its data comes from Atlas (or the simulator) and goes to internal/restore.
package atlas
