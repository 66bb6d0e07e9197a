package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

const nowhere = "ffffffffffffffffffffffff"

// withPolicy serves callers by the rules of the token that the header X-Test-Caller names:
// "projects: permissions" each.
func withPolicy(t *testing.T, forbidden string, auditLog *lockedBuffer, rules map[string][]string) envOption {
	t.Helper()
	var b strings.Builder
	b.WriteString("forbidden: " + forbidden + "\nrules:\n")
	var tokens []string
	for token, ofToken := range rules {
		tokens = append(tokens, token)
		for _, rule := range ofToken {
			projects, permissions, _ := strings.Cut(rule, ": ")
			fmt.Fprintf(&b, "- {subject: {token: %s}, projects: %s, permissions: %s}\n", token, projects, permissions)
		}
	}
	p, err := authz.ParsePolicy("policy.yaml", []byte(b.String()), authz.AuthMethods{
		Methods: []authz.Method{authz.Token}, Tokens: tokens,
	})
	if err != nil {
		t.Fatal(err)
	}
	return withConfig(func(c *Config) {
		c.WarnLimits = true // to ask for everything is more than one operation may
		c.Access = &Access{Authenticate: callerOfHeader, Policy: authz.StaticPolicy(p), Audit: audit.New(auditLog)}
	})
}

// postAs sends a query as the caller.
func (e *env) postAs(t *testing.T, caller, query string) result {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return e.send(t, http.MethodPost, "/graphql", string(body), post, "X-Test-Caller: "+caller)
}

// without is an answer without what tells one request or project from another: errors are
// in the order of their paths.
func (r result) without(t *testing.T, project string) string {
	t.Helper()
	slices.SortFunc(r.Errors, func(a, b resultError) int {
		return strings.Compare(fmt.Sprint(a.Path), fmt.Sprint(b.Path))
	})
	for _, e := range r.Errors {
		delete(e.Extensions, "requestId")
	}
	text, err := json.Marshal(map[string]any{"status": r.Status, "data": r.Data, "errors": r.Errors})
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), project, "PROJECT")
}

// pathsTo are queries on every path to one project, one or several things at once.
func pathsTo(project string) map[string]string {
	out := newSchemaWalk().queries(project)
	for _, n := range []int{2, 3, 5} {
		for _, field := range []string{"serverlessRestoreJob", "flexRestoreJob", "dedicatedRestoreJob", "restoreJob"} {
			var b strings.Builder
			for i := range n {
				b.WriteString(rootField(fmt.Sprint("j", i), field, atlassim.Example{
					GroupID: project, ClusterName: "c", RestoreJobID: fmt.Sprintf("67ebae01a6713bc8f40000%02d", i),
				}, "{ id }"))
			}
			out[fmt.Sprint(field, " x", n)] = "{" + b.String() + "}"
		}
		for _, typename := range entityTypes() {
			var refs []string
			for i := range n {
				refs = append(refs, strings.ReplaceAll(representation(typename, project), "67ebae01a6713bc8f4000000",
					fmt.Sprintf("67ebae01a6713bc8f40000%02d", i)))
			}
			out[fmt.Sprint("_entities ", typename, " x", n)] = "{ _entities(representations: [" + strings.Join(refs, ", ") +
				"]) { __typename } }"
		}
		names := strings.TrimSuffix(strings.Repeat(`"c", "d", `, n-1), ", ")
		out[fmt.Sprint("restoreJobs of clusters x", n)] = fmt.Sprintf(`{ restoreJobs(groupId: %q, clusterNames: [%s], `+
			`after: null) { nodes { id } unread { clusterName errorCode status } pageInfo { hasNextPage endCursor startCursor `+
			`hasPreviousPage } estimatedTotalCount } }`, project, names)
	}
	// These lead to no project that is named.
	maps.DeleteFunc(out, func(path, _ string) bool {
		return path == "projects" || strings.HasPrefix(path, "organization") || strings.Contains(path, "AtlasOrganization")
	})
	return out
}

