package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// quietReader has one job of each cluster and nothing else, and repeats nothing.
type quietReader struct{ loader.Reader }

var errNothing = &atlas.Error{
	Op: "get", Kind: atlas.KindAnswered, Status: http.StatusNotFound, ErrorCode: "RESOURCE_NOT_FOUND",
}

func (quietReader) job() *restore.Job {
	return &restore.Job{
		Key:      restore.Key{GroupID: strings.Repeat("a", 24), ClusterName: "c", JobID: strings.Repeat("b", 24)},
		ServedBy: restore.Flex,
	}
}

func (q quietReader) Job(_ context.Context, tier restore.Tier, _ restore.Key) (*restore.Job, error) {
	if tier == restore.Flex || tier == restore.Dedicated {
		return nil, errNothing
	}
	return q.job(), nil
}
func (quietReader) Snapshot(context.Context, restore.SnapshotKey) (*restore.Snapshot, error) {
	return nil, errNothing
}
func (quietReader) Cluster(context.Context, restore.ClusterKey) (*restore.Cluster, error) {
	return nil, errNothing
}
func (quietReader) Project(context.Context, string) (*atlas.Project, error) { return nil, errNothing }
func (quietReader) Projects(context.Context) (*restore.Projects, error) {
	return &restore.Projects{}, nil
}
func (quietReader) Clusters(context.Context, string) (*restore.Clusters, error) {
	return &restore.Clusters{}, nil
}
func (quietReader) ClustersNamed(context.Context, string, []string) (map[string]*restore.Cluster, error) {
	return nil, errNothing
}
func (quietReader) ClusterSnapshots(context.Context, restore.SnapshotQuery) (*restore.Snapshots, error) {
	return nil, errNothing
}
func (quietReader) Snapshots(context.Context, restore.ClusterKey, []string) (map[string]*restore.Snapshot, error) {
	return nil, errNothing
}
func (quietReader) BatchedJobs(context.Context,
	restore.Tier, restore.ClusterKey, []string) (map[string]restore.JobResult, error) {
	return nil, errNothing
}
func (q quietReader) Jobs(context.Context, restore.JobQuery) (*restore.Jobs, error) {
	return &restore.Jobs{Jobs: []*restore.Job{q.job()}, Cursors: make([]restore.Cursor, 1)}, nil
}
func (quietReader) ProjectJobs(context.Context, restore.ProjectQuery) (*restore.ProjectJobs, error) {
	return &restore.ProjectJobs{}, nil
}

// FuzzHTTP sends any bytes as method, path, headers and body. Whatever they are, there is
// a well-formed answer of a status that fits, no panic, and nothing of what was sent
// comes back or stands in the log, but for what an executed query itself asks for.
func FuzzHTTP(f *testing.F) {
	addHTTP(f)
	log := &lockedBuffer{}
	gateways := make([]*Gateway, 0, 2)
	for _, c := range []Config{
		{},
		{
			Introspection: true, WarnLimits: true, CORS: CORS{Allowed: []string{dashboard}},
			Limits: document.Limits{
				Tokens: 100, Depth: 4, Aliases: 2, RootFields: 2, Directives: 1, ListItems: 2, Repetitions: 3,
			},
		},
	} {
		c.Access = AllowAll(io.Discard)
		c.Reader, c.Logger = quietReader{},
			slog.New(LogHandler(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		gw, err := New(c)
		if err != nil {
			f.Fatal(err)
		}
		gateways = append(gateways, gw)
	}
	f.Fuzz(func(t *testing.T, method, target, headers string, body []byte) {
		for i, gw := range gateways {
			r := requestOf(method, target, headers, body)
			if r == nil {
				return // net/http answers these by itself
			}
			log.reset()
			w := httptest.NewRecorder()
			gw.ServeHTTP(w, r.WithContext(t.Context()))
			checkWellFormed(t, r, w)
			if strings.Contains(log.String(), "msg=panic") || strings.Contains(log.String(), `msg="internal error"`) {
				t.Errorf("it was a surprise: %s", log)
			}
			if i == 0 {
				checkNothingLeaks(t, r, target, headers, body, w, log.String())
			}
		}
	})
}

func addHTTP(f *testing.F) {
	f.Helper()
	const json, get = "Content-Type: application/json", "User-Agent: curl/8"
	job := `serverlessRestoreJob(groupId:\"aaaaaaaaaaaaaaaaaaaaaaaa\",clusterName:\"c\",` +
		`restoreJobId:\"bbbbbbbbbbbbbbbbbbbbbbbb\")`
	for _, body := range []string{
		`{"query":"{__typename}"}`, `{"query":"{a:` + job + `{id state snapshot{id}}}"}`,
		`{"query":"query($v:[RestoreJobState!]){restoreJobs(groupId:\"x\",states:$v){nodes{id}}}",` +
			`"variables":{"v":["hunter2hunter2"]}}`,
		`{"query":"{hunter2hunter2`, `{"query":"{hunter2hunter2}"}`, `[{"query":"{__typename}"}]`,
		`{"query":{"hunter2hunter2":1}}`, `hunter2hunter2`, "", "null", `{"query":null}`,
		`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"hunter2hunter2"}}}`, `{"documentId":"hunter2hunter2"}`,
		`{"query":"{__typename}","operationName":"hunter2hunter2"}`,
		`{"query":"query($r:[_Any!]!){_entities(representations:$r){__typename ...on ` +
			`AtlasCluster{name}}}","variables":{"r":[{"__typename":"hunter2hunter2"},{"__typename":"AtlasCluster",` +
			`"groupId":"hunter2hunter2"}]}}`,
		`{"query":"{...A}fragment A on Query{...A}"}`, `{"query":"{__schema{types{name}}}"}`,
		`{"query":"{projects(first:-1,after:\"hunter2hunter2\"){nodes{id}}}"}`, `{"query":"subscription{a}"}`,
		`{"query":"query A($a:Int=\"hunter2hunter2\"){__typename @skip(if:$a)}"}`, "{\"query\":\"\xff\xfe\"}",
		`{"query":"{ a(b:\"\\u{110000}\") }"}`, `{"query":"{__typename}","variables":{"a":1e999}}`,
	} {
		f.Add("POST", "/graphql", json, []byte(body))
		f.Add("POST", "/graphql", json+"; charset=utf-8\nAccept: application/graphql-response+json;q=0.5\nOrigin: "+dashboard,
			[]byte(body))
	}
	for _, target := range []string{
		"/graphql?query={__typename}", "/graphql?query=%zz", "/graphql?documentId=hunter2hunter2",
		"/graphql?query={a}&variables={hunter2hunter2", "/graphql?query=mutation{a}", "/", "/health/ready", "/hunter2hunter2",
		"//", "/graphql/", "*",
	} {
		f.Add("GET", target, get, []byte(nil))
		f.Add("OPTIONS", target, get+"\nOrigin: "+dashboard+
			"\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: hunter2hunter2", []byte(nil))
	}
	f.Add("PUT", "/graphql", json, []byte("{}"))
	f.Add("GET", "/graphql", get+"\nUpgrade: websocket\nConnection: Upgrade", []byte(nil))
	f.Add("POST", "/graphql",
		"Content-Type: hunter2hunter2\nAccept: hunter2hunter2\nX-Request-Id: hunter2 hunter2\nSec-Fetch-Site: cross-site",
		[]byte("{}"))
}

// requestOf makes a request as net/http would read it off the wire, or nil.
func requestOf(method, target, headers string, body []byte) *http.Request {
	head := method + " " + target + " HTTP/1.1\r\nHost: gateway\r\n" +
		strings.ReplaceAll(strings.TrimRight(headers, "\r\n"), "\n", "\r\n")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimRight(head, "\r\n") + "\r\n\r\n")))
	if err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1"
	return r
}

