package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlassim"
)

// work is what the clients of one run ask: the n-th request asks for jobs of one cluster.
type work struct {
	name    string
	jobs    int // a request
	queries int // a run
	clients int
	// pick gives the position, newest first, of the first job of the n-th request; the others follow it.
	pick func(n int) int
	// selection is how the jobs are asked for; "" is by an alias for each.
	selection string
	// eachCluster asks the n-th request of a cluster of its own, which holds the same jobs, by the field of Dedicated
	// clusters: where the field finds out which API has the cluster, that is two calls more.
	eachCluster bool
	// gone asks for jobs that do not exist.
	gone bool
	// literals writes the ids into the document, so that each request has one of its own.
	literals bool
	// unseen has nothing of the jobs' lists read before. A gateway reads the newest jobs where it
	// knows nothing of a cluster, so what goes before is a query for one job.
	unseen bool
}

// How twenty jobs can be asked for, beside an alias for each.
const (
	asList        = "list"
	asEntities    = "_entities"
	asProjectList = "project's list"
)

const restoreJobs = "/api/atlas/v2/groups/" + atlassim.SeedGroupID + "/clusters/" + atlassim.BulkClusterName +
	"/backup/restoreJobs"

// fields are those that are asked of each job.
const fields = "{ id state finishedAt targetClusterName }"

// clusterName is the cluster of the n-th request.
func (w work) clusterName(n int) string {
	if w.eachCluster {
		return fmt.Sprintf("%s-%d", atlassim.BulkClusterName, n)
	}
	return atlassim.BulkClusterName
}

// inWindows picks each job of a cluster once: windows side by side, in an order that is
// the same in every run and jumps about.
func inWindows(cluster, jobs int) func(n int) int {
	order := rand.New(rand.NewPCG(1, 2)).Perm(max(cluster/jobs, 1)) //nolint:gosec // the same in every run
	return func(n int) int { return order[n%len(order)] * jobs }
}

// document is a query for the jobs, with what differs between requests as variables.
func (w work) document(ids []string) string {
	switch w.selection {
	case asList:
		return fmt.Sprintf("query($c: ClusterName!) { serverlessRestoreJobs(groupId: %q, clusterName: $c, first: %d) { "+
			"nodes %s } }",
			atlassim.SeedGroupID, w.jobs, fields)
	case asProjectList:
		return fmt.Sprintf("query($c: ClusterName!) { restoreJobs(groupId: %q, clusterNames: [$c], first: %d) { nodes %s } }",
			atlassim.SeedGroupID, w.jobs, fields)
	case asEntities:
		return "query($r: [_Any!]!) { _entities(representations: $r) { ... on ServerlessRestoreJob " + fields + " } }"
	}
	field := "serverlessRestoreJob"
	if w.eachCluster {
		field = "dedicatedRestoreJob"
	}
	declared, jobs := strings.Builder{}, strings.Builder{}
	declared.WriteString("$c: ClusterName!")
	for i := range w.jobs {
		value := fmt.Sprintf("$j%d", i)
		if w.literals {
			value = fmt.Sprintf("%q", ids[i])
		} else {
			fmt.Fprintf(&declared, " $j%d: ObjectID!", i)
		}
		fmt.Fprintf(&jobs, " j%d: %s(groupId: %q, clusterName: $c, restoreJobId: %s) %s", i, field, atlassim.SeedGroupID,
			value, fields)
	}
	return "query Tiles(" + declared.String() + ") {" + jobs.String() + " }"
}

// variables are those of the document, for the jobs of one cluster.
func (w work) variables(cluster string, ids []string) map[string]any {
	switch w.selection {
	case asList, asProjectList:
		return map[string]any{"c": cluster}
	case asEntities:
		representations := make([]map[string]string, len(ids))
		for i, id := range ids {
			representations[i] = map[string]string{
				"__typename": "ServerlessRestoreJob", "groupId": atlassim.SeedGroupID, "clusterName": cluster, "id": id,
			}
		}
		return map[string]any{"r": representations}
	}
	variables := map[string]any{"c": cluster}
	if !w.literals {
		for i, id := range ids {
			variables[fmt.Sprintf("j%d", i)] = id
		}
	}
	return variables
}

// graphQL makes the n-th request for a gateway or a facade at url.
func (w work) graphQL(url string, ids []string) func(n int) (*http.Request, error) {
	fixed := w.document(ids)
	return func(n int) (*http.Request, error) {
		asked := w.asked(n, ids)
		body := struct {
			Query     string         `json:"query"`
			Variables map[string]any `json:"variables"`
		}{Query: fixed, Variables: w.variables(w.clusterName(n), asked)}
		if w.literals {
			body.Query = w.document(asked)
		}
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		return newRequest(http.MethodPost, url, text)
	}
}

// asked are the ids of the jobs of the n-th request.
func (w work) asked(n int, ids []string) []string {
	start := w.pick(n)
	asked := ids[start : start+w.jobs]
	if !w.gone {
		return asked
	}
	asked = slices.Clone(asked)
	for i, id := range asked {
		asked[i] = id[:8] + strings.Repeat("f", len(id)-8) // made at the same time, and in no list
	}
	return asked
}

// rest makes the n-th request for the bare proxy: a get of one job, or a list of as many.
func (w work) rest(url string, ids []string) func(n int) (*http.Request, error) {
	return func(n int) (*http.Request, error) {
		path := url + strings.Replace(restoreJobs, atlassim.BulkClusterName, w.clusterName(n), 1)
		if w.jobs == 1 {
			return newRequest(http.MethodGet, path+"/"+w.asked(n, ids)[0], nil)
		}
		return newRequest(http.MethodGet, fmt.Sprintf("%s?itemsPerPage=%d&pageNum=%d", path, w.jobs, w.pick(n)/w.jobs+1), nil)
	}
}
