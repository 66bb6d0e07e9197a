package contract

import (
	"net/http"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

const (
	seedGroupID = atlassim.SeedGroupID
	// absentID is well formed and belongs to nothing.
	absentID = "0123456789abcdef01234567"
	// malformedID has the length of an id and the wrong digits.
	malformedID = "0123456789ABCDEFGHIJKLMN"
)

// scene is a kind of request and its status. It is sent for every operation that it applies to.
type scene struct {
	name    string
	want    int
	applies func(op operation, path string) bool
	at      func(p *place, op operation) // where to look
	ask     func(r *http.Request)        // what else to change
	own     bool                         // ask for the oldest version that the operation has
	arrange func(s *atlassim.Simulator) (undo func())
}

func has(part string) func(operation, string) bool {
	return func(_ operation, path string) bool { return strings.Contains(path, part) }
}

func lists(op operation, _ string) bool { return op.paged() }

// serverlessBackups are the operations that the sunset of the serverless API removes.
func serverlessBackups(_ operation, path string) bool {
	return strings.Contains(path, "/serverless/") && strings.Contains(path, "/backup/")
}

// clustersThemselves are the operations that show Dedicated clusters.
func clustersThemselves(_ operation, path string) bool {
	return strings.HasSuffix(path, "/clusters") || strings.HasSuffix(path, "/clusters/{clusterName}")
}

// secondProject are the operations that find something in the project which has one serverless instance and no more.
func secondProject(_ operation, path string) bool {
	return strings.HasSuffix(path, "/groups/{groupId}") ||
		(strings.Contains(path, "/serverless") && !strings.HasSuffix(path, "Id}"))
}

func query(name, value string) func(*http.Request) {
	return func(r *http.Request) { setQuery(r, name, value) }
}

func accept(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Accept", value) }
}

func inject(f atlassim.Fault) func(*atlassim.Simulator) func() {
	return func(s *atlassim.Simulator) func() { return s.Inject(f) }
}

// successes are the requests that succeed.
var successes = []scene{
	{name: "the resource's own version", want: 200, own: true},
	{name: "a later date", want: 200},
	{name: "several versions", want: 200, ask: accept(acceptVersion("2023-01-01") + ", " + acceptVersion(sampleDate))},
	{name: "pretty", want: 200, ask: query("pretty", "true")},
	{name: "envelope", want: 200, ask: query("envelope", "true")},
	{name: "envelope=false", want: 200, ask: query("envelope", "false")},
	{
		name: "pretty envelope", want: 200,
		ask: func(r *http.Request) { setQuery(r, "envelope", "true"); setQuery(r, "pretty", "true") },
	},
	{name: "a page of one", want: 200, applies: lists, ask: query("itemsPerPage", "1")},
	{name: "the largest page", want: 200, applies: lists, ask: query("itemsPerPage", "500")},
	{name: "a page past the end", want: 200, applies: lists, ask: query("pageNum", "1000000")},
	{name: "no count", want: 200, applies: lists, ask: query("includeCount", "false")},
	{name: "a version that the document has dropped", want: 200, applies: clustersThemselves,
		ask: accept(acceptVersion("2023-02-01"))},
	{name: "the second project", want: 200, applies: secondProject, at: func(p *place, _ operation) {
		p.groupID, p.clusterName = atlassim.SeedSecondGroupID, atlassim.SeedSecondClusterName
	}},
}

// failures are the requests that fail. Each is sent with and without envelope=true.
var failures = []scene{
	{name: "no credential", want: 401, ask: func(r *http.Request) { r.Header.Del("Authorization") }},
	{name: "an unknown token", want: 401, ask: func(r *http.Request) { r.Header.Set("Authorization", "Bearer unknown") }},
	{
		name: "no such project", want: 404, applies: has("{groupId}"),
		at: func(p *place, _ operation) { p.groupID = absentID },
	},
	{name: "no such cluster", want: 404, applies: clusters, at: func(p *place, _ operation) { p.clusterName = "nowhere" }},
	{name: "a cluster of another tier", want: 400, applies: clusters,
		at: func(p *place, op operation) { p.clusterName = otherTier(op) }},
	{
		name: "no such job", want: 404, applies: has("{restoreJobId}"),
		at: func(p *place, _ operation) { p.restoreJobID = absentID },
	},
	{
		name: "no such snapshot", want: 404, applies: has("{snapshotId}"),
		at: func(p *place, _ operation) { p.snapshotID = absentID },
	},
	{
		name: "a malformed project id", want: 400, applies: has("{groupId}"),
		at: func(p *place, _ operation) { p.groupID = malformedID },
	},
	{name: "a malformed job id", want: 400, applies: has("{restoreJobId}"),
		at: func(p *place, _ operation) { p.restoreJobID = malformedID }},
	{name: "a malformed snapshot id", want: 400, applies: has("{snapshotId}"),
		at: func(p *place, _ operation) { p.snapshotID = malformedID }},
	{name: "pretty that is no boolean", want: 400, ask: query("pretty", "perhaps")},
	{name: "page 0", want: 400, applies: lists, ask: query("pageNum", "0")},
	{name: "a page of 501", want: 400, applies: lists, ask: query("itemsPerPage", "501")},
	{name: "no version", want: 406, ask: func(r *http.Request) { r.Header.Del("Accept") }},
	{name: "plain JSON", want: 406, ask: accept("application/json")},
	{name: "a date before the first version", want: 406, ask: accept(acceptVersion("2022-12-31"))},
	{name: "another method", want: 405, ask: func(r *http.Request) { r.Method = http.MethodPut }},
	{name: "the sunset", want: 410, applies: serverlessBackups, arrange: func(s *atlassim.Simulator) func() {
		s.RetireServerless(true)
		return func() { s.RetireServerless(false) }
	}},
	{name: "the sunset as 404", want: 404, applies: serverlessBackups, arrange: func(s *atlassim.Simulator) func() {
		s.RetireServerlessAs404(true)
		return func() { s.RetireServerlessAs404(false) }
	}},
	{name: "injected 403", want: 403, arrange: inject(atlassim.Fault{Status: 403})},
	{name: "injected 429", want: 429, arrange: inject(atlassim.Fault{Status: 429, RetryAfter: "7"})},
	{name: "injected 500", want: 500, arrange: inject(atlassim.Fault{Status: 500})},
	{name: "injected 502", want: 502, arrange: inject(atlassim.Fault{Status: 502})},
}

func clusters(op operation, _ string) bool { return op.cluster != "" }

// otherTier is a cluster of the seeded project that the operation is not for.
func otherTier(op operation) string {
	if op.cluster == atlassim.SeedFlexClusterName {
		return atlassim.SeedDedicatedClusterName
	}
	return atlassim.SeedFlexClusterName
}

// play sends the request of a scene for every operation and checks the status. The env checks the answers.
func (e *env) play(t *testing.T, s scene, bearer string, envelope bool) {
	t.Helper()
	for _, op := range operations {
		_, path, entry := e.document.find(t, op.id)
		if s.applies != nil && !s.applies(op, path) {
			continue
		}
		p := e.somewhere(t, op, bearer)
		if s.at != nil {
			s.at(&p, op)
		}
		req := e.request(t, op, p, bearer)
		if envelope {
			setQuery(req, "envelope", "true")
		}
		if s.own {
			req.Header.Set("Accept", acceptVersion(versions(entry)[0]))
		}
		if s.ask != nil {
			s.ask(req)
		}
		undo := func() {}
		if s.arrange != nil {
			undo = s.arrange(e.Simulator)
		}
		status, body := send(t, req)
		undo()
		if status != s.want {
			t.Errorf("%s with %s (envelope %v): %d, not %d: %s", op.id, s.name, envelope, status, s.want, body)
		}
	}
}
