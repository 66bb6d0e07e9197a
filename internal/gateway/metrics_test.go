package gateway

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// ledger keeps what it is told of operations.
type ledger struct {
	mu         sync.Mutex
	operations []told
	requests   int
}

type told struct {
	typ, outcome string
	codes        []string
}

func (l *ledger) Operation(_ context.Context, typ, outcome string, codes []string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if took <= 0 {
		outcome += " in no time"
	}
	l.operations = append(l.operations, told{typ: typ, outcome: outcome, codes: codes})
}

func (l *ledger) Instrument(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.requests++
		l.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func TestMetrics_operationHasOutcomeAndCodes(t *testing.T) {
	l := &ledger{}
	e := newEnv(t, withConfig(func(c *Config) { c.Metrics = l }))
	job := jobField("a", e.example(t, "succeeded"), "{ id }")
	missing := e.example(t, "succeeded")
	missing.RestoreJobID = "000000000000000000000000"
	tests := map[string]struct {
		query     string
		variables map[string]any
		want      told
	}{
		"a job": {
			query: "{" + job + "}", variables: nil, want: told{typ: "query", outcome: "ok", codes: nil},
		},
		"a missing job beside it": {
			query: "{" + job + jobField("b", missing, "{ id }") + "}", variables: nil,
			want: told{typ: "query", outcome: "errors", codes: []string{"NOT_FOUND"}},
		},
		"a missing job": {
			query: "{" + jobField("b", missing, "{ id }") + "}", variables: nil,
			want: told{typ: "query", outcome: "errors", codes: []string{"NOT_FOUND"}},
		},
		"no document": {
			query: "{", variables: nil, want: told{typ: "unknown", outcome: "refused", codes: []string{"GRAPHQL_PARSE_FAILED"}},
		},
		"a field that is not": {
			query: "{ secret }", variables: nil,
			want: told{typ: "unknown", outcome: "refused", codes: []string{"GRAPHQL_VALIDATION_FAILED"}},
		},
		"a variable that is not there": {
			query: "query($g: ObjectID!) { project(groupId: $g) { id } }", variables: nil,
			want: told{typ: "unknown", outcome: "refused", codes: []string{"BAD_USER_INPUT"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l.operations = nil
			r := e.post(t, tt.query, tt.variables)
			if len(l.operations) != 1 {
				t.Fatalf("got %v of %s", l.operations, r.Raw)
			}
			if got := l.operations[0]; got.typ != tt.want.typ || got.outcome != tt.want.outcome ||
				!slices.Equal(got.codes, tt.want.codes) {
				t.Errorf("got %v, want %v of %s", got, tt.want, r.Raw)
			}
		})
	}
	if l.requests != len(tests) {
		t.Errorf("%d requests were instrumented, want %d", l.requests, len(tests))
	}
}

func TestMetrics_disconnectedClientIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		var logged strings.Builder
		gw, err := New(Config{
			Reader: &slowToCancel{}, Logger: slog.New(slog.NewTextHandler(&logged, nil)), Access: AllowAll(io.Discard),
			Metrics: l,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		x := atlassim.Example{GroupID: strings.Repeat("a", 24), ClusterName: "c", RestoreJobID: strings.Repeat("b", 24)}
		query := url.Values{"query": {"{" + jobField("a", x, "{ id }") + "}"}}
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/graphql?"+query.Encode(), http.NoBody)
		r.Header.Set("Apollo-Require-Preflight", "1")
		gw.ServeHTTP(httptest.NewRecorder(), r)
		if len(l.operations) != 1 || l.operations[0].outcome != outcomeAbandoned || l.operations[0].typ != "query" ||
			l.operations[0].codes != nil {
			t.Errorf("got %v", l.operations)
		}
		if !strings.Contains(logged.String(), " abandoned=true") {
			t.Errorf("the log does not say that the client left: %s", logged.String())
		}
	})
}
