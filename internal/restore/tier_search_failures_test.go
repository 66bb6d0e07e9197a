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
	// absent is whether the answer says that the API does not have the cluster.
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
	"403 without the feature":  {fault: func(p string) atlassim.Fault { return says(p, 403, "FEATURE_UNSUPPORTED") }, absent: true},
	"404 without the provider": {fault: func(p string) atlassim.Fault { return says(p, 404, "PROVIDER_UNSUPPORTED") }, absent: true},
	"410 of Atlas":             {fault: func(p string) atlassim.Fault { return says(p, 410, "ENDPOINT_REMOVED") }, absent: true},
	"404 page":                 {fault: func(p string) atlassim.Fault { return pageFault(p, 404, "<html>") }},
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

func TestSearch_servesTheJobThatAnotherAPIHas(t *testing.T) {
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
			e.tiers, e.indexes = newTierCache(), newJobIndexes()
			list, err := e.Jobs(t.Context(), JobQuery{Tier: Serverless, Cluster: returns, First: 3})
			if err != nil || len(list.Jobs) != 3 {
				t.Errorf("the list: %+v, %v", list, err)
			}
			e.tiers, e.indexes = newTierCache(), newJobIndexes()
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

func TestSearch_neverMakesAnAbsenceOfAFailure(t *testing.T) {
	for name, tt := range elsewhere {
		for _, cluster := range []ClusterKey{returns, loyalty, nowhere} {
			t.Run(fmt.Sprint(name, " ", cluster.Name), func(t *testing.T) {
				e := newEnv(t, ServerlessAuto)
				e.sim.Inject(tt.fault("/serverless/"))
				check := func(what string, err error) {
					t.Helper()
					var e *atlas.Error
					if !errors.As(err, &e) || isAbsence(err) != tt.absent {
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
				_, err = e.Snapshot(t.Context(), SnapshotKey{cluster.GroupID, cluster.Name, noJob})
				check("a snapshot", err)
				if cluster == nowhere {
					_, err = e.Cluster(t.Context(), cluster)
					check("a cluster", err)
				}
			})
		}
	}
}

func TestSearch_endsWhereNoOtherAPICanHelp(t *testing.T) {
	for _, code := range []string{"IP_ADDRESS_NOT_ON_ACCESS_LIST", "ORG_REQUIRES_ACCESS_LIST", "RESOURCE_REQUIRES_ACCESS_LIST"} {
		e := newEnv(t, ServerlessAuto)
		e.sim.Inject(says("/serverless/", 403, code))
		_, err := e.Job(t.Context(), Serverless, returns.job(noJob))
		wantCode(t, err, 403, code)
		e.wantCalls(t, 1)
	}
}

func TestSearch_tellsTheAccessListAfterAPage(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.sim.Inject(pageFault("/serverless/", 404, "<html>"))
	e.sim.Inject(says("/flexClusters/", 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"))
	_, err := e.Job(t.Context(), Serverless, returns.job(noJob))
	wantCode(t, err, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
}

// The failure of an API is no absence because the next one does not know the project.
func TestSearch_tellsAFailureBeforeAMissingProject(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.sim.Inject(says("/serverless/", 403, "USER_UNAUTHORIZED"))
	e.sim.Inject(says("/flexClusters/", 404, "GROUP_NOT_FOUND"))
	_, err := e.Job(t.Context(), Serverless, returns.job(noJob))
	wantCode(t, err, 403, "USER_UNAUTHORIZED")
}

// Atlas for Government has neither Flex clusters nor serverless instances.
func TestSearch_findsDedicatedClustersWhereNothingElseIsOffered(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	id := e.firstJob(t, Dedicated, billing)
	e.sim.Inject(says("/serverless", 403, "FEATURE_UNSUPPORTED"))
	e.sim.Inject(says("/flexClusters", 403, "FEATURE_UNSUPPORTED"))
	if job, err := e.Job(t.Context(), AnyTier, billing.job(id)); err != nil || job.ServedBy != Dedicated {
		t.Errorf("got %+v, %v", job, err)
	}
	_, err := e.Job(t.Context(), AnyTier, nowhere.job(noJob))
	wantCode(t, err, 404, "CLUSTER_NOT_FOUND")
	if all, err := e.Clusters(t.Context(), atlassim.SeedGroupID); err != nil || len(all.Clusters) == 0 || len(all.Failures) != 0 {
		t.Errorf("got %+v, %v", all, err)
	}
	// The Dedicated API is offered everywhere: from it this is a refusal.
	e.tiers.removeTier(billing)
	e.sim.Inject(says("/clusters/", 403, "FEATURE_UNSUPPORTED"))
	_, err = e.Job(t.Context(), AnyTier, billing.job(id))
	wantCode(t, err, 403, "FEATURE_UNSUPPORTED")
}

func TestBatchedJobs_asksAnAPIThatSaysNothingTwice(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	ids := e.newest(t, Flex, returns, 0, 4)
	e.sim.Inject(pageFault("/serverless/", 404, "<html>"))
	batch, err := e.BatchedJobs(t.Context(), AnyTier, returns, ids)
	if err != nil || batch[ids[3]].Job == nil {
		t.Errorf("got %v", err)
	}
	e.wantCalls(t, 3+1) // a list and two jobs, and the list of the Flex cluster
}

func TestClusters_tellAFailureBeforeAnAbsence(t *testing.T) {
	tests := map[string]struct {
		faults []atlassim.Fault
		want   int
	}{
		"a 500 after a 404": {
			faults: []atlassim.Fault{says("/flexClusters", 404, "GROUP_NOT_FOUND"), {PathContains: "/clusters", Status: 500}},
			want:   500,
		},
		"a 500 before a 404": {
			faults: []atlassim.Fault{{PathContains: "/flexClusters", Status: 500}, says("/clusters", 404, "GROUP_NOT_FOUND")},
			want:   500,
		},
		"a 500 after a 403": {
			faults: []atlassim.Fault{says("/flexClusters", 403, "USER_UNAUTHORIZED"), {PathContains: "/clusters", Status: 500}},
			want:   500,
		},
		"a 403 after a 404": {
			faults: []atlassim.Fault{says("/flexClusters", 404, "GROUP_NOT_FOUND"), says("/clusters", 403, "USER_UNAUTHORIZED")},
			want:   403,
		},
		"a page of the serverless API": {
			faults: []atlassim.Fault{pageFault("/serverless", 404, "<html>")},
			want:   404,
		},
		"404s alone": {
			faults: []atlassim.Fault{says("/groups/", 404, "GROUP_NOT_FOUND")},
			want:   404,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			for _, fault := range tt.faults {
				e.sim.Inject(fault)
			}
			_, err := e.Clusters(t.Context(), atlassim.SeedEmptyGroupID)
			var e2 *atlas.Error
			if !errors.As(err, &e2) || e2.Status != tt.want || isAbsence(err) != (name == "404s alone") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestJudge_readsTheCodes(t *testing.T) {
	tests := map[string]struct {
		code   string
		status int
		want   verdict
	}{
		"no such cluster":          {code: "CLUSTER_NOT_FOUND", status: 404, want: disowns},
		"by its name":              {code: "CLUSTER_NAME_NOT_FOUND", status: 404, want: disowns},
		"not serverless":           {code: "NOT_SERVERLESS_TENANT_CLUSTER", status: 400, want: disowns},
		"no such instance":         {code: "SERVERLESS_INSTANCE_NOT_FOUND", status: 404, want: disowns},
		"not of this API":          {code: "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API", status: 400, want: disowns},
		"an API to come":           {code: "CANNOT_USE_FLEX_CLUSTER_IN_SERVERLESS_INSTANCE_API", status: 400, want: disowns},
		"no such job":              {code: "RESTORE_JOB_NOT_FOUND", status: 404, want: owns},
		"no such job of a tenant":  {code: "TENANT_RESTORE_NOT_FOUND", status: 404, want: owns},
		"no such job, by its id":   {code: "INVALID_JOB_ID", status: 404, want: owns},
		"no snapshot":              {code: "SNAPSHOT_NOT_FOUND", status: 404, want: owns},
		"no snapshot of a tenant":  {code: "TENANT_SNAPSHOT_NOT_FOUND", status: 404, want: owns},
		"no snapshot, by its id":   {code: "INVALID_SNAPSHOT_ID", status: 400, want: owns},
		"no backups":               {code: "BACKUP_CONFIG_NOT_FOUND", status: 404, want: owns},
		"no backups, 400":          {code: "BACKUP_JOB_NOT_FOUND", status: 400, want: owns},
		"no project":               {code: "GROUP_NOT_FOUND", status: 404, want: stop},
		"nothing said":             {status: 404, want: unclear},
		"whatever is missing":      {code: "RESOURCE_NOT_FOUND", status: 404, want: unclear},
		"sunset":                   {code: "VERSION_GONE", status: 410, want: gone},
		"a role":                   {code: "USER_UNAUTHORIZED", status: 403, want: failed},
		"a code of a failure":      {code: "CLUSTER_NOT_FOUND", status: 500, want: stop},
		"a code of a rate limit":   {code: "SNAPSHOT_NOT_FOUND", status: 429, want: stop},
		"a code of another matter": {code: "ATLAS_GENERAL_ERROR", status: 400, want: failed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := judge(Serverless, &atlas.Error{Status: tt.status, ErrorCode: tt.code}); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
