package traces

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"atlas-restore-gateway/internal/atlassim"
)

// markers are texts that a test plants in inputs, and that must not come out again.
type markers struct {
	t *testing.T
	// planted has where each marker was planted.
	planted map[string]string
}

func newMarkers(t *testing.T) *markers {
	t.Helper()
	return &markers{t: t, planted: make(map[string]string)}
}

// text returns a new marker of letters and digits, for names and values.
func (m *markers) text(where string) string {
	random := make([]byte, 6)
	_, _ = rand.Read(random)
	marker := "zq" + hex.EncodeToString(random) + "qz"
	m.planted[marker] = where
	return marker
}

// id returns a new id as Atlas has them.
func (m *markers) id(where string) string {
	random := make([]byte, 12)
	_, _ = rand.Read(random)
	marker := hex.EncodeToString(random)
	m.planted[marker] = where
	return marker
}

// allow removes a marker that may come out.
func (m *markers) allow(marker string) { delete(m.planted, marker) }

// absentFrom checks that no marker is in a text.
func (m *markers) absentFrom(what, text string) {
	m.t.Helper()
	for marker, where := range m.planted {
		if i := strings.Index(text, marker); i >= 0 {
			m.t.Errorf("%s has what was planted in %s: …%s…", what, where, text[max(0, i-200):min(len(text), i+100)])
		}
	}
}

// headers returns a marker in each header of a request that a client chooses.
func (m *markers) headers(more map[string]string) map[string]string {
	all := map[string]string{
		"Traceparent":                         traceparent("01")[len("Traceparent: "):],
		"Tracestate":                          "vendor=" + m.text("Tracestate"),
		"Baggage":                             "user=" + m.text("Baggage"),
		"User-Agent":                          m.text("User-Agent"),
		"Cookie":                              "session=" + m.text("Cookie"),
		"Referer":                             "http://127.0.0.1/" + m.text("Referer"),
		"Accept":                              "application/json, application/" + m.text("Accept"),
		"X-Forwarded-For":                     m.text("X-Forwarded-For"),
		"Accept-Language":                     m.text("Accept-Language"),
		"Apollographql-Client-Name":           m.text("Apollographql-Client-Name"),
		"X-" + m.text("the name of a header"): "1",
	}
	for name, value := range more {
		all[name] = value
	}
	return all
}

// document returns a query with a marker in each part.
func (m *markers) document(operation string) (string, map[string]any) {
	return fmt.Sprintf(`# %s
		query %s($groupId: ObjectID!, $clusterName: ClusterName!, $id: ObjectID!) {
			%s: restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $id) { id }
			%s: flexRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { ...%s }
			flexRestoreJobs(groupId: %q, clusterName: %q, first: 3, after: %q) { nodes { id } }
			_entities(representations: [{__typename: "FlexRestoreJob", groupId: %q, clusterName: %q, id: %q}]) { __typename }
		}
		fragment %s on FlexRestoreJob { %s: id }`,
			m.text("a comment"), operation, m.text("an alias"), m.text("an alias"),
			m.id("an id in a literal"), m.text("a name in a literal"), m.id("an id in a literal"), "fragmentOf",
			m.id("an id in a literal"), m.text("a name in a literal"), m.text("a cursor"),
			m.id("an id in an entity"), m.text("a name in an entity"), m.id("an id in an entity"),
			"fragmentOf", m.text("an alias in a fragment"),
		), map[string]any{
			"groupId": m.id("an id in a variable"), "clusterName": m.text("a name in a variable"),
			"id": m.id("an id in a variable"), m.text("the name of a variable"): m.text("a variable that is not declared"),
		}
}

