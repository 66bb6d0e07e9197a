package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// organizationPage is a page of the jobs of an organization.
type organizationPage struct {
	RestoreJobs struct {
		Nodes []struct {
			ID      string `json:"id"`
			GroupID string `json:"groupId"`
		} `json:"nodes"`
		Unread []struct {
			GroupID     string  `json:"groupId"`
			ClusterName *string `json:"clusterName"`
			Reason      string  `json:"reason"`
		} `json:"unread"`
		PageInfo struct {
			HasNextPage bool   `json:"hasNextPage"`
			EndCursor   string `json:"endCursor"`
		} `json:"pageInfo"`
	} `json:"restoreJobs"`
}

// organizationPage asks for a page of the jobs of the many projects, and returns what it cost.
func (e *env) organizationPage(t *testing.T, arguments string) (page organizationPage, r result, estimate, calls int) {
	t.Helper()
	r, estimate, calls = e.costOf(t, fmt.Sprintf(`{ organization(id: %q) { restoreJobs(%s) { nodes { id groupId } `+
		`unread { groupId clusterName reason } pageInfo { hasNextPage endCursor } } } }`, atlassim.ManyOrganizationID,
		arguments))
	if err := json.Unmarshal(r.Data["organization"], &page); err != nil {
		t.Fatalf("%v: %s", err, r.Raw)
	}
	return page, r, estimate, calls
}

// TestOrganizationJobs_of500ProjectsComeWithinTheBudget reads an organization to its end with the rate limits of Atlas
// and of the gateway on.
func TestOrganizationJobs_of500ProjectsComeWithinTheBudget(t *testing.T) {
	t.Parallel()
	const projects = 500
	e := newEnv(t, func(c *envConfig) {
		c.sim = append(c.sim, atlassim.WithProjects(projects), atlassim.WithoutSeed())
	}, withConfig(func(c *Config) { c.OperationTimeout = 5 * time.Minute }))
	seen := map[string]bool{}
	readable, pages, unread := map[string]bool{}, 0, projects
	for after := "null"; ; pages++ {
		page, r, estimate, calls := e.organizationPage(t, "first: 400, after: "+after)
		jobs := page.RestoreJobs
		if len(r.Errors) > 0 || estimate > 1000 || calls < 5 {
			t.Fatalf("%d calls of %d: %.300s", calls, estimate, r.Raw)
		}
		var ids []string
		for _, job := range jobs.Nodes {
			if seen[job.ID+job.GroupID] {
				t.Errorf("the job %s of %s comes twice", job.ID, job.GroupID)
			}
			seen[job.ID+job.GroupID], readable[job.GroupID] = true, true
			ids = append(ids, job.ID)
		}
		if !slices.IsSortedFunc(ids, func(a, b string) int { return -slices.Compare([]byte(a), []byte(b)) }) {
			t.Error("a page is not newest first")
		}
		for _, part := range jobs.Unread {
			if part.Reason != "BUDGET" || part.ClusterName != nil || readable[part.GroupID] {
				t.Errorf("unread: %+v", part)
			}
		}
		if len(jobs.Unread) > unread {
			t.Errorf("%d projects are left out after %d", len(jobs.Unread), unread)
		}
		unread = len(jobs.Unread)
		if !jobs.PageInfo.HasNextPage {
			break
		}
		after = fmt.Sprintf("%q", jobs.PageInfo.EndCursor)
	}
	if len(seen) != 4*projects || len(readable) != projects || unread > 0 {
		t.Errorf("%d jobs of %d projects in %d pages, %d are unread", len(seen), len(readable), pages, unread)
	}
	if pages < 3 || pages > 40 {
		t.Errorf("%d pages", pages)
	}
}

func TestOrganizationJobs_selectStatesAndATime(t *testing.T) {
	t.Parallel()
	e := newEnv(t, func(c *envConfig) { c.sim = append(c.sim, atlassim.WithProjects(8), atlassim.WithoutSeed()) })
	for arguments, want := range map[string]int{
		"first: 100":                                8 * 4,
		"first: 100, states: [SUCCEEDED]":           8 * 4,
		"first: 100, states: [FAILED]":              0,
		`first: 100, since: "2025-06-01T12:30:00Z"`: 8 * 2,
		`first: 100, since: "2025-06-01T12:56:30Z"`: 2 * 4,
		`first: 100, since: "2030-01-01T00:00:00Z"`: 0,
		`first: 3, since: "2025-06-01T12:30:00Z"`:   3,
	} {
		page, r, _, _ := e.organizationPage(t, arguments)
		if got := len(page.RestoreJobs.Nodes); got != want || len(r.Errors) > 0 {
			t.Errorf("%s: %d jobs, want %d: %.300s", arguments, got, want, r.Raw)
		}
	}
}

func TestOrganizationJobs_nameTheProjectThatFails(t *testing.T) {
	t.Parallel()
	e := newEnv(t, noRetries, withAtlas(atlas.WithBreaker(atlas.Breaker{})), func(c *envConfig) {
		c.sim = append(c.sim, atlassim.WithProjects(6), atlassim.WithoutSeed())
	})
	bad := atlassim.ManyGroupID(3)
	e.sim.Inject(atlassim.Fault{PathContains: "/groups/" + bad + "/", Status: 500})
	page, r, _, _ := e.organizationPage(t, "first: 100")
	if len(page.RestoreJobs.Nodes) != 5*4 || len(page.RestoreJobs.Unread) != 1 || len(r.Errors) != 1 {
		t.Fatalf("got %.600s", r.Raw)
	}
	if part := page.RestoreJobs.Unread[0]; part.GroupID != bad || part.Reason != "FAILED" ||
		r.Errors[0].Extensions["groupId"] != bad || r.Errors[0].Extensions["code"] != "UPSTREAM_ERROR" {
		t.Errorf("got %.600s", r.Raw)
	}
	// The cursor of another list, and one that was changed, are errors.
	for _, after := range []string{"bm9uc2Vuc2U", "b3JnYW5pemF0aW9uLWpvYnM6MDphYmM"} {
		r := e.post(t, fmt.Sprintf(`{ organization(id: %q) { restoreJobs(after: %q) { nodes { id } } } }`,
			atlassim.ManyOrganizationID, after), nil)
		if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s: %.300s", after, r.Raw)
		}
	}
}
