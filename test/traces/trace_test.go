package traces

import (
	"bufio"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"atlas-restore-gateway/internal/atlassim"
)

// operationID matches the name of an operation of Atlas, which is the name of the span of an attempt.
var operationID = regexp.MustCompile(`^(get|list)[A-Z][A-Za-z]+$`)

// isAttempt reports whether the span is that of an attempt at Atlas.
func isAttempt(s span) bool { return s.Kind() == ptrace.SpanKindClient }

// ancestors returns the chain from a span to the root of its trace.
func ancestors(all []span, of span) (chain []span) {
	for !of.ParentSpanID().IsEmpty() {
		i := slices.IndexFunc(all, func(s span) bool { return s.SpanID() == of.ParentSpanID() && s.TraceID() == of.TraceID() })
		if i < 0 {
			break
		}
		of = all[i]
		chain = append(chain, of)
	}
	return chain
}

func TestTrace_isOneFromTheRouterToTheRequestsToAtlas(t *testing.T) {
	t.Parallel()
	r, a := startReceiver(t), startAtlas(t)
	g := startBefore(t, a, r, nil)
	hive := startProcess(t, []string{"SUBGRAPH=" + g.url, "RECEIVER=http://" + r.http}, "node", "hive.js")
	hive.query(t, jobs(a.example(t, "flex"), a.example(t, "flexFailed")))
	hive.stop(t)
	g.stop(t)

	servers := r.named("query")
	if len(servers) != 1 {
		t.Fatalf("there are %d spans of operations: %v", len(servers), r.spans(""))
	}
	server := servers[0]
	trace := ofTrace(r.spans(""), server.TraceID().String())
	chain := ancestors(trace, server)
	if len(chain) < 2 || !chain[len(chain)-1].ParentSpanID().IsEmpty() {
		t.Fatalf("the chain to the router's root is %v", chain)
	}
	for _, s := range chain {
		if s.service != hiveService {
			t.Errorf("above the operation there is %s", s)
		}
	}
	if server.Kind() != ptrace.SpanKindServer || !strings.Contains(chain[0].Name(), "fetch") ||
		chain[0].attribute("http.url")+chain[0].attribute("url.full") != g.url {
		t.Errorf("the operation is %s, of kind %s, below %s", server, server.Kind(), chain[0])
	}
	calls := a.CountCalls(func(c atlassim.Call) bool { return c.Status == http.StatusOK })
	for name, want := range map[string]string{"graphql.operation.type": "query", "restore_gateway.atlas_requests": strconv.Itoa(calls)} {
		if got := server.attribute(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	attempts := slices.DeleteFunc(ofTrace(r.spans(gatewayService), server.TraceID().String()), func(s span) bool { return !isAttempt(s) })
	if len(attempts) == 0 || len(attempts) != calls {
		t.Errorf("%d attempts for %d calls", len(attempts), calls)
	}
	for _, s := range attempts {
		above := ancestors(trace, s)
		if !operationID.MatchString(s.Name()) || s.attribute("atlas.endpoint_set") == "" ||
			s.attribute("http.request.method") != http.MethodGet || s.attribute("http.response.status_code") != "200" ||
			s.attribute("atlas.budget_wait") == "" || s.Status().Code() == ptrace.StatusCodeError {
			t.Errorf("the attempt is %s", s)
		}
		if len(above) == 0 || above[len(above)-1].service != hiveService {
			t.Errorf("above the attempt there is %v", above)
		}
	}
	if batches := r.named("batch"); len(batches) == 0 || batches[0].attribute("restore_gateway.batch.size") != "2" {
		t.Errorf("the batches are %v", batches)
	}
	// Hive Gateway traces its own start, too.
	for _, s := range r.spans(gatewayService) {
		if s.TraceID() != server.TraceID() {
			t.Errorf("another trace has %s", s)
		}
	}
}

func TestTrace_isExportedByEachProtocol(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  func(r *otlp) []string
	}{
		{name: "by default", env: func(r *otlp) []string { return exportTo("http://" + r.http) }},
		{name: "http/protobuf", env: func(r *otlp) []string {
			return append(exportTo("http://"+r.http), "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
		}},
		{name: "grpc", env: func(r *otlp) []string {
			return append(exportTo("http://"+r.grpc), "OTEL_EXPORTER_OTLP_PROTOCOL=grpc")
		}},
		{name: "each signal by its own", env: func(r *otlp) []string {
			return append(exportTo(""), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://"+r.http+"/v1/traces",
				"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://"+r.grpc, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=grpc")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startReceiver(t)
			g := startGateway(t, append(tt.env(r), "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test"), "--demo")
			g.query(t, project)
			g.stop(t)
			if spans := r.named("query"); len(spans) != 1 {
				t.Errorf("there are %d spans", len(spans))
			}
			if got := r.latestMetrics()[`restore_gateway_graphql_operations_total{operation_type="query",outcome="ok"}`]; got != 1 {
				t.Errorf("the metrics have %v operations", got)
			}
			if text := r.text(t); strings.Contains(text, "command_args") || !strings.Contains(text, "deployment.environment.name") {
				t.Error("the resource has more than the variables say, or less")
			}
		})
	}
}

func TestTrace_hasAnEventForWhatWasInTheCache(t *testing.T) {
	t.Parallel()
	r, a := startReceiver(t), startAtlas(t)
	g := startBefore(t, a, r, nil)
	g.query(t, project)
	g.query(t, project)
	g.stop(t)
	operations := r.named("query")
	if len(operations) != 2 {
		t.Fatalf("there are %d spans of operations", len(operations))
	}
	spans := r.spans(gatewayService)
	if first := ofTrace(spans, operations[0].TraceID().String()); len(operations[0].cacheHits()) != 0 || len(first) < 2 {
		t.Errorf("the first query has %v", first)
	}
	if second := ofTrace(spans, operations[1].TraceID().String()); len(second[0].cacheHits()) == 0 || len(second) != 1 {
		t.Errorf("the second query has %v, with the events %v", second, second[0].cacheHits())
	}
}

func TestTrace_isLinkedToThatOfTheCallForWhichItWaits(t *testing.T) {
	t.Parallel()
	r, a := startReceiver(t), startAtlas(t)
	g := startBefore(t, a, r, nil)
	arrived, release := a.hold()
	answers := make(chan string, 2)
	go func() { answers <- g.query(t, project) }()
	<-arrived
	go func() { answers <- g.query(t, project) }()
	shared := regexp.MustCompile(`(?m)^restore_gateway_shared_calls_total\{kind="\w+"\} [1-9]`)
	waitFor(t, "the second query waits for the call of the first", func() bool {
		return shared.MatchString(g.metrics(t, plainText))
	})
	close(release)
	if first, second := <-answers, <-answers; first != second {
		t.Errorf("got %s and %s", first, second)
	}
	g.stop(t)
	operations := r.named("query")
	if len(operations) != 2 {
		t.Fatalf("there are %d spans of operations", len(operations))
	}
	if own, linked := operations[0].TraceID().String(), operations[1].linked(); !slices.Contains(linked, own) ||
		len(operations[0].linked()) != 0 {
		t.Errorf("the second is linked to %v, the first to %v; the first is %s", linked, operations[0].linked(), own)
	}
}

func TestTrace_ofASubscriptionIsAShortOneForEachPollAndEvent(t *testing.T) {
	t.Parallel()
	r, a := startReceiver(t), startAtlas(t)
	g := startBefore(t, a, r, nil)
	id := a.AddJob(atlassim.SeedGroupID, atlassim.SeedFlexClusterName, 4*time.Second)
	res, err := http.DefaultClient.Do(g.newRequest(t, request{
		headers: map[string]string{"Accept": "text/event-stream"},
		body: body(t, map[string]any{
			"query": `subscription Job($groupId: ObjectID!, $clusterName: ClusterName!, $id: ObjectID!) {
				restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $id) { state }
			}`,
			"variables": map[string]any{
				"groupId": atlassim.SeedGroupID, "clusterName": atlassim.SeedFlexClusterName, "id": id,
			},
		}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var first, last time.Time
	var events []string
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && strings.Contains(data, "state") {
			if events = append(events, data); first.IsZero() {
				first = time.Now()
			}
			last = time.Now()
		}
	}
	g.stop(t)
	if len(events) != 2 {
		t.Fatalf("the events are %v", events)
	}
	// One for the request, and one for each event.
	subscriptions, polls := r.named("subscription"), r.named("poll")
	if len(subscriptions) != 1+len(events) || len(polls) < 2 {
		t.Errorf("there are %d subscriptions and %d polls", len(subscriptions), len(polls))
	}
	traces := make(map[string]bool)
	for _, s := range slices.Concat(subscriptions, polls) {
		traces[s.TraceID().String()] = true
	}
	if len(traces) != len(subscriptions)+len(polls) {
		t.Errorf("they are %d traces, of %d spans", len(traces), len(subscriptions)+len(polls))
	}
	for _, s := range r.spans(gatewayService) {
		if s.StartTimestamp().AsTime().Before(first) && s.EndTimestamp().AsTime().After(last) {
			t.Errorf("it lasts as long as the stream: %s", s)
		}
	}
	for _, s := range polls {
		if outcome := s.attribute("restore_gateway.outcome"); outcome != "changed" && outcome != "unchanged" {
			t.Errorf("the poll is %s", s)
		}
	}
}

// TestMain fails early, and once, where Hive Gateway is not installed.
func TestMain(m *testing.M) {
	if _, err := os.Stat("node_modules"); err != nil {
		_, _ = os.Stderr.WriteString("Hive Gateway is not installed: run make e2e-traces.\n")
		os.Exit(1)
	}
	os.Exit(m.Run())
}