// requests returns requests with markers, by what they are.
func (m *markers) requests(t *testing.T, base, token string) map[string]request {
	t.Helper()
	authorized := func(more map[string]string) map[string]string {
		all := m.headers(more)
		all["Authorization"] = "Bearer " + token
		return all
	}
	document, variables := m.document("Planted")
	second, _ := m.document("Second")
	extension := map[string]any{m.text("the name of an extension"): m.text("an extension")}
	query := body(t, map[string]any{"query": document, "variables": variables, "extensions": extension})
	values := url.Values{"query": {second}, "variables": {body(t, variables)}, m.text("a parameter"): {m.text("a parameter")}}
	get := base + "?" + values.Encode()
	return map[string]request{
		"a query":                        {body: query, headers: authorized(nil)},
		"the same, cached":               {body: query, headers: authorized(nil)},
		"a query by GET":                 {method: http.MethodGet, url: get, headers: authorized(nil)},
		"no token":                       {body: query, headers: m.headers(nil)},
		"an unknown token":               {body: query, headers: m.headers(map[string]string{"Authorization": "Bearer arg_" + m.text("a token")})},
		"a scheme that is unknown":       {body: query, headers: m.headers(map[string]string{"Authorization": m.text("a scheme") + " x"})},
		"no response of this type":       {body: query, headers: authorized(map[string]string{"Accept": "text/" + m.text("Accept")})},
		"a body of another type":         {body: query, headers: authorized(map[string]string{"Content-Type": "text/" + m.text("Content-Type")})},
		"a body that is no JSON":         {body: m.text("a body"), headers: authorized(nil)},
		"a body of another shape":        {body: `{"query":["` + m.text("a body") + `"]}`, headers: authorized(nil)},
		"a document with an error":       {body: body(t, map[string]any{"query": "{ " + m.text("a document") + "("}), headers: authorized(nil)},
		"a field that is unknown":        {body: body(t, map[string]any{"query": "{ " + m.text("a field") + " }"}), headers: authorized(nil)},
		"an argument that is unknown":    {body: body(t, map[string]any{"query": fmt.Sprintf("{ project(%s: %q) { name } }", m.text("an argument"), m.text("a value"))}), headers: authorized(nil)},
		"a directive that is unknown":    {body: body(t, map[string]any{"query": "{ __typename @" + m.text("a directive") + " }"}), headers: authorized(nil)},
		"an id that is none":             {body: body(t, map[string]any{"query": fmt.Sprintf("{ project(groupId: %q) { name } }", m.text("an id that is none"))}), headers: authorized(nil)},
		"a variable that is wrong":       {body: body(t, map[string]any{"query": "query ($id: ObjectID!) { project(groupId: $id) { name } }", "variables": map[string]any{"id": m.text("a variable")}}), headers: authorized(nil)},
		"an operation that is not there": {body: body(t, map[string]any{"query": document, "operationName": m.text("operationName")}), headers: authorized(nil)},
		"a persisted query": {body: body(t, map[string]any{"extensions": map[string]any{
			"persistedQuery": map[string]any{"version": 1, "sha256Hash": strings.Repeat(m.id("a hash"), 3)[:64]},
		}}), headers: authorized(nil)},
		"a subscription": {body: body(t, map[string]any{
			"query": fmt.Sprintf("subscription { %s: restoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { state } }",
				m.text("an alias"), atlassim.SeedGroupID, m.text("a name in a literal"), m.id("an id in a literal")),
		}), headers: authorized(map[string]string{"Accept": "text/event-stream"})},
		"a subscription that is rejected": {body: body(t, map[string]any{
			"query": "subscription { " + m.text("a field") + " }",
		}), headers: authorized(map[string]string{"Accept": "multipart/mixed;subscriptionSpec=1.0"})},
		"a method that is unknown": {method: strings.ToUpper(m.text("a method")), headers: authorized(nil)},
	}
}

// webSocket sends operations with markers.
func (m *markers) webSocket(t *testing.T, g *process, token string) {
	t.Helper()
	header := make(http.Header)
	for name, value := range m.headers(nil) {
		header.Set(name, value)
	}
	header.Set("Authorization", "Bearer "+token)
	conn, res, err := websocket.Dial(t.Context(), strings.Replace(g.url, "http", "ws", 1)+"?"+m.text("a parameter")+"=1",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: header})
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	defer func() { _ = conn.CloseNow() }()
	send := func(message map[string]any) {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(body(t, message))); err != nil {
			t.Fatal(err)
		}
	}
	// until reads messages up to one of these types.
	until := func(types ...string) {
		for {
			_, text, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var message struct {
				Type string `json:"type"`
			}
			if err := json.Unmarshal(text, &message); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(types, message.Type) {
				return
			}
		}
	}
	send(map[string]any{"type": "connection_init", "payload": map[string]any{m.text("a payload"): m.text("a payload")}})
	until("connection_ack")
	document, variables := m.document("BySocket")
	for _, payload := range []map[string]any{
		{"query": document, "variables": variables},
		{"query": "{ " + m.text("a field") + " }"},
		{"query": fmt.Sprintf("subscription { restoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { state } }",
			m.id("an id"), m.text("a name"), m.id("an id"))},
	} {
		send(map[string]any{"type": "subscribe", "id": m.text("the id of an operation"), "payload": payload})
		until("complete", "error")
	}
	_ = conn.Close(websocket.StatusNormalClosure, m.text("the reason of a close"))
}

