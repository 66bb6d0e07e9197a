package restore

import (
	"errors"
	"fmt"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// says is a fault with an error in the shape of the API.
func says(path string, status int, code string) atlassim.Fault {
	return atlassim.Fault{PathContains: path, Status: status, ErrorCode: code}
}

// pageFault is a fault with an answer that the API did not give.
func pageFault(path string, status int, body string) atlassim.Fault {
	// A space is a body of its own for the simulator, and none for who reads it.
	if body == "" {
		body = " "
	}
	return atlassim.Fault{PathContains: path, Status: status, ContentType: "text/html", Body: body}
}

// elsewhere are answers that do not say where a cluster is, or say that it is not here.
var elsewhere = map[string]struct {
	fault func(path string) atlassim.Fault
	// absent is true when the answer says that the API does not have the cluster.
	absent bool
}{
	"400 of the cluster's kind": {
		fault: func(p string) atlassim.Fault {
			return says(p, 400, "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API")
		},
		absent: true,
	},
	"400 of a kind to come": {
		fault:  func(p string) atlassim.Fault { return says(p, 400, "CANNOT_USE_NEXT_CLUSTER_IN_THIS_API") },
		absent: true,
	},
	"403 without the feature": {
		fault: func(p string) atlassim.Fault { return says(p, 403, "FEATURE_UNSUPPORTED") }, absent: true,
	},
	"404 without the provider": {
		fault: func(p string) atlassim.Fault { return says(p, 404, "PROVIDER_UNSUPPORTED") }, absent: true,
	},
	"410 of Atlas": {fault: func(p string) atlassim.Fault { return says(p, 410, "ENDPOINT_REMOVED") }, absent: true},
	"404 page":     {fault: func(p string) atlassim.Fault { return pageFault(p, 404, "<html>") }},
	"404 of another product": {
		fault: func(p string) atlassim.Fault { return pageFault(p, 404, `{"message":"no Route matched"}`) },
	},
	"404 with nothing": {fault: func(p string) atlassim.Fault { return pageFault(p, 404, "") }},
	"410 with nothing": {fault: func(p string) atlassim.Fault { return pageFault(p, 410, "") }},
	"403 page":         {fault: func(p string) atlassim.Fault { return pageFault(p, 403, "<html>") }},
	"200 page":         {fault: func(p string) atlassim.Fault { return pageFault(p, 200, "<html>") }},
	"401":              {fault: func(p string) atlassim.Fault { return atlassim.Fault{PathContains: p, Status: 401} }},
	"401 with a code":  {fault: func(p string) atlassim.Fault { return says(p, 401, "USER_UNAUTHORIZED") }},
	"403":              {fault: func(p string) atlassim.Fault { return says(p, 403, "USER_UNAUTHORIZED") }},
	"400 not known":    {fault: func(p string) atlassim.Fault { return says(p, 400, "SOMETHING_NEW") }},
}

func TestSearchTiers_returnsTheJobThatAnotherAPIHas(t *testing.T) {
	for name, tt := range elsewhere {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			id := e.firstJob(t, Flex, returns)
			more := e.newest(t, Flex, returns, 0, 3)
			e.sim.Inject(tt.fault("/serverless/"))
			job, err := e.Job(t.Context(), Serverless, returns.job(id))
			if err != nil || job.JobID != id || job.ServedBy != Flex {
				t.Fatalf("got %+v, %v", job, err)
			}
			e.tiers, e.indexes = newTierCache(nil), newJobIndexes()
			list, err := e.Jobs(t.Context(), JobQuery{Tier: Serverless, Cluster: returns, First: 3})
			if err != nil || len(list.Jobs) != 3 {
				t.Errorf("the list: %+v, %v", list, err)
			}
			e.tiers, e.indexes = newTierCache(nil), newJobIndexes()
			batch, err := e.BatchedJobs(t.Context(), AnyTier, returns, more)
			for _, id := range more {
				if err != nil || batch[id].Err != nil || batch[id].Job == nil {
					t.Errorf("in a batch: %+v, %v", batch[id], err)
				}
			}
			if gone := e.tiers.isServerlessRetired(returns.GroupID); gone != (name == "410 of Atlas") {
				t.Errorf("the serverless API is gone: %t", gone)
			}
		})
	}
}

