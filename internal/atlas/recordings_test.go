package atlas

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/test/recordings"
)

// recordedOf is what the recordings hold of the operations on one sort of resource.
type recordedOf struct {
	path    *regexp.Regexp // of its operations: project, name and id
	get     string         // the operation that returns one
	list    string         // the operation that returns a page
	dropped []string       // fields that Atlas sends and the client does not keep
	least   int            // how many resources there are, or more
}

// What Atlas has never been recorded to send (serverless backups, snapshots of sharded
// clusters) is decoded from examples only; see examples_test.go.
var recordedResources = map[string]recordedOf{
	"Dedicated restore jobs": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/clusters/([^/]+)/backup/restoreJobs(?:/([a-f0-9]{24}))?$`),
		get:  "getGroupClusterBackupRestoreJob", list: "listGroupClusterBackupRestoreJobs",
		dropped: []string{"desiredTimestamp.time"}, // always null, and documented nowhere
		least:   20,
	},
	"Flex restore jobs": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/flexClusters/([^/]+)/backup/restoreJobs(?:/([a-f0-9]{24}))?$`),
		get:  "getGroupFlexClusterBackupRestoreJob", list: "listGroupFlexClusterBackupRestoreJobs", dropped: nil, least: 300,
	},
	"Dedicated snapshots": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/clusters/([^/]+)/backup/snapshots(?:/([a-f0-9]{24}))?$`),
		get:  "getGroupClusterBackupSnapshot", list: "listGroupClusterBackupSnapshots", dropped: nil, least: 20,
	},
	"Flex snapshots": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/flexClusters/([^/]+)/backup/snapshots(?:/([a-f0-9]{24}))?$`),
		get:  "getGroupFlexClusterBackupSnapshot", list: "listGroupFlexClusterBackupSnapshots", dropped: nil, least: 25,
	},
	"projects": {
		path: regexp.MustCompile(`/groups(?:/([a-f0-9]{24}))?$`), get: "getGroup", list: "listGroups",
		dropped: []string{"withDefaultAlertsSettings"}, // a wish at the making of a project
		least:   100,
	},
	// Of the clusters themselves the client keeps what the gateway serves.
	"clusters": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/clusters(?:/([^/]+))?$`),
		get:  "getGroupCluster", list: "listGroupClusters", dropped: []string{"*"}, least: 35,
	},
	"Flex clusters": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/flexClusters(?:/([^/]+))?$`),
		get:  "getGroupFlexCluster", list: "listGroupFlexClusters", dropped: []string{"*"}, least: 30,
	},
	"serverless instances": {
		path: regexp.MustCompile(`/groups/([a-f0-9]{24})/serverless(?:/([^/]+))?$`),
		get:  "getGroupServerlessInstance", list: "listGroupServerlessInstances", dropped: []string{"*"}, least: 20,
	},
}

func TestRecordings_areDecodedWithEveryField(t *testing.T) {
	all := recordings.Exchanges(t)
	for name, of := range recordedResources {
		t.Run(name, func(t *testing.T) {
			resources := 0
			for _, x := range all {
				if place := of.path.FindStringSubmatch(x.Path); place != nil && isResource(x) {
					resources += replay(t, of, x, place)
				}
			}
			if resources < of.least {
				t.Errorf("only %d resources were decoded", resources)
			}
		})
	}
}

// isResource reports whether the answer holds resources. That of a DELETE is empty.
func isResource(x recordings.Exchange) bool {
	return (x.Status == http.StatusOK || x.Status == http.StatusCreated) && x.Method != http.MethodDelete
}

