package replicas

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// jobs is a query of the newest jobs of a cluster.
func jobs(cluster string, first int) string {
	return fmt.Sprintf(`{ restoreJobs(groupId: %q, clusterNames: [%q], first: %d) { nodes { id state } } }`, groupID, cluster, first)
}

// job is a query of one job.
func job(cluster, id string) string {
	return fmt.Sprintf(`{ restoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { id state deliveryUrl } }`, groupID, cluster, id)
}

// requestID is what answers differ in.
var requestID = regexp.MustCompile(`"requestId":"\w+",?`)

func TestCache_costsAtlasOneCallForAllReplicas(t *testing.T) {
	a, r := startAtlas(t, ""), startRedis(t)
	replicas := startReplicas(t, 3, a, r, "--cache-running=1m", "--cache-missing=1m")
	id := a.control(t, "jobs?cluster="+flex+"&takes=1h")
	for _, tt := range []struct {
		name, query string
		want        []string // in the answer
	}{
		{name: "a job", query: job(flex, id), want: []string{id, "RUNNING"}},
		{name: "a list", query: jobs(dedicated, 20), want: []string{`"nodes":[{"id":"`}},
		{name: "a missing job", query: job(dedicated, "63f3484e1f3a9b27c6999999"), want: []string{"RESTORE_JOB_NOT_FOUND"}},
		{name: "the clusters", query: fmt.Sprintf(`{ project(groupId: %q) { clusters { nodes { name } } } }`, groupID), want: []string{flex, dedicated}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := replicas[0].query(t, tt.query)
			for _, want := range tt.want {
				if !strings.Contains(first, want) {
					t.Fatalf("the answer is %s", first)
				}
			}
			calls := a.calls(t)
			if len(calls) == 0 {
				t.Error("the first replica makes no call")
			}
			for _, g := range replicas[1:] {
				if other := g.query(t, tt.query); requestID.ReplaceAllString(other, "") != requestID.ReplaceAllString(first, "") {
					t.Errorf("the first answer is %s, another one %s", first, other)
				}
			}
			if more := a.calls(t); len(more) > 0 {
				t.Errorf("after %q the others make %q", calls, more)
			}
		})
	}
}