// TestAccess_forbiddenProjectLooksLikeAMissingOne compares whole answers: of a project
// that is there and forbidden, of one that is not there and would be forbidden, and of
// one that is not there and is asked of Atlas.
func TestAccess_forbiddenProjectLooksLikeAMissingOne(t *testing.T) {
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{
		"all":  {"all: [jobs:read, downloads:read]"},
		"some": {"[" + atlassim.SeedEmptyGroupID + "]: [jobs:read, downloads:read]"},
	}))
	missing := pathsTo(nowhere)
	for path, query := range pathsTo(atlassim.SeedGroupID) {
		asked := e.postAs(t, "all", missing[path]).without(t, nowhere)
		if !strings.Contains(asked, "GROUP_NOT_FOUND") {
			t.Fatalf("%s: Atlas says of a missing project: %s", path, asked)
		}
		e.sim.ResetCalls()
		there := e.postAs(t, "some", query).without(t, atlassim.SeedGroupID)
		notThere := e.postAs(t, "some", missing[path]).without(t, nowhere)
		if calls := e.sim.Calls(); len(calls) > 0 && !strings.Contains(path, "AtlasProject x") {
			t.Errorf("%s: Atlas was asked: %v", path, calls)
		}
		if diff := cmp.Diff(there, notThere); diff != "" {
			t.Errorf("%s: what is there can be told from what is not: %s", path, diff)
		}
		if diff := cmp.Diff(asked, there); diff != "" {
			t.Errorf("%s: what is forbidden can be told from what is missing: %s", path, diff)
		}
	}
}

func TestAccess_linkIntoAForbiddenProjectIsNull(t *testing.T) {
	rules := map[string][]string{
		"one":  {"[" + atlassim.SeedGroupID + "]: [jobs:read]"},
		"both": {"[" + atlassim.SeedGroupID + ", " + atlassim.SeedSecondGroupID + "]: [jobs:read]"},
	}
	// The permission matrix has the callers that may follow the link.
	query := `{ list: serverlessRestoreJobs(` + in("orders") +
		`, first: 200) { nodes { id targetGroupId targetCluster { groupId name } } } }`
	for forbidden, code := range map[string]string{"hide": "", "show": "FORBIDDEN"} {
		e := newEnv(t, withPolicy(t, forbidden, &lockedBuffer{}, rules))
		var list struct {
			Nodes []struct {
				TargetGroupID string          `json:"targetGroupId"`
				TargetCluster json.RawMessage `json:"targetCluster"`
			} `json:"nodes"`
		}
		for caller, want := range map[string]string{"one": code, "both": ""} {
			r := e.postAs(t, caller, query)
			if err := json.Unmarshal(r.Data["list"], &list); err != nil {
				t.Fatal(r.Raw)
			}
			elsewhere, codes := 0, r.codes()
			for i, job := range list.Nodes {
				if job.TargetGroupID == atlassim.SeedSecondGroupID {
					elsewhere++
					if got := codes[fmt.Sprintf("[list nodes %d targetCluster]", i)]; got != want ||
						string(job.TargetCluster) != "null" {
						t.Errorf("%s, %s: the job %d leads to %s with the code %q", forbidden, caller, i, job.TargetCluster, got)
					}
				}
			}
			if elsewhere == 0 {
				t.Error("no job leads to the other project")
			}
		}
	}
}

func TestAccess_callersShareNoDataByBatchCacheOrCall(t *testing.T) {
	rules := map[string][]string{
		"reader":     {"[" + atlassim.SeedGroupID + "]: [jobs:read]"},
		"downloader": {"[" + atlassim.SeedGroupID + "]: [jobs:read, downloads:read]"},
		"stranger":   {"[" + nowhere + "]: [jobs:read]"},
	}
	for name, cache := range map[string]restore.CacheSettings{"cached": restore.DefaultCacheSettings, "shared": {}} {
		t.Run(name, func(t *testing.T) {
			audit := &lockedBuffer{}
			e := newEnv(t, withPolicy(t, "hide", audit, rules), withCache(cache))
			query := "{" + jobField("a", e.example(t, "ready"), "{ id deliveryUrl }") + `list: serverlessRestoreJobs(` +
				in("orders") + `, first: 50) { nodes { id deliveryUrl } } }`
			var wg sync.WaitGroup
			for range 10 {
				for _, caller := range []string{"downloader", "reader", "stranger"} {
					wg.Go(func() {
						r := e.postAs(t, caller, query)
						hasURL := strings.Contains(r.Raw, "://") && strings.Contains(strings.Join(urlsOf(r), ""), "://")
						switch caller {
						case "downloader":
							if !hasURL || len(r.Errors) > 0 {
								t.Errorf("the downloader got %s", r.Raw)
							}
						case "reader":
							if hasURL || !strings.Contains(r.Raw, `"id"`) || r.codes()["[a deliveryUrl]"] != "FORBIDDEN" {
								t.Errorf("the reader got %s", r.Raw)
							}
						case "stranger":
							if string(r.Data["a"]) != "null" || string(r.Data["list"]) != "null" {
								t.Errorf("the stranger got %s", r.Raw)
							}
						}
					})
				}
			}
			wg.Wait()
			for _, line := range strings.Split(strings.TrimSpace(audit.String()), "\n") {
				if !strings.Contains(line, `"caller":"token:downloader"`) {
					t.Errorf("the audit log says: %s", line)
				}
			}
		})
	}
}

