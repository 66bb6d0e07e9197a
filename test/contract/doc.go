// Package contract holds the simulator and the client against what MongoDB publishes: the official Go SDK for the
// Atlas Administration API v2, the official OpenAPI document that comes with it, and recorded answers of the real API.
// It is a module of its own, so that nothing of this reaches the gateway's dependencies; there is no code in it but
// tests.
//
//	operations_*_test.go   every operation of the simulator, and how the SDK calls it
//	sdk_*_test.go          the official SDK as a client of the simulator, with both kinds of credential
//	migration_test.go      the same job by another API, after the sunset of the serverless one
//	changes_test.go        jobs that come and go, and many of them
//	client_*_test.go       the gateway's client: every request it makes is one that the document defines, and what it
//	                       reads is what the SDK reads
//	simulator_test.go      every answer of the simulator, successes and errors, against the document's schemas
//	scenes_test.go         the ways of asking that simulator_test.go plays for every operation
//	lives_test.go          every job, snapshot and cluster, as simulator_test.go looks at them while time passes
//	oauth_test.go          the token endpoint, which the document describes by its address only
//	recorded_test.go       Atlas's own answers against the same schemas
//	members_test.go        nothing that Atlas was recorded to send is missing from the simulator's answers
//	deviations_*_test.go   where answers are known to differ from the document, and what proves that Atlas does so
//
// The document and the recordings are data of others and are not copied here: the document is read from the module
// cache (document_test.go), the recordings from beside the clone (recordings_test.go). Without the recordings the
// tests that need them are skipped, unless REQUIRE_RECORDINGS=1.
//
// An operation that is new in the simulator needs a row in a table of operations_*_test.go, a call that is new in the
// client one in client_calls_test.go, and a new example of a job a stage in sdk_*_jobs_test.go; tests fail until it is
// there, and everything above then holds for it too.
//
// Every exchange with the simulator goes through env_test.go, which keeps it and checks it, so a test cannot forget to.
package contract
