package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

// counted is how many lists the simulator was asked to count, and how many it was not.
func (e *env) countedLists() (yes, no int) {
	of := func(count string) int {
		return e.sim.CountCalls(func(c atlassim.Call) bool { return c.Status == 200 && strings.Contains(c.RawQuery, count) })
	}
	return of("includeCount=true"), of("includeCount=false")
}

func TestTotalCount_isRequestedOnlyWhereSelected(t *testing.T) {
	connections := map[string]string{
		"serverlessRestoreJobs": "ServerlessRestoreJobConnection", "flexRestoreJobs": "FlexRestoreJobConnection",
		"dedicatedRestoreJobs": "DedicatedRestoreJobConnection",
	}
	clusters := map[string]string{
		"serverlessRestoreJobs": "orders", "flexRestoreJobs": "catalog", "dedicatedRestoreJobs": "billing",
	}
	for field, connection := range connections {
		for name, tt := range map[string]struct {
			selection string
			want      bool
		}{
			"it":              {selection: "nodes { id } estimatedTotalCount", want: true},
			"it alone":        {selection: "n: estimatedTotalCount", want: true},
			"in a fragment":   {selection: "... on " + connection + " { estimatedTotalCount }", want: true},
			"included":        {selection: "pageInfo { hasNextPage } estimatedTotalCount @include(if: true)", want: true},
			"not included":    {selection: "pageInfo { hasNextPage } estimatedTotalCount @include(if: false)"},
			"skipped":         {selection: "nodes { id } ... @skip(if: true) { estimatedTotalCount }"},
			"everything else": {selection: "nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor }"},
		} {
			t.Run(field+" of "+name, func(t *testing.T) {
				e := newEnv(t, bare)
				r := e.post(t, fmt.Sprintf(`{ list: %s(%s, first: 5) { %s } }`, field, in(clusters[field]), tt.selection), nil)
				if len(r.Errors) > 0 {
					t.Fatal(r.Raw)
				}
				if yes, no := e.countedLists(); (yes > 0) != tt.want || yes+no != 1 {
					t.Errorf("%d lists are counted, %d are not", yes, no)
				}
			})
		}
	}
}

func TestTotalCount_isNotRequestedForListsReadToTheirEnd(t *testing.T) {
	e := newEnv(t, bare)
	const rest = "estimatedTotalCount nodes { id }"
	for _, query := range []string{
		`{ projects { ` + rest + ` } }`,
		`{ project(groupId: "` + atlassim.SeedGroupID + `") { clusters { ` + rest + ` } } }`,
		`{ cluster(` + in("catalog") + `) { snapshots { ` + rest + ` } restoreJobs { nodes { id } } } }`,
		`{ restoreJobs(groupId: "` + atlassim.SeedGroupID + `") { ` + rest + ` } }`,
	} {
		if r := e.post(t, query, nil); len(r.Errors) > 0 {
			t.Fatal(r.Raw)
		}
	}
	if yes, no := e.countedLists(); yes > 0 || no == 0 {
		t.Errorf("%d lists are counted, %d are not", yes, no)
	}
	if r := e.post(t, `{ cluster(`+in("catalog")+`) { restoreJobs { estimatedTotalCount } } }`, nil); len(r.Errors) > 0 {
		t.Fatal(r.Raw)
	}
	if yes, _ := e.countedLists(); yes != 1 {
		t.Errorf("%d lists are counted for the jobs of a cluster", yes)
	}
}

// TestTotalCount_failureLeavesTheList has Atlas fail to count: the list is there, and each place
// of the count has the error.
func TestTotalCount_failureLeavesTheList(t *testing.T) {
	e := newEnv(t, wrapUpstream(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("includeCount") != "true" || r.Header.Get("Authorization") == "" {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"error":500,"errorCode":"TIMEOUT_WHILE_PAGING","detail":"Retry with includeCount=false."}`))
		})
	}))
	r := e.post(t, `{
		jobs: serverlessRestoreJobs(`+in("orders")+`, first: 2) { nodes { id } estimatedTotalCount all: estimatedTotalCount }
		cluster(`+in("billing")+`) { restoreJobs(first: 2) { nodes { id } estimatedTotalCount } }
	}`, nil)
	if strings.Count(r.Raw, `"id":`) != 4 || strings.Count(r.Raw, `"estimatedTotalCount":null`) != 2 {
		t.Fatal(r.Raw)
	}
	var paths []string
	for _, err := range r.Errors {
		paths = append(paths, fmt.Sprint(err.Path))
		if err.Extensions["code"] != "UPSTREAM_ERROR" || err.Extensions["errorCode"] != "TIMEOUT_WHILE_PAGING" ||
			err.Extensions["retryable"] != true {
			t.Errorf("got %+v", err)
		}
	}
	want := map[string]bool{
		"[jobs estimatedTotalCount]": true, "[jobs all]": true, "[cluster restoreJobs estimatedTotalCount]": true,
	}
	got := map[string]bool{}
	for _, path := range paths {
		got[path] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || len(paths) != len(want) {
		t.Errorf("%s: %s", r.Raw, diff)
	}
	if r := e.post(t, `{ serverlessRestoreJobs(`+in("orders")+`) { nodes { id } } }`, nil); len(r.Errors) > 0 {
		t.Error(r.Raw)
	}
}
