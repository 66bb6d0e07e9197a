package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/atlassim"
)

func TestAnswerSize_isLimited(t *testing.T) {
	e := newEnv(t)
	x := e.example(t, "succeeded")
	for _, tt := range []struct {
		name, query string
		fails       bool // each field has an error
	}{
		{name: "a list", query: `{restoreJobs(groupId:"` + atlassim.SeedGroupID + `",first:100){nodes{id links{href rel}}}}`},
		{
			name: "jobs by their keys",
			query: "{" + jobField("a", x, "{ id a: groupId b: groupId }") +
				jobField("b", x, "{ id groupId clusterName state }") + "}",
		},
		{name: "the SDL", query: "{_service{sdl}}"},
		{name: "introspection", query: "{__schema{types{name description}}}"},
		{
			name: "errors", query: `{restoreJobs(groupId:"` + atlassim.SeedGroupID + `",clusterNames:[` + namesUpTo(50) +
				`]){nodes{id}}}`, fails: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set := func(n int64) envOption {
				return withConfig(func(c *Config) { c.MaxAnswerBytes, c.Introspection = n, true })
			}
			whole := newEnv(t, set(DefaultMaxAnswerBytes)).post(t, tt.query, nil)
			if whole.Status != 200 || len(whole.Errors) > 0 != tt.fails {
				t.Fatalf("%d %s", whole.Status, whole.Raw)
			}
			// Request ids have one length; errors are counted about.
			n := int64(len(whole.Raw))
			inside := n
			if tt.fails {
				inside = 2 * n
			}
			if r := newEnv(t, set(inside)).post(t, tt.query, nil); r.Status != 200 || len(r.Raw) != len(whole.Raw) {
				t.Errorf("inside: %d %.300s", r.Status, r.Raw)
			}
			outside := newEnv(t, set(n-1))
			r := outside.post(t, tt.query, nil)
			if r.Status != 200 || len(r.Errors) != 1 || !strings.Contains(r.Raw, `"data":null`) || len(r.Raw) > 400 {
				t.Fatalf("outside: %d %.500s", r.Status, r.Raw)
			}
			if x := r.Errors[0].Extensions; x["code"] != "ANSWER_BYTES_LIMIT_EXCEEDED" || x["limit"] != float64(n-1) ||
				x["retryable"] != false || x["requestId"] != r.Header.Get("X-Request-Id") {
				t.Errorf("outside: %s", r.Raw)
			}
			lax := newEnv(t, set(n-1), withConfig(func(c *Config) { c.WarnLimits = true }))
			if r := lax.post(t, tt.query, nil); len(r.Raw) != len(whole.Raw) ||
				!strings.Contains(lax.log.String(), `limit="answer bytes"`) {
				t.Errorf("with warnings alone: %d %.300s", r.Status, r.Raw)
			}
		})
	}
}

func namesUpTo(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"nosuch%d",`, i)
	}
	return b.String()
}

// TestAnswerSize_errorsBeyondTheLimitTakeNoMemory has a caller without downloads ask for many of
// them: a short request, and an error for each.
func TestAnswerSize_errorsBeyondTheLimitTakeNoMemory(t *testing.T) {
	var aliases strings.Builder
	for i := range 20 {
		fmt.Fprintf(&aliases, "a%d:deliveryUrl ", i)
	}
	query := `{serverlessRestoreJobs(groupId:"` + atlassim.SeedGroupID + `",clusterName:"orders",first:100){nodes{` +
		aliases.String() + `}}}`
	e := newEnv(t, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{"reader": {"all: [jobs:read]"}}),
		withConfig(func(c *Config) { c.MaxAnswerBytes, c.WarnLimits = 100_000, false }))
	r := e.send(t, "POST", "/graphql", bodyOf(t, query, nil), post, "X-Test-Caller: reader")
	if len(r.Raw) > 400 || r.Errors[0].Extensions["code"] != "ANSWER_BYTES_LIMIT_EXCEEDED" {
		t.Errorf("got %.300s", r.Raw)
	}
	size := &answerSize{max: 10_000}
	different := make(map[*gqlerror.Error]bool)
	for range 1000 {
		different[boundError(size.with(t.Context()), &gqlerror.Error{Message: strings.Repeat("x", 1000)})] = true
	}
	if len(different) > 10 {
		t.Errorf("there are %d different errors of a kilobyte", len(different))
	}
}

func TestAnswerSize_hasTheSDLOnce(t *testing.T) {
	e := newEnv(t)
	for _, tt := range []struct {
		name, query string
		got         float64 // 0 where it is served
	}{
		{name: "as routers ask", query: "query SubgraphIntrospect{_service{sdl}}"},
		{name: "in a fragment", query: "{...F} fragment F on Query{...{_service{sdl}}}"},
		{name: "one of two operations", query: "query A{_service{sdl}} query B{_service{sdl}}"},
		{name: "without the SDL", query: "{a:_service{__typename} b:_service{sdl}}"},
		{name: "aliases of the service", query: "{a:_service{sdl} b:_service{sdl}}", got: 2},
		{name: "aliases of the SDL", query: "{_service{a:sdl b:sdl c:sdl}}", got: 3},
		{
			name: "in a fragment that is used twice", query: "{a:_service{...F} b:_service{...F}} fragment F on _Service{sdl}",
			got: 2,
		},
	} {
		body := bodyOf(t, tt.query, nil)
		if tt.name == "one of two operations" {
			body = strings.Replace(body, "{", `{"operationName":"A",`, 1)
		}
		r := e.send(t, "POST", "/graphql", body, post)
		switch {
		case tt.got == 0 && (r.Status != 200 || len(r.Errors) > 0):
			t.Errorf("%s: %d %.300s", tt.name, r.Status, r.Raw)
		case tt.got > 0 && (r.Status != 400 || r.Errors[0].Extensions["code"] != "ALIAS_LIMIT_EXCEEDED" ||
			r.Errors[0].Extensions["limit"] != 1.0 || r.Errors[0].Extensions["got"] != tt.got):
			t.Errorf("%s: %d %.300s", tt.name, r.Status, r.Raw)
		}
	}
}
