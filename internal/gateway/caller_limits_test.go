package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/authz"
)

func TestCallerLimits_rejectTooManyRequestsOfOneCaller(t *testing.T) {
	limits := authz.NewRateLimiter(2, 0)
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{
		"a": {"all: [jobs:read]"}, "b": {"all: [jobs:read]"},
	}),
		withConfig(func(c *Config) { c.Access.Limits = limits }))
	var statuses []int
	for range 3 {
		statuses = append(statuses, e.postAs(t, "a", "{ __typename }").Status)
	}
	r := e.postAs(t, "a", "{ __typename }")
	if diff := cmp.Diff([]int{200, 200, 429}, statuses); diff != "" || r.Errors[0].Extensions["code"] != "RATE_LIMITED" ||
		r.Errors[0].Extensions["retryAfterSeconds"] == nil || r.Header.Get("Retry-After") == "" {
		t.Error(diff, r.Raw)
	}
	if r := e.postAs(t, "b", "{ __typename }"); r.Status != 200 {
		t.Errorf("the other caller: %d", r.Status)
	}
}

func TestCallerLimits_rejectTooManyAtlasCallsOfOneCaller(t *testing.T) {
	limits := authz.NewRateLimiter(0, 3)
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{
		"a": {"all: [jobs:read]"}, "b": {"all: [jobs:read]"},
	}),
		withConfig(func(c *Config) { c.Access.Limits = limits }))
	job := "{" + jobField("a", e.example(t, "succeeded"), "{ id }") + "}"
	list := `{ list: serverlessRestoreJobs(` + in("orders") +
		`, first: 200) { nodes { snapshot { id } targetCluster { name } } } }`
	if r := e.postAs(t, "a", list); r.codes()["[list]"] != "" {
		t.Fatal(r.Raw)
	}
	e.sim.ResetCalls()
	r := e.postAs(t, "a", job)
	if calls := e.sim.Calls(); len(calls) > 0 || r.codes()["[a]"] != "RATE_LIMITED" ||
		r.Errors[0].Extensions["retryAfterSeconds"] == nil || r.Errors[0].Extensions["retryable"] != true {
		t.Errorf("got %s, and %d calls", r.Raw, len(calls))
	}
	if r := e.postAs(t, "b", job); len(r.Errors) > 0 {
		t.Errorf("the other caller: %s", r.Raw)
	}
	if r := e.postAs(t, "a", "{ __typename }"); len(r.Errors) > 0 {
		t.Errorf("what costs no call: %s", r.Raw)
	}
}

// gated is an Atlas that keeps what it is asked for a job waiting until it is let go.
func blockingAtlas(t *testing.T, of func() *env, job string) (option envOption, arrived <-chan struct{}, let func()) {
	t.Helper()
	came, gate := make(chan struct{}), make(chan struct{})
	var first sync.Once
	return withUpstream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/"+job) && r.Header.Get("Authorization") != "" {
			first.Do(func() { close(came) })
			select {
			case <-gate:
			case <-r.Context().Done():
			}
		}
		of().sim.ServeHTTP(w, r)
	})), came, func() { close(gate) }
}

func TestCallerLimits_countConcurrentRequestsBeforeTheyEnd(t *testing.T) {
	const slow = "67ebae01a6713bc8f4ffffff"
	for name, leaves := range map[string]bool{"a caller who waits": false, "a caller who leaves": true} {
		t.Run(name, func(t *testing.T) {
			var e *env
			// The challenge, and the call.
			limits := authz.NewRateLimiter(0, 2)
			option, arrived, let := blockingAtlas(t, func() *env { return e }, slow)
			e = newEnv(t, option, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{"a": {"all: [jobs:read]"}}),
				withConfig(func(c *Config) { c.Access.Limits = limits }))
			example := e.example(t, "succeeded")
			job := func(id string) string {
				return fmt.Sprintf("{ a: serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { id } }",
					example.GroupID, example.ClusterName, id)
			}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_, _ = e.trySend(ctx, http.MethodPost, "/graphql", bodyOf(t, job(slow), nil), post, "X-Test-Caller: a")
			}()
			<-arrived
			if leaves {
				leave()
				<-ended
			}
			if r := e.postAs(t, "a", job(example.RestoreJobID)); r.codes()["[a]"] != "RATE_LIMITED" {
				t.Errorf("beside a question that is not answered yet: %s", r.Raw)
			}
			let()
			<-ended
		})
	}
}

func TestCallerLimits_endAnOperationWithPartialData(t *testing.T) {
	const most = 6
	limits := authz.NewRateLimiter(0, most)
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{"a": {"all: [jobs:read]"}}),
		withConfig(func(c *Config) { c.Access.Limits, c.Concurrency = limits, 1 }))
	r := e.postAs(t, "a", `{ restoreJobs(groupId: "`+e.example(t, "succeeded").GroupID+
		`", first: 500, states: [FAILED]) { nodes { id snapshot { id } targetCluster { name } } unread { clusterName } } }`)
	limited := 0
	for _, err := range r.Errors {
		if err.Extensions["code"] == "RATE_LIMITED" && err.Extensions["retryAfterSeconds"] != nil {
			limited++
		}
	}
	// Those that were under way together may come to some more.
	if calls := len(e.sim.Calls()); limited == 0 || calls > 3*most {
		t.Errorf("%d calls, and %d errors say so: %s", calls, limited, r.Raw)
	}
}
