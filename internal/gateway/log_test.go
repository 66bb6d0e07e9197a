package gateway

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// requestLine is the log's line of the only request to /graphql since the log was reset.
func (e *env) requestLine(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^.* msg=request .* path=/graphql .*$`).FindAllString(e.log.String(), -1)
	if len(found) != 1 {
		t.Fatalf("the log has %d lines of requests: %s", len(found), e.log)
	}
	return found[0]
}

func TestAccessLog_hasOperationErrorCodesAndCalls(t *testing.T) {
	e := newEnv(t, bare)
	job := e.example(t, "succeeded")
	e.post(t, "{"+jobField("a", job, "{ id }")+"}", nil) // from now on it is known where the cluster is
	missing := atlassim.Example{
		GroupID: job.GroupID, ClusterName: job.ClusterName, RestoreJobID: "000000000000000000000000",
	}
	one, both := jobField("a", job, "{ id }"), jobField("a", job, "{ id }")+jobField("b", missing, "{ id }")
	tests := map[string]struct {
		query, name string
		want        string // the end of the line, up to the ids
	}{
		"a name":         {query: "query Job {" + one + "}", want: " operation=Job calls=1"},
		"without a name": {query: "{" + one + "}", want: " calls=1"},
		"an error":       {query: "query Jobs {" + both + "}", want: " operation=Jobs codes=[NOT_FOUND] calls=2"},
		"nothing to ask": {query: "query Type { __typename }", want: " operation=Type calls=0"},
		"one of several": {
			query: "query A {" + one + "} query B { __typename }", name: "B", want: " operation=B calls=0",
		},
		"a name that is not": {query: "query A { __typename }", name: "hunter2", want: " codes=[GRAPHQL_VALIDATION_FAILED]"},
		"refused": {
			query: "query Beyond { projects(first: 500) { nodes { clusters(first: 500) { nodes { name } } } } }",
			want:  " operation=Beyond codes=[COST_LIMIT_EXCEEDED]",
		},
		"no document": {query: "query Cut {", want: " codes=[GRAPHQL_PARSE_FAILED]"},
		"an id in the name": {
			query: "query Job_" + job.RestoreJobID + "_x { __typename }", want: " operation=Job_…_x calls=0",
		},
		"a long name": {
			query: "query " + strings.Repeat("a", 1000) + " { __typename }",
			want:  " operation=" + strings.Repeat("a", 64) + "… calls=0",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e.log.reset()
			body := `{"query":` + strconv.Quote(tt.query) + `,"operationName":` + strconv.Quote(tt.name) + `}`
			if tt.name == "" {
				body = `{"query":` + strconv.Quote(tt.query) + `}`
			}
			e.send(t, http.MethodPost, "/graphql", body, post)
			line := e.requestLine(t)
			_, line, _ = strings.Cut(line, " caller=anonymous")
			if line, _, _ = strings.Cut(line, " request_id="); line != tt.want {
				t.Errorf("got %q, want %q", line, tt.want)
			}
		})
	}
}

func TestAccessLog_hasTheCodeOfARejectedRequest(t *testing.T) {
	e := newEnv(t)
	for body, want := range map[string]string{
		"{": " codes=[BAD_REQUEST]", `{"query":"{ a b c d }"}`: " codes=[GRAPHQL_VALIDATION_FAILED]",
	} {
		e.log.reset()
		e.send(t, http.MethodPost, "/graphql", body, post)
		if line := e.requestLine(t); !strings.Contains(line, want) || strings.Contains(line, "calls=") {
			t.Errorf("%s: %s", body, line)
		}
	}
}

func TestLoggedName_hasNoIDAndIsBounded(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "Job": "Job", "Job2": "Job2", "Year2025": "Year2025",
		"J_63f3484e1f3a9b27c6000001_63f3484e1f3a9b27c6000002": "J_…_…",
		"Call_123456789": "Call_…",
		"Job_" + strings.Repeat("0123456789abcdef", 1<<16): "Job_…",
	} {
		if got := loggedName(name); got != want {
			t.Errorf("%.40q: got %q, want %q", name, got, want)
		}
	}
}