// urlsOf are the download URLs in an answer.
func urlsOf(r result) []string {
	var urls []string
	for _, match := range regexp.MustCompile(`"deliveryUrl":\[("[^"]+")`).FindAllStringSubmatch(r.Raw, -1) {
		urls = append(urls, match[1])
	}
	return urls
}

func TestAudit_recordsEachReadOfADownload(t *testing.T) {
	audit := &lockedBuffer{}
	e := newEnv(t, withPolicy(t, "hide", audit, map[string][]string{"t": {"all: [jobs:read, downloads:read]"}}))
	ready, private, flex, sharded := e.example(t, "ready"), e.example(t, "dedicatedReady"), e.example(t, "flexReady"),
		e.example(t, "shardedReady")
	query := "{" + jobField("none", e.example(t, "succeeded"), "{ id deliveryUrl }") +
		jobField("not_asked", ready, "{ id state }") +
		jobField("ready", ready, "{ deliveryUrl again: deliveryUrl }") +
		rootField("dedicated", "dedicatedRestoreJob", private,
			"{ privateDownloadDeliveryUrls { endpointId deliveryUrl } components { downloadUrl } }") +
		rootField("flex", "flexRestoreJob", flex, "{ snapshotUrl deliveryUrl }") +
		rootField("sharded", "dedicatedRestoreJob", sharded, "{ state components { downloadUrl } }") + "}"
	r := e.postAs(t, "t", query)
	if len(r.Errors) > 0 {
		t.Fatal(r.Raw)
	}
	shards := strings.Count(string(r.Data["sharded"]), "://")
	if shards < 2 || !strings.Contains(string(r.Data["sharded"]), `"state":"READY"`) {
		t.Errorf("the download of a sharded cluster is %s", r.Data["sharded"])
	}
	got := map[string]int{}
	for line := range strings.Lines(audit.String()) {
		var read map[string]string
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			t.Fatal(err)
		}
		if read["caller"] != "token:t" || read["remote"] == "" || read["request_id"] != r.Header.Get("X-Request-Id") ||
			read["group_id"] != atlassim.SeedGroupID {
			t.Errorf("got %s", line)
		}
		got[read["restore_job_id"]+" "+read["field"]]++
	}
	want := map[string]int{
		ready.RestoreJobID + " ServerlessRestoreJob.deliveryUrl":  2,
		private.RestoreJobID + " PrivateDownloadUrl.deliveryUrl":  1,
		sharded.RestoreJobID + " RestoreJobComponent.downloadUrl": shards,
		flex.RestoreJobID + " FlexRestoreJob.snapshotUrl":         1, flex.RestoreJobID + " FlexRestoreJob.deliveryUrl": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, url := range append(urlsOf(r), "://") {
		if strings.Contains(audit.String(), url) {
			t.Errorf("the audit log holds %s", url)
		}
	}
}

type unwritable struct{}

func (unwritable) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAudit_failureWithholdsTheDownload(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.Access = AllowAll(unwritable{}) }))
	r := e.post(t, "{"+jobField("ready", e.example(t, "ready"), "{ id deliveryUrl }")+"}", nil)
	if len(urlsOf(r)) > 0 || r.codes()["[ready deliveryUrl]"] != "INTERNAL_SERVER_ERROR" ||
		!strings.Contains(string(r.Data["ready"]), `"id"`) {
		t.Errorf("got %s", r.Raw)
	}
	if !strings.Contains(e.log.String(), "the disk is full") {
		t.Error("the log does not say why")
	}
}
