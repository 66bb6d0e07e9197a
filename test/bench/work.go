package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
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
	// literals writes the ids into the document, so that each request has one of its own.
	literals bool
	// unseen has nothing of the jobs' lists read before. A gateway reads the newest jobs where it
	// knows nothing of a cluster, so what goes before is a query for one job.
	unseen bool
}

const restoreJobs = "/api/atlas/v2/groups/" + atlassim.SeedGroupID + "/clusters/" + atlassim.BulkClusterName + "/backup/restoreJobs"

// inWindows picks each job of a cluster once: windows side by side, in an order that is
// the same in every run and jumps about.
func inWindows(cluster, jobs int) func(n int) int {
	order := rand.New(rand.NewPCG(1, 2)).Perm(max(cluster/jobs, 1)) //nolint:gosec // the same in every run
	return func(n int) int { return order[n%len(order)] * jobs }
}

// document is a query for so many jobs, under aliases, with their ids as variables.
func (w work) document(ids []string) string {
	var declared, fields strings.Builder
	for i := range w.jobs {
		value := fmt.Sprintf("$j%d", i)
		if w.literals {
			value = fmt.Sprintf("%q", ids[i])
		} else {
			fmt.Fprintf(&declared, " $j%d: ObjectID!", i)
		}
		fmt.Fprintf(&fields, " j%d: serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %s) { id state finishedAt targetClusterName }",
			i, atlassim.SeedGroupID, atlassim.BulkClusterName, value)
	}
	if w.literals {
		return "{" + fields.String() + " }"
	}
	return "query Tiles(" + declared.String() + ") {" + fields.String() + " }"
}

// graphQL makes the n-th request for a gateway or a facade at url.
func (w work) graphQL(url string, ids []string) func(n int) (*http.Request, error) {
	fixed := w.document(ids)
	return func(n int) (*http.Request, error) {
		start := w.pick(n)
		asked := ids[start : start+w.jobs]
		body := struct {
			Query     string            `json:"query"`
			Variables map[string]string `json:"variables,omitempty"`
		}{Query: fixed}
		if w.literals {
			body.Query = w.document(asked)
		} else {
			body.Variables = make(map[string]string, len(asked))
			for i, id := range asked {
				body.Variables[fmt.Sprintf("j%d", i)] = id
			}
		}
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		return newRequest(http.MethodPost, url, text)
	}
}

// rest makes the n-th request for the bare proxy: a get of one job, or a list of as many.
func (w work) rest(url string, ids []string) func(n int) (*http.Request, error) {
	return func(n int) (*http.Request, error) {
		start := w.pick(n)
		if w.jobs == 1 {
			return newRequest(http.MethodGet, url+restoreJobs+"/"+ids[start], nil)
		}
		return newRequest(http.MethodGet, fmt.Sprintf("%s%s?itemsPerPage=%d&pageNum=%d", url, restoreJobs, w.jobs, start/w.jobs+1), nil)
	}
}