func TestTelemetry_hasNothingOfACaller(t *testing.T) {
	t.Parallel()
	m, r, a := newMarkers(t), startReceiver(t), startAtlas(t)
	token, tokens := newToken(t, "router", m.text("the name of a file")+".yaml")
	m.planted[token] = "Authorization"
	folder := filepath.Join(t.TempDir(), m.text("the name of a folder"))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(folder, "policy.yaml")
	if err := os.WriteFile(rules, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	g := startBefore(t, a, r, []string{
		"OTEL_EXPORTER_OTLP_HEADERS=api-key=" + m.text("the headers of the exporter"),
		"UNRELATED=" + m.text("a variable of the environment"),
	}, "--auth=token", "--token-file="+tokens, "--policy="+rules, "--cache-final=1m")
	m.planted["private"] = "the private key" // that of the credential; no other word has it
	paths := make(map[string]bool)

	for name, request := range m.requests(t, g.url, token) {
		// A method may be logged, as a path may.
		if request.method != "" && request.method != http.MethodGet {
			paths[strings.ToLower(request.method)] = true
		}
		requestID := m.text("X-Request-Id")
		request.headers["X-Request-Id"] = requestID
		status, answer := g.send(t, request)
		if status == 0 || answer == "" && status == http.StatusOK {
			t.Errorf("%s: got %d %s", name, status, answer)
		}
	}
	m.webSocket(t, g, token)

	// The URL of a download, which only its caller gets.
	download := fmt.Sprintf("query Download { serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { deliveryUrl } }",
		atlassim.SeedGroupID, atlassim.SeedClusterName, a.example(t, "ready"))
	answer := g.query(t, download, "Authorization: Bearer "+token)
	i := strings.Index(answer, "https://")
	if i < 0 {
		t.Fatalf("there is no URL in %s", answer)
	}
	urls := strings.Split(answer[i:], `"`)
	m.planted[urls[0]] = "the URL of a download"

	metrics := g.metrics(t, openMetrics)
	g.stop(t)
	received := r.text(t)
	m.absentFrom("what was exported", received)
	m.absentFrom("/metrics", metrics)
	for _, want := range []string{`"Planted"`, `"BySocket"`, `"Download"`, callersTrace} {
		if !strings.Contains(received, want) {
			t.Errorf("the test is of no use: what was exported lacks %s", want)
		}
	}

	// The log has the request id of the client, and the method and path of a request.
	for marker, where := range m.planted {
		if where == "X-Request-Id" || paths[marker] || where == "a method" {
			m.allow(marker)
		}
	}
	m.absentFrom("the log", g.log.String())
	m.absentFrom("the standard error", withoutAudit(g.errors.String()))
}

// withoutAudit removes the audit log, which is to have the ids of what was read.
func withoutAudit(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "{") {
			out.WriteString(line)
		}
	}
	return out.String()
}

func TestTelemetry_hasNothingOfAnAction(t *testing.T) {
	t.Parallel()
	m, r := newMarkers(t), startReceiver(t)
	g := startGateway(t, r.env(), "--demo", "--actions")
	id := func() string { return m.id("an id in a mutation") }
	name := func() string { return m.text("a value in a mutation") }
	for _, mutation := range []string{
		fmt.Sprintf(`planRestore(input: {snapshot: {groupId: %q, clusterName: %q, snapshotId: %q, targetGroupId: %q,
			targetClusterName: %q}}) { confirmation }`, id(), name(), id(), id(), name()),
		fmt.Sprintf(`startRestore(confirmation: %q, targetClusterName: %q, idempotencyKey: %q) { id }`, name(), name(), name()),
		fmt.Sprintf(`startDownload(confirmation: %q, clusterName: %q, idempotencyKey: %q) { id }`, name(), name(), name()),
		fmt.Sprintf(`cancelRestore(groupId: %q, clusterName: %q, restoreJobId: %q) { __typename }`, id(), name(), id()),
		fmt.Sprintf(`cancelRestore(groupId: %q, clusterName: %q, restoreJobId: %q) { __typename }`,
			atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName, id()),
	} {
		status, answer := g.send(t, request{
			headers: m.headers(nil),
			body:    body(t, map[string]any{"query": "mutation Act { " + m.text("an alias") + ": " + mutation + " }"}),
		})
		if status != http.StatusOK {
			t.Errorf("%s: got %d %s", mutation, status, answer)
		}
	}
	metrics := g.metrics(t, openMetrics)
	g.stop(t)
	if operations := r.named("mutation"); len(operations) != 5 {
		t.Errorf("there are %d spans of mutations", len(operations))
	}
	m.absentFrom("what was exported", r.text(t))
	m.absentFrom("/metrics", metrics)
	m.absentFrom("the log", g.log.String())
}

func TestTelemetry_boundsTheNameOfAnOperation(t *testing.T) {
	t.Parallel()
	m, r := newMarkers(t), startReceiver(t)
	g := startGateway(t, r.env(), "--demo")
	planted := m.id("an id in the name of an operation")
	name := "Job_" + planted + "_" + strings.Repeat("n", 100)
	g.query(t, "query "+name+" { __typename }")
	g.stop(t)
	spans := r.named("query")
	if len(spans) != 1 {
		t.Fatalf("there are %d spans", len(spans))
	}
	got := spans[0].attribute("graphql.operation.name")
	if !strings.HasPrefix(got, "Job_…_nnn") || len([]rune(got)) > 65 {
		t.Errorf("the name is %q", got)
	}
	m.absentFrom("what was exported", r.text(t))
	// The name is nothing but this attribute: no name of a span, and no label.
	if text := strings.ReplaceAll(r.text(t), got, ""); strings.Contains(text, "nnnn") {
		t.Error("the name is elsewhere, too")
	}
}