var statuses = []int{200, 304, 400, 403, 404, 405, 406, 413, 415, 501}

// checkWellFormed wants an answer that a client can read.
func checkWellFormed(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	if !slices.Contains(statuses, w.Code) {
		t.Errorf("the status is %d: %s", w.Code, w.Body)
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("X-Request-Id") == "" {
		t.Errorf("headers are missing: %v", w.Header())
	}
	if w.Code == 405 && w.Header().Get("Allow") == "" {
		t.Error("Allow is missing")
	}
	if r.URL.Path != "/graphql" || w.Code == 304 || r.Method == http.MethodOptions && w.Code == 200 {
		return
	}
	contentType := w.Header().Get("Content-Type")
	if contentType != mediaTypeJSON+"; charset=utf-8" && contentType != mediaTypeGraphQL+"; charset=utf-8" {
		t.Errorf("the content type is %q", contentType)
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Message    string         `json:"message"`
			Extensions map[string]any `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	switch {
	case answer.Data == nil && len(answer.Errors) == 0:
		t.Errorf("it says nothing: %s", w.Body)
	case answer.Data != nil && w.Code != 200:
		t.Errorf("there is data with %d: %s", w.Code, w.Body)
	case answer.Data == nil && w.Code == 200 && strings.HasPrefix(contentType, mediaTypeGraphQL):
		t.Errorf("there is no data with 200: %s", w.Body)
	}
	for _, err := range answer.Errors {
		if code, _ := err.Extensions["code"].(string); code == "" || code == codeInternal || err.Message == "" {
			t.Errorf("an error without a code, or a surprise: %s", w.Body)
		}
	}
}

// words are what a client may have invented.
var words = regexp.MustCompile(`[A-Za-z0-9_]{12,}`)

// known is all that the gateway says by itself.
var known = strings.ToLower(generated.NewExecutableSchema(generated.Config{}).Schema().Query.Position.Src.Input +
	strings.Join(corsHeaders, " ") + `
	apollo-require-preflight application/json graphql-response acceptable extensions persistedQuery sha256Hash operationName representations
	PersistedQueryNotFound websocket introspection validation registered attachment`)

// checkNothingLeaks looks for words of the request in what came of it. What a query
// calls the fields of its answer comes back, and so does the name of a variable.
func checkNothingLeaks(t *testing.T,
	r *http.Request, target, headers string, body []byte, w *httptest.ResponseRecorder, log string) {
	t.Helper()
	executed := strings.Contains(w.Body.String(), `"data":`)
	answer := fmt.Sprint(w.Body, w.Header())
	path, _, _ := strings.Cut(target, "?")
	for _, word := range words.FindAllString(target+" "+headers+" "+string(body), -1) {
		if strings.Contains(known, strings.ToLower(word)) || strings.Contains(r.Header.Get("X-Request-Id"), word) ||
			strings.Contains(w.Header().Get("X-Request-Id"), word) {
			continue
		}
		if !executed && strings.Contains(answer, word) && !strings.Contains(answer, "the variable $"+word) {
			t.Errorf("%q comes back: %s %v", word, w.Body, w.Header())
		}
		if strings.Contains(log, word) && !strings.Contains(path+r.URL.Path, word) && !strings.Contains(r.Method, word) {
			t.Errorf("%q stands in the log: %s", word, log)
		}
	}
}
