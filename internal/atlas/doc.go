// Package atlas is a client of the MongoDB Atlas Administration API v2, with one file for each area of the
// API. A call returns a resource, or an *Error. The package knows nothing of GraphQL; the words are
// those of Atlas.
//
// A call passes these layers; newHTTPClient (transport.go) has the RoundTrippers as a list:
//
//	list, getOne         the options of a list; the checks of what was returned (list.go)
//	call                 path, version, timeout, decoding, *Error (call.go, json.go)
//	http.Client          rejects redirects
//	bulkhead             bounds the calls for one project (transport_bulkhead.go)
//	retrier              repeats attempts (transport_retry.go)
//	breakers             reject attempts while an endpoint set fails (transport_breaker.go, circuit.go)
//	logExhaustion        logs that this machine lacks resources (transport_exhaustion.go)
//	budget.enforce       rejects attempts when few calls are left (transport_budget.go, bucket.go)
//	digest or bearer     authorizes (transport_digest.go, transport_oauth.go)
//	budget.count         counts requests, reads what is left (transport_budget.go, rate_limit_info.go)
//	countRequests        counts requests for the caller (transport_meter.go)
//	bufferBody           reads the body within its bound, opens the envelope (transport_buffered_body.go)
//	trace                logs requests at level debug (transport.go)
//	LimitConnections     bounds the connections for one request (package httpclient)
//	http.Transport       connections, timeouts, gzip, HTTP/2
//
// Requests for an access token (oauth_token_source.go, oauth_token_endpoint.go) enter below the
// credential, and have retries of their own. The state of each layer belongs to one Client;
// Client.Stats returns it.
//
// Its data comes from Atlas or from the simulator, and goes to package restore.
package atlas
