// Package contract tests the simulator and the client against what MongoDB publishes: the official Go SDK for the
// Atlas Administration API v2, the official OpenAPI document that comes with it, and recorded answers of the API.
// It is a module of its own, so that these are no dependencies of the gateway. It has only tests.
//
//	operations_*_test.go   every operation of the simulator, and how the SDK calls it
//	sdk_*_test.go          the official SDK as a client of the simulator, with both kinds of credential
//	migration_test.go      the same job by another API, after the sunset of the serverless one
//	changes_test.go        jobs that are added and removed, and clusters with many jobs
//	client_*_test.go       the client of the gateway: it sends requests that the document defines, and reads the same
//	                       values as the SDK
//	simulator_test.go      every answer of the simulator, successes and errors, against the document's schemas
//	scenes_test.go         the kinds of requests that simulator_test.go sends for every operation
//	lives_test.go          every job, snapshot and cluster at several times, for simulator_test.go
//	oauth_test.go          the token endpoint, which the document describes by its address only
//	recorded_test.go       recorded answers of Atlas against the same schemas
//	members_test.go        the simulator sends every recorded member
//	deviations_*_test.go   known differences between answers and the document, with the proof that Atlas has them
//
// The document and the recordings are data of others and are not copied here: the document is read from the module
// cache (document_test.go), the recordings from beside the clone (recordings_test.go). Without the recordings the
// tests that need them are skipped, unless REQUIRE_RECORDINGS=1.
//
// A new operation of the simulator needs a row in a table of operations_*_test.go, a new call of the client one in
// client_calls_test.go, and a new example of a job one in sdk_*_jobs_test.go. Tests fail without it; with it
// everything above is tested for it, too.
//
// env_test.go records every exchange with the simulator and checks it at the end of each test.
package contract
