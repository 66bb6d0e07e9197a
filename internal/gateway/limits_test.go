package gateway

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

const asGraphQL = "Accept: application/graphql-response+json"

// bodyOf is the body of a request.
func bodyOf(t *testing.T, query string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestLimits_haveCodesOfTheirOwn holds the way from a limit to the client; where each
// limit lies is tested in internal/document.
func TestLimits_haveCodesOfTheirOwn(t *testing.T) {
	names := func(n int) map[string]any {
		list := make([]string, n)
		for i := range list {
			list[i] = "orders"
		}
		return map[string]any{"names": list}
	}
	const listQuery = `query($names:[ClusterName!]){restoreJobs(groupId:"` + atlassim.SeedGroupID +
		`",clusterNames:$names){nodes{id}}}`
	job := func(selection string) string {
		return `{serverlessRestoreJob(groupId:"` + atlassim.SeedGroupID +
			`",clusterName:"orders",restoreJobId:"67ebae01a6713bc8f4000000"){` + selection + `}}`
	}
	tests := map[string]struct {
		limits          document.Limits
		code            string
		inside, outside string
		in, out         map[string]any // variables
		got             any
	}{
		"tokens": {
			limits: document.Limits{Tokens: 30}, code: "TOKEN_LIMIT_EXCEEDED", inside: job("id"),
			outside: job(strings.Repeat("id ", 20)), in: nil, out: nil, got: nil,
		},
		"fields in fragments": {
			limits: document.Limits{Tokens: 60}, code: "TOKEN_LIMIT_EXCEEDED",
			inside: job("...A ...A") + "fragment A on ServerlessRestoreJob{...B}fragment B on ServerlessRestoreJob{id}",
			outside: job("...A ...A") +
				"fragment A on ServerlessRestoreJob{...B ...B ...B ...B ...B ...B}fragment B on ServerlessRestoreJob{id id id id " +
				"id}", in: nil, out: nil, got: 61.0,
		},
		"depth": {
			limits: document.Limits{Depth: 3}, code: "DEPTH_LIMIT_EXCEEDED", inside: job("links{rel}"),
			outside: job("snapshot{links{rel}}"), in: nil, out: nil, got: 4.0,
		},
		"aliases": {
			limits: document.Limits{Aliases: 1}, code: "ALIAS_LIMIT_EXCEEDED", inside: job("a:id"), outside: job("a:id b:id"),
			in: nil, out: nil, got: 2.0,
		},
		"root fields": {
			limits: document.Limits{RootFields: 2}, code: "ROOT_FIELD_LIMIT_EXCEEDED", inside: "{__typename a:__typename}",
			outside: "{__typename a:__typename b:__typename}", in: nil, out: nil, got: 3.0,
		},
		"directives": {
			limits: document.Limits{Directives: 1}, code: "DIRECTIVE_LIMIT_EXCEEDED", inside: job("id @skip(if:false)"),
			outside: job("id @skip(if:false) state @skip(if:false)"), in: nil, out: nil, got: 2.0,
		},
		"repetitions": {
			limits: document.Limits{Repetitions: 2}, code: "REPETITION_LIMIT_EXCEEDED", inside: job("id id"),
			outside: job("id id id"), in: nil, out: nil, got: 3.0,
		},
		"list items": {
			limits: document.Limits{ListItems: 2}, code: "LIST_LIMIT_EXCEEDED",
			inside: `{restoreJobs(groupId:"` + atlassim.SeedGroupID + `",clusterNames:["orders","orders"]){nodes{id}}}`,
			outside: `{restoreJobs(groupId:"` + atlassim.SeedGroupID +
				`",clusterNames:["orders","orders","orders"]){nodes{id}}}`, in: nil, out: nil, got: 3.0,
		},
		"items in variables": {
			limits: document.Limits{ListItems: 2}, code: "LIST_LIMIT_EXCEEDED", inside: listQuery, outside: listQuery,
			in: names(2), out: names(3), got: 3.0,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			limits := tt.limits
			for _, l := range []struct{ set, otherwise *int }{
				{set: &limits.Tokens, otherwise: &document.DefaultLimits.Tokens},
				{set: &limits.Depth, otherwise: &document.DefaultLimits.Depth},
				{set: &limits.Aliases, otherwise: &document.DefaultLimits.Aliases},
				{set: &limits.RootFields, otherwise: &document.DefaultLimits.RootFields},
				{set: &limits.Directives, otherwise: &document.DefaultLimits.Directives},
				{set: &limits.ListItems, otherwise: &document.DefaultLimits.ListItems},
				{set: &limits.Repetitions, otherwise: &document.DefaultLimits.Repetitions},
			} {
				if *l.set == 0 {
					*l.set = *l.otherwise
				}
			}
			e := newEnv(t, withConfig(func(c *Config) { c.Limits = limits }))
			if r := e.post(t, tt.inside, tt.in); r.Status != 200 || len(r.Errors) > 0 {
				t.Errorf("inside: %d %s", r.Status, r.Raw)
			}
			e.sim.ResetCalls()
			for _, accept := range []string{asGraphQL, "Accept: application/json"} {
				r := e.send(t, "POST", "/graphql", bodyOf(t, tt.outside, tt.out), post, accept)
				if r.Status != 400 || len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != tt.code ||
					strings.Contains(r.Raw, `"data"`) {
					t.Fatalf("outside: %d %s", r.Status, r.Raw)
				}
				if x := r.Errors[0].Extensions; x["limit"] == nil || x["got"] != tt.got ||
					x["requestId"] != r.Header.Get("X-Request-Id") {
					t.Errorf("outside: %s", r.Raw)
				}
			}
			if n := len(e.sim.Calls()); n > 0 {
				t.Errorf("%d requests went to Atlas", n)
			}
			lax := newEnv(t, withConfig(func(c *Config) { c.Limits, c.WarnLimits = limits, true }))
			if r := lax.post(t, tt.outside, tt.out); r.Status != 200 || len(r.Errors) > 0 {
				t.Errorf("with warnings alone: %d %s", r.Status, r.Raw)
			}
			log := lax.log.String()
			if !strings.Contains(log, "level=WARN") || !strings.Contains(log, "sha256="+document.HashOf(tt.outside).String()) ||
				strings.Contains(log, "serverlessRestoreJob(") {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

func TestLimits_bodyLimitIsInclusive(t *testing.T) {
	const bound = 2000
	body := func(n int) string {
		const around = len(`{"query":"{__typename}"}`)
		return `{"query":"{__typename` + strings.Repeat(" ", n-around) + `}"}`
	}
	e := newEnv(t, withConfig(func(c *Config) { c.MaxRequestBytes = bound }))
	if r := e.send(t, "POST", "/graphql", body(bound), post); r.Status != 200 {
		t.Errorf("inside: %d %s", r.Status, r.Raw)
	}
	r := e.send(t, "POST", "/graphql", body(bound+1), post)
	if r.Status != 413 || r.Errors[0].Extensions["code"] != "BODY_LIMIT_EXCEEDED" ||
		r.Errors[0].Extensions["limit"] != float64(bound) {
		t.Errorf("outside: %d %s", r.Status, r.Raw)
	}
	lax := newEnv(t, withConfig(func(c *Config) { c.MaxRequestBytes, c.WarnLimits = bound, true }))
	if r := lax.send(t, "POST", "/graphql", body(bound+1), post); r.Status != 200 ||
		!strings.Contains(lax.log.String(), "a body beyond the limit was taken") {
		t.Errorf("with warnings alone: %d %s", r.Status, r.Raw)
	}
}

func TestLimits_operationTimeoutServesPartialData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gw, err := New(Config{
			Reader: &halfSlow{}, Logger: slog.New(slog.DiscardHandler), OperationTimeout: time.Second,
			Access: AllowAll(io.Discard),
		})
		if err != nil {
			t.Fatal(err)
		}
		x := atlassim.Example{GroupID: strings.Repeat("a", 24), ClusterName: "fast", RestoreJobID: strings.Repeat("b", 24)}
		y := x
		y.ClusterName = "slow"
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
			strings.NewReader(bodyOf(t, "{"+jobField("a", x, "{ id }")+jobField("b", y, "{ id }")+"}", nil)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		start := time.Now()
		gw.ServeHTTP(w, r)
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s", took)
		}
		answer := w.Body.String()
		if w.Code != 200 || !strings.Contains(answer, `"a":{"id":"`+x.RestoreJobID+`"},"b":null`) ||
			!strings.Contains(answer, "OPERATION_TIMEOUT") || !strings.Contains(answer, `"path":["b"]`) {
			t.Errorf("got %d %s", w.Code, answer)
		}
	})
}

// halfSlow never answers for the cluster "slow".
type halfSlow struct{ loader.Reader }

func (*halfSlow) Job(ctx context.Context, _ restore.Tier, key restore.Key) (*restore.Job, error) {
	if key.ClusterName == "slow" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &restore.Job{Key: key}, nil
}