// replay has the client decode an answer in every form that it can ask for, and
// returns how many resources there are in it.
func replay(t *testing.T, of recordedOf, x recordings.Exchange, place []string) int {
	t.Helper()
	var sent struct {
		ID         string            `json:"id"`
		Name       string            `json:"name"`
		Results    []json.RawMessage `json:"results"`
		TotalCount *int64            `json:"totalCount"`
	}
	if err := json.Unmarshal([]byte(x.Body), &sent); err != nil {
		t.Fatal(err)
	}
	op := operationNamed(t, of.get)
	if sent.Results != nil {
		op = operationNamed(t, of.list)
	} else {
		sent.Results = []json.RawMessage{json.RawMessage(x.Body)}
	}
	// A POST that makes a resource names neither its id or name nor, of some, its project.
	own := sent.ID
	if strings.HasSuffix(op.path, "{name}") {
		own = sent.Name
	}
	args := append(slices.Clone(place[1:]), "", "")
	for i := range args {
		if args[i] == "" {
			args[i] = own
		}
	}
	for form, body := range forms(t, op, x.Body) {
		var asked string
		c := playing(t, x.Headers, body, &asked, strings.Contains(form, "envelope"))
		value, err := op.call(t.Context(), c, args[0], args[1], args[2], ListOptions{})
		if err != nil {
			t.Errorf("%s %s (%s): %v", x.Method, x.Path, form, err)
			continue
		}
		if x.Method == http.MethodGet && asked != x.Path {
			t.Errorf("the answer to %s was asked for by %s", x.Path, asked)
		}
		results := op.results(value)
		if len(results) != len(sent.Results) {
			t.Fatalf("%s %s (%s): %d of %d results", x.Method, x.Path, form, len(results), len(sent.Results))
		}
		for i := range results {
			for _, difference := range lost(t, sent.Results[i], results[i], of.dropped...) {
				t.Errorf("%s %s (%s), resource %d: %s", x.Method, x.Path, form, i, difference)
			}
		}
		if op.list {
			checkPage(t, x, value, len(results), *sent.TotalCount)
		}
	}
	return len(sent.Results)
}

// checkPage holds a page to its own count: every recorded list has one, and is a first
// page.
func checkPage(t *testing.T, x recordings.Exchange, value any, results int, total int64) {
	t.Helper()
	page, ok := value.(interface{ HasNext() bool })
	if !ok {
		t.Fatalf("%s: a %T is no page", x.Path, value)
	}
	if page.HasNext() != (total > int64(results)) {
		t.Errorf("%s: %d of %d results, and another page: %v", x.Path, results, total, page.HasNext())
	}
	decoded, ok := reflect.ValueOf(value).Elem().FieldByName("TotalCount").Interface().(*int64)
	if !ok || decoded == nil || *decoded != total {
		t.Errorf("%s: the count %d became %v", x.Path, total, decoded)
	}
}

// forms are the ways in which Atlas writes one body.
func forms(t *testing.T, op anOperation, body string) map[string]string {
	t.Helper()
	enveloped := `{"status":200,"content":` + body + `}`
	if op.list {
		enveloped = `{"status":200,` + body[1:]
	}
	return map[string]string{"as recorded": body, "pretty": indented(t, body), "in an envelope": enveloped}
}

func indented(t *testing.T, body string) string {
	t.Helper()
	pretty := new(bytes.Buffer)
	if err := json.Indent(pretty, []byte(body), "", "  "); err != nil {
		t.Fatal(err)
	}
	return pretty.String()
}

// playing is a client that gets one recorded answer, whatever it asks for, and notes
// the path in asked.
func playing(t *testing.T, headers map[string]string, body string, asked *string, envelope bool) *Client {
	t.Helper()
	c, err := New(AccessToken{Token: "t"}, WithEnvelope(envelope),
		WithTransport(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			*asked = r.URL.Path
			answer := response(http.StatusOK, body)
			answer.Header = header(headers)
			return answer, nil
		})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// header drops what a transport would have taken away.
func header(recorded map[string]string) http.Header {
	h := http.Header{}
	for name, value := range recorded {
		if !strings.EqualFold(name, "Content-Length") && !strings.EqualFold(name, "Content-Encoding") {
			h.Set(name, value)
		}
	}
	return h
}

func operationNamed(t *testing.T, name string) anOperation {
	t.Helper()
	i := slices.IndexFunc(operations, func(op anOperation) bool { return op.name == name })
	if i < 0 {
		t.Fatalf("there is no operation %s", name)
	}
	return operations[i]
}
