package contract

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// sampleDate is the date that MongoDB's published samples ask for; it is later than every resource version at hand.
const sampleDate = "2025-03-12"

func acceptVersion(date string) string { return "application/vnd.atlas." + date + "+json" }

// find gives the document's entry of an operation, with its method and the template of its path.
func (d *document) find(t *testing.T, id string) (method, path string, entry *openapi3.Operation) {
	t.Helper()
	found, ok := d.byID[id]
	if !ok {
		t.Fatalf("the document has no operation %s", id)
	}
	return found.method, found.path, found.Operation
}

// request returns a request for an operation by the path of the document, for requests that the SDK cannot send: other
// versions, envelope, pretty, malformed arguments.
func (e *env) request(t *testing.T, op operation, p place, bearer string) *http.Request {
	t.Helper()
	method, path, _ := e.document.find(t, op.id)
	path = strings.NewReplacer(
		"{groupId}", p.groupID, "{clusterName}", p.clusterName, "{name}", p.clusterName,
		"{restoreJobId}", p.restoreJobID, "{snapshotId}", p.snapshotID,
	).Replace(path)
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", acceptVersion(sampleDate))
	req.Header.Set("Authorization", "Bearer "+bearer)
	return req
}

// somewhere is a place where the operation finds something: the seeded project, the cluster of the operation's row, and
// the newest job and snapshot there.
func (e *env) somewhere(t *testing.T, op operation, bearer string) place {
	t.Helper()
	p := place{groupID: seedGroupID, clusterName: op.cluster}
	_, path, _ := e.document.find(t, op.id)
	if strings.HasSuffix(path, "/{restoreJobId}") {
		p.restoreJobID = e.firstOf(t, strings.TrimSuffix(path, "/{restoreJobId}"), p, bearer)
	}
	if strings.HasSuffix(path, "/{snapshotId}") {
		p.snapshotID = e.firstOf(t, strings.TrimSuffix(path, "/{snapshotId}"), p, bearer)
	}
	return p
}

// firstOf is the id of the first result of the list at a path of the document.
func (e *env) firstOf(t *testing.T, path string, p place, bearer string) string {
	t.Helper()
	for _, op := range operations {
		_, candidate, _ := e.document.find(t, op.id)
		if !op.list || (candidate != path && candidate != path+"s") { // …/shardedCluster/{snapshotId} is in …/shardedClusters
			continue
		}
		req := e.request(t, op, p, bearer)
		setQuery(req, "itemsPerPage", "1")
		status, body := send(t, req)
		var l list
		if err := json.Unmarshal(body, &l); err != nil || len(l.Results) == 0 {
			t.Fatalf("%s: %d %s", op.id, status, body)
		}
		return l.Results[0].ID
	}
	t.Fatalf("no row of operations lists %s", path)
	return ""
}

// setQuery adds a query parameter to a request.
func setQuery(r *http.Request, name, value string) {
	q := r.URL.Query()
	q.Set(name, value)
	r.URL.RawQuery = q.Encode()
}