func TestSearchTiers_neverReturnsAnAbsenceForAFailure(t *testing.T) {
	for name, tt := range elsewhere {
		for _, cluster := range []ClusterKey{returns, loyalty, nowhere} {
			t.Run(fmt.Sprint(name, " ", cluster.Name), func(t *testing.T) {
				e := newEnv(t, ServerlessAuto)
				e.sim.Inject(tt.fault("/serverless/"))
				check := func(what string, err error) {
					t.Helper()
					var e *atlas.Error
					if !errors.As(err, &e) || isMissing(err) != tt.absent {
						t.Errorf("%s: got %v", what, err)
					}
				}
				for range 2 {
					_, err := e.Job(t.Context(), Serverless, cluster.job(noJob))
					check("a job", err)
				}
				ids := []string{noJob, noJob[:23] + "1", noJob[:23] + "2"}
				batch, err := e.BatchedJobs(t.Context(), AnyTier, cluster, ids)
				if err != nil {
					check("a batch", err)
				}
				for id, result := range batch {
					check("in a batch "+id, result.Err)
				}
				_, err = e.Snapshot(t.Context(), SnapshotKey{
					GroupID: cluster.GroupID, ClusterName: cluster.Name, SnapshotID: noJob,
				})
				check("a snapshot", err)
				if cluster == nowhere {
					_, err = e.Cluster(t.Context(), cluster)
					check("a cluster", err)
				}
			})
		}
	}
}

func TestSearchTiers_endsWhereEveryAPIWouldAnswerAlike(t *testing.T) {
	for _, code := range []string{
		"IP_ADDRESS_NOT_ON_ACCESS_LIST", "ORG_REQUIRES_ACCESS_LIST", "RESOURCE_REQUIRES_ACCESS_LIST",
	} {
		e := newEnv(t, ServerlessAuto)
		e.sim.Inject(says("/serverless/", 403, code))
		_, err := e.Job(t.Context(), Serverless, returns.job(noJob))
		wantCode(t, err, 403, code)
		e.wantCalls(t, 1)
	}
}

func TestSearchTiers_returnsTheAccessListErrorAfterAForeignAnswer(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.sim.Inject(pageFault("/serverless/", 404, "<html>"))
	e.sim.Inject(says("/flexClusters/", 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"))
	_, err := e.Job(t.Context(), Serverless, returns.job(noJob))
	wantCode(t, err, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
}

// The failure of an API is no absence because the next one does not know the project.
func TestSearchTiers_returnsAFailureBeforeAMissingProject(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.sim.Inject(says("/serverless/", 403, "USER_UNAUTHORIZED"))
	e.sim.Inject(says("/flexClusters/", 404, "GROUP_NOT_FOUND"))
	_, err := e.Job(t.Context(), Serverless, returns.job(noJob))
	wantCode(t, err, 403, "USER_UNAUTHORIZED")
}

// Atlas for Government has neither Flex clusters nor serverless instances.
func TestSearchTiers_findsDedicatedClustersWhereNoOtherAPIIsOffered(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	id := e.firstJob(t, Dedicated, billing)
	e.sim.Inject(says("/serverless", 403, "FEATURE_UNSUPPORTED"))
	e.sim.Inject(says("/flexClusters", 403, "FEATURE_UNSUPPORTED"))
	if job, err := e.Job(t.Context(), AnyTier, billing.job(id)); err != nil || job.ServedBy != Dedicated {
		t.Errorf("got %+v, %v", job, err)
	}
	_, err := e.Job(t.Context(), AnyTier, nowhere.job(noJob))
	wantCode(t, err, 404, "CLUSTER_NOT_FOUND")
	if all, err := e.Clusters(t.Context(), atlassim.SeedGroupID); err != nil || len(all.Clusters) == 0 ||
		len(all.Failures) != 0 {
		t.Errorf("got %+v, %v", all, err)
	}
	// The Dedicated API is offered everywhere: from it this is a refusal.
	e.tiers.removeTier(billing)
	e.sim.Inject(says("/clusters/", 403, "FEATURE_UNSUPPORTED"))
	_, err = e.Job(t.Context(), AnyTier, billing.job(id))
	wantCode(t, err, 403, "FEATURE_UNSUPPORTED")
}
