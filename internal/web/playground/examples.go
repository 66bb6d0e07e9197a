package playground

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed examples
var documents embed.FS

// Job names a restore job.
type Job struct{ GroupID, ClusterName, RestoreJobID string }

// Jobs are the jobs that the example operations ask for. They are empty in front of a real Atlas: the examples then
// have placeholders.
type Jobs struct {
	// Serverless is a job of a serverless instance. Other examples use its project and cluster.
	Serverless Job
	// Migrated is a job of a cluster that was a serverless instance.
	Migrated Job
}

// Example is an operation to try.
type Example struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Query is the document, which holds the operation Name.
	Query string `json:"query"`
	// Variables are a JSON object, indented.
	Variables string `json:"variables"`
}

// variables are the variables of an example, in their order on the page.
type variables struct {
	GroupID      string   `json:"groupId,omitempty"`
	ClusterName  string   `json:"clusterName,omitempty"`
	RestoreJobID string   `json:"restoreJobId,omitempty"`
	States       []string `json:"states,omitempty"`
	First        int      `json:"first,omitempty"`
}

// placeholder has texts in the place of ids.
var placeholder = Job{
	GroupID:      "the project's id",
	ClusterName:  "the cluster's name",
	RestoreJobID: "the restore job's id",
}

// missing is the id of no job: its time is 1970.
const missing = "000000000000000000000000"

func (j Job) orPlaceholder() Job {
	if j == (Job{}) {
		return placeholder
	}
	return j
}

func (j Job) variables() variables {
	return variables{GroupID: j.GroupID, ClusterName: j.ClusterName, RestoreJobID: j.RestoreJobID}
}

// examplesFor returns the examples in the order of their tabs.
func examplesFor(jobs Jobs) ([]Example, error) {
	job, migrated := jobs.Serverless.orPlaceholder(), jobs.Migrated.orPlaceholder()
	absent := job
	absent.RestoreJobID = missing
	var out []Example
	for _, e := range []struct {
		name, title string
		variables   variables
	}{
		{"Projects", "Your projects", variables{}},
		{"RestoreJob", "One job by its ids", job.variables()},
		{"MigratedCluster", "The same, after Atlas retired the serverless API", migrated.variables()},
		{"WholeProject", "The newest jobs of all clusters", variables{GroupID: job.GroupID, First: 10}},
		{"LiveJobs", "The newest jobs, and each change of them", variables{GroupID: job.GroupID, First: 5}},
		{"FollowLinks", "Project, clusters, jobs and their snapshots", variables{GroupID: job.GroupID}},
		{"MissingJob", "What an error looks like", absent.variables()},
	} {
		query, err := documents.ReadFile("examples/" + e.name + ".graphql")
		if err != nil {
			return nil, err
		}
		text, err := json.MarshalIndent(e.variables, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("the variables of %s: %w", e.name, err)
		}
		out = append(out, Example{
			Name: e.name, Title: e.title, Query: strings.TrimSpace(string(query)), Variables: string(text),
		})
	}
	return out, nil
}
