package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
)

// stream is a subscription by server-sent events.
type stream struct {
	t      *testing.T
	lines  chan string // closed at the end of the body
	cancel context.CancelFunc
	res    *http.Response
}

// subscribe begins a subscription. The test ends it, or the end of the test does.
func (e *env) subscribe(t *testing.T, query string, headers ...string) *stream {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	res, err := e.client.Do(r) //nolint:bodyclose // the goroutine below closes it
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t, lines: make(chan string), cancel: cancel, res: res}
	go func() {
		defer close(s.lines)
		defer res.Body.Close()
		scanner := bufio.NewScanner(res.Body)
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			select {
			case s.lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		for range s.lines {
		}
	})
	return s
}

// next returns the next event: its type and its data. The type is "" at the end of the body.
func (s *stream) next() (kind, data string) {
	s.t.Helper()
	timeout := time.After(5 * time.Minute)
	for {
		select {
		case line, open := <-s.lines:
			switch {
			case !open:
				return "", ""
			case strings.HasPrefix(line, "event: "):
				kind = strings.TrimPrefix(line, "event: ")
			case strings.HasPrefix(line, "data:"):
				return kind, strings.TrimPrefix(strings.TrimPrefix(line, "data:"), " ")
			}
		case <-timeout:
			s.t.Fatal("no event came for five minutes")
		}
	}
}

// wantNext fails the test unless the next event is this one.
func (s *stream) wantNext(want string) {
	s.t.Helper()
	if kind, data := s.next(); kind != "next" || data != want {
		s.t.Fatalf("the event is %q %s, want %s", kind, data, want)
	}
}

func (s *stream) wantComplete() {
	s.t.Helper()
	if kind, data := s.next(); kind != "complete" || data != "" {
		s.t.Fatalf("the event is %q %s, want complete", kind, data)
	}
	if kind, data := s.next(); kind != "" {
		s.t.Fatalf("after complete there is %q %s", kind, data)
	}
}

func TestSubscription_tellsOfAJobUntilItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		const takes = 42 * time.Second
		id, subscription := e.addWatched(takes, "{ id state }")
		start := time.Now()
		s := e.subscribe(t, subscription)
		s.wantNext(`{"data":{"job":{"id":"` + id + `","state":"RUNNING"}}}`)
		if took := time.Since(start); took > time.Second {
			t.Errorf("the first event took %s", took)
		}
		s.wantNext(`{"data":{"job":{"id":"` + id + `","state":"SUCCEEDED"}}}`)
		if took := time.Since(start); took < takes || took > takes+33*time.Second {
			t.Errorf("the last event came after %s", took)
		}
		s.wantComplete()
	})
}

// watchedCluster is a cluster in which nothing happens but what a test does.
const watchedCluster = atlassim.SeedFlexClusterName

const listSubscription = `subscription { restoreJobs(groupId: "` + atlassim.SeedGroupID +
	`", clusterNames: ["` + watchedCluster + `"], first: 1) { nodes { id state } } }`

// addWatched adds a job to the watched cluster, and returns the subscription to it.
func (e *env) addWatched(takes time.Duration, selection string) (id, subscription string) {
	id = e.sim.AddJob(atlassim.SeedGroupID, watchedCluster, takes)
	return id, `subscription { job: restoreJob(groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + watchedCluster +
		`", restoreJobId: "` + id + `") ` + selection + " }"
}

// polls counts the calls for the list of the jobs of the watched cluster.
func (e *env) polls() int {
	return e.sim.CountCalls(func(c atlassim.Call) bool {
		return strings.HasSuffix(c.Path, "/"+watchedCluster+"/backup/restoreJobs")
	})
}

func TestSubscription_tellsOfNewJobsAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		first, _ := e.addWatched(20*time.Second, "")
		event := func(id, state string) string {
			return `{"data":{"restoreJobs":{"nodes":[{"id":"` + id + `","state":"` + state + `"}]}}}`
		}
		s := e.subscribe(t, listSubscription)
		s.wantNext(event(first, "RUNNING"))
		s.wantNext(event(first, "SUCCEEDED"))
		<-time.After(2 * time.Minute)
		second, _ := e.addWatched(time.Hour, "")
		s.wantNext(event(second, "RUNNING"))
		<-time.After(2 * time.Minute)
		s.cancel()
		if kind, data := s.next(); kind != "" {
			t.Errorf("without a change there is %q %s", kind, data)
		}
	})
}

func TestSubscription_pollsOnceForAllClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		_, subscription := e.addWatched(3*time.Minute, "{ id state }")
		const clients = 100
		var all []*stream
		for range clients {
			all = append(all, e.subscribe(t, subscription), e.subscribe(t, listSubscription))
		}
		for _, s := range all {
			if kind, data := s.next(); kind != "next" || !strings.Contains(data, `"RUNNING"`) {
				t.Fatal(kind, data)
			}
		}
		e.sim.ResetCalls()
		start := time.Now()
		<-time.After(time.Minute)
		if polls := e.polls(); polls < 2 || polls > 12 {
			t.Errorf("%d polls in a minute", polls)
		}
		if calls := len(e.sim.Calls()); calls > 2*e.polls()+2 {
			t.Errorf("%d calls for %d polls", calls, e.polls())
		}
		for _, s := range all {
			if kind, data := s.next(); kind != "next" || !strings.Contains(data, `"SUCCEEDED"`) {
				t.Fatal(kind, data)
			}
		}
		if took := time.Since(start); took > 3*time.Minute+33*time.Second {
			t.Errorf("the change was told of after %s", took)
		}
		for _, s := range all {
			s.cancel()
		}
		<-time.After(time.Minute)
		e.sim.ResetCalls()
		<-time.After(10 * time.Minute)
		if calls := e.sim.Calls(); len(calls) > 0 {
			t.Errorf("without a client there are %d calls", len(calls))
		}
		if n := e.gateway.StreamStats().Polls.Pollers; n != 0 {
			t.Errorf("%d pollers are left", n)
		}
	})
}

func TestSubscription_saysThatAtlasDoesNotAnswer(t *testing.T) {
	for name, fault := range map[string]atlassim.Fault{
		"5xx":   {PathContains: "/restoreJobs", Status: http.StatusServiceUnavailable},
		"429":   {PathContains: "/restoreJobs", Status: http.StatusTooManyRequests, RetryAfter: "1"},
		"HTML":  {PathContains: "/restoreJobs", Status: http.StatusBadGateway, ContentType: "text/html", Body: "<p>no</p>"},
		"hang":  {PathContains: "/restoreJobs", Latency: time.Hour},
		"reset": {PathContains: "/restoreJobs", Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withoutRateLimit)
				_, subscription := e.addWatched(time.Hour, "{ id state }")
				for _, query := range []string{subscription, listSubscription} {
					s := e.subscribe(t, query)
					_, before := s.next()
					answered := time.Now()
					remove := e.sim.Inject(fault)
					kind, data := s.next()
					var r result
					if err := json.Unmarshal([]byte(data), &r); err != nil || kind != "next" || len(r.Errors) != 1 {
						t.Fatalf("%q %s: %v", kind, data, err)
					}
					stale := r.Errors[0]
					since, err := time.Parse(time.RFC3339, stale.Extensions["staleSince"].(string))
					if stale.Extensions["code"] != codeStale || stale.Path != nil || err != nil ||
						since.Sub(answered).Abs() > 6*time.Second {
						t.Errorf("%+v, answered at %s: %v", stale, answered, err)
					}
					if took := time.Since(answered); took < time.Minute || took > 3*time.Minute {
						t.Errorf("it took %s", took)
					}
					if want := strings.TrimSuffix(before, "}"); !strings.Contains(data, strings.TrimPrefix(want, "{")) {
						t.Errorf("the state is not complete: %s", data)
					}
					<-time.After(3 * time.Minute)
					remove()
					recovered := time.Now()
					s.wantNext(before)
					if took := time.Since(recovered); took > 80*time.Second {
						t.Errorf("the recovery took %s", took)
					}
					s.cancel()
				}
			})
		})
	}
}

func TestSubscription_beginsWhileAtlasFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		id, subscription := e.addWatched(time.Hour, "{ id state }")
		remove := e.sim.Inject(atlassim.Fault{PathContains: "/restoreJobs", Status: http.StatusServiceUnavailable})
		s := e.subscribe(t, subscription)
		if _, data := s.next(); !strings.Contains(data, codeUpstreamError) || !strings.Contains(data, `"job":null`) {
			t.Fatal(data)
		}
		remove()
		s.wantNext(`{"data":{"job":{"id":"` + id + `","state":"RUNNING"}}}`)
	})
}

func TestSubscription_endsWithTheErrorOfAJobThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		id, subscription := e.addWatched(time.Hour, "{ id }")
		s := e.subscribe(t, subscription)
		s.wantNext(`{"data":{"job":{"id":"` + id + `"}}}`)
		e.sim.RemoveJob(atlassim.SeedGroupID, watchedCluster, id)
		if _, data := s.next(); !strings.Contains(data, `"NOT_FOUND"`) || !strings.Contains(data, `{"job":null}`) {
			t.Error(data)
		}
		s.wantComplete()
	})
}

func TestSubscription_leavesCallsToQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, func(c *envConfig) { c.sim = append(c.sim, atlassim.WithRateLimit(40, 17)) })
		id, _ := e.addWatched(time.Hour, "")
		query := `{ job: flexRestoreJob(groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + watchedCluster +
			`", restoreJobId: "` + id + `") { id } }`
		e.subscribe(t, listSubscription).next()
		for range 30 {
			e.postNoCache(t, query)
		}
		e.sim.ResetCalls()
		for range 240 {
			<-time.After(time.Second)
			if r := e.postNoCache(t, query); len(r.Errors) > 0 && r.Errors[0].Extensions["code"] != codeRateLimited {
				t.Error(r.Raw)
			}
		}
		if polls := e.polls(); polls > 2 {
			t.Errorf("%d polls were made", polls)
		}
		if n := e.gateway.StreamStats().Polls.Deferred; n == 0 {
			t.Error("no poll was deferred")
		}
	})
}

func TestSubscription_endsWhenTheCallerLosesARight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var auditLog lockedBuffer
		path := filepath.Join(t.TempDir(), "policy.yaml")
		allow := func(permissions string) {
			rule := "rules:\n- {subject: {token: reader}, projects: all, permissions: [" + permissions + "]}\n"
			if err := os.WriteFile(path, []byte(rule), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		allow("jobs:read, downloads:read")
		policy, err := authz.LoadPolicy(path, func() authz.AuthMethods {
			return authz.AuthMethods{Methods: []authz.Method{authz.Token}, Tokens: []string{"reader"}}
		})
		if err != nil {
			t.Fatal(err)
		}
		e := newEnv(t, inBubble, withoutRateLimit, withConfig(func(c *Config) {
			c.Access = &Access{Authenticate: callerOfHeader, Policy: policy, Audit: audit.New(&auditLog)}
		}))
		id, subscription := e.addWatched(3*time.Minute, "{ id state deliveryUrl }")
		s := e.subscribe(t, subscription, "X-Test-Caller: reader")
		s.wantNext(`{"data":{"job":{"id":"` + id + `","state":"RUNNING","deliveryUrl":null}}}`)
		list := e.subscribe(t, listSubscription, "X-Test-Caller: reader")
		list.next()
		reload := func() {
			t.Helper()
			if changed, err := policy.Reload(t.Context()); err != nil || !changed {
				t.Fatal(changed, err)
			}
		}
		allow("jobs:read")
		reload()
		if kind, data := s.next(); kind != "next" || !strings.Contains(data, `"FORBIDDEN"`) && !strings.Contains(data, `"SUCCEEDED"`) {
			t.Errorf("%q %s", kind, data)
		}
		rule := "rules:\n- {subject: {token: reader}, projects: [" + nowhere + "], permissions: [jobs:read]}\n"
		if err := os.WriteFile(path, []byte(rule), 0o600); err != nil {
			t.Fatal(err)
		}
		reload()
		kind, data := list.next()
		if kind != "next" || strings.Contains(data, `"data"`) || !strings.Contains(data, `"FORBIDDEN"`) {
			t.Errorf("%q %s", kind, data)
		}
		list.wantComplete()
	})
}

func TestSubscription_endsWhenTheCredentialDoes(t *testing.T) {
	for name, change := range map[string]func(c *authz.Caller, revoke func()){
		"expired": func(c *authz.Caller, _ func()) { c.Expires = time.Now().Add(70 * time.Second) },
		"revoked": func(_ *authz.Caller, revoke func()) { time.AfterFunc(70*time.Second, revoke) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var revoked atomic.Bool
				caller := &authz.Caller{Method: authz.Token, Token: "reader"}
				access := AllowAll(io.Discard)
				access.Authenticate = func(*http.Request) (*authz.Caller, error) {
					if revoked.Load() {
						return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "revoked"}
					}
					return caller, nil
				}
				e := newEnv(t, inBubble, withoutRateLimit, withConfig(func(c *Config) { c.Access = access }))
				change(caller, func() { revoked.Store(true) })
				s := e.subscribe(t, listSubscription)
				if kind, data := s.next(); kind != "next" || !strings.Contains(data, "nodes") {
					t.Fatal(kind, data)
				}
				start := time.Now()
				if kind, data := s.next(); kind != "" {
					t.Errorf("%q %s", kind, data)
				}
				if took := time.Since(start); took < 69*time.Second || took > 110*time.Second {
					t.Errorf("it ended after %s", took)
				}
				if n := e.gateway.StreamStats().Ended[endedByExpiry]; n != 1 {
					t.Errorf("%d have expired", n)
				}
			})
		})
	}
}

func TestSubscription_writesWhoGetsADownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var auditLog lockedBuffer
		e := newEnv(t, inBubble, withoutRateLimit, withPolicy(t, "hide", &auditLog, map[string][]string{
			"all": {"all: [jobs:read, downloads:read]"}, "some": {"all: [jobs:read]"},
		}))
		subscription := "subscription {" + jobField("job", e.example(t, "ready"), "{ state deliveryUrl }") + "}"
		for range 2 {
			s := e.subscribe(t, subscription, "X-Test-Caller: all")
			if _, data := s.next(); !strings.Contains(data, "https://") {
				t.Error(data)
			}
			s.wantComplete()
		}
		s := e.subscribe(t, subscription, "X-Test-Caller: some")
		if _, data := s.next(); strings.Contains(data, "https://") || !strings.Contains(data, `"FORBIDDEN"`) {
			t.Error(data)
		}
		s.wantComplete()
		if lines := strings.Count(auditLog.String(), "download_url_read"); lines != 2 {
			t.Errorf("the audit log has %d lines: %s", lines, &auditLog)
		}
	})
}

func TestSubscription_hasABoundForEachCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit, withPolicy(t, "hide", &lockedBuffer{}, map[string][]string{
			"a": {"all: [jobs:read]"}, "b": {"all: [jobs:read]"},
		}), withConfig(func(c *Config) { c.Streams = Streams{Max: 3, PerCaller: 2} }))
		var open []*stream
		for i, tt := range []struct{ caller, want string }{
			{"a", ""}, {"a", ""}, {"a", "you have 2 streams"}, {"b", ""}, {"b", "the gateway has 3 streams"},
		} {
			s := e.subscribe(t, listSubscription, "X-Test-Caller: "+tt.caller)
			_, data := s.next()
			if tt.want == "" {
				open = append(open, s)
			}
			if refused := strings.Contains(data, codeStreamLimit); refused != (tt.want != "") ||
				!strings.Contains(data, tt.want) {
				t.Errorf("%d: %s", i, data)
			}
		}
		open[0].cancel()
		<-time.After(time.Second)
		if _, data := e.subscribe(t, listSubscription, "X-Test-Caller: b").next(); strings.Contains(data, codeStreamLimit) {
			t.Error(data)
		}
	})
}

func TestSubscription_endsOfItsFormats(t *testing.T) {
	ends := map[string]struct {
		end       func(e *env)
		multipart string
	}{
		"shutdown": {func(e *env) { e.gateway.EndStreams(context.Background()) }, codeShutdown},
		"life":     {func(*env) {}, codeStreamExpired},
	}
	for name, tt := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withoutRateLimit,
					withConfig(func(c *Config) { c.Streams = Streams{Life: 4 * time.Minute} }))
				sse := e.subscribe(t, listSubscription)
				sse.next()
				parts := e.subscribe(t, listSubscription, `Accept: multipart/mixed;boundary=graphql;subscriptionSpec="1.0"`)
				var all strings.Builder
				var reading sync.WaitGroup
				reading.Go(func() {
					for line := range parts.lines {
						all.WriteString(line + "\n")
					}
				})
				synctest.Wait()
				tt.end(e)
				if kind, data := sse.next(); kind != "" {
					t.Errorf("%q %s", kind, data)
				}
				reading.Wait()
				if got := all.String(); !strings.Contains(got, `{"payload":null,"errors":[`) ||
					!strings.Contains(got, tt.multipart) || !strings.HasSuffix(got, "\n--graphql--\n") ||
					!strings.Contains(got, "\n{}\n--graphql\n") && name == "life" {
					t.Error(got)
				}
				if kind, data := e.subscribe(t, listSubscription).next(); name == "shutdown" &&
					(kind != "next" || !strings.Contains(data, codeShutdown)) {
					t.Errorf("after the shutdown a stream begins: %q %s", kind, data)
				}
				if got := parts.res.Header.Get("Content-Type"); got != `multipart/mixed;boundary="graphql";subscriptionSpec=1.0` {
					t.Error(got)
				}
			})
		})
	}
}

func TestSubscription_formatsOfRejections(t *testing.T) {
	e := newEnv(t)
	orders := "groupId: \"" + atlassim.SeedGroupID + "\", clusterNames: [\"orders\"]"
	list := "subscription { restoreJobs(groupId: \"" + atlassim.SeedGroupID + "\") { nodes { id } } }"
	for name, tt := range map[string]struct {
		query, accept, want string
		status              int
	}{
		"JSON":             {query: list, accept: "application/json", status: 406, want: "text/event-stream"},
		"anything":         {query: list, accept: "*/*", status: 406, want: "text/event-stream"},
		"a mistake":        {query: "{ nothing }", accept: "text/event-stream", status: 200, want: "event: next\ndata: {\"errors\""},
		"or JSON":          {query: "{ nothing }", accept: "text/event-stream, application/json", status: 200, want: "{\"errors\""},
		"two fields":       {query: "subscription { a: restoreJobs(" + orders + ") { __typename } b: restoreJobs(" + orders + ") { __typename } }", accept: "text/event-stream", status: 200, want: "selects one field"},
		"no field":         {query: "subscription { restoreJobs(groupId: \"" + nowhere + "\") @skip(if: true) { __typename } }", accept: "text/event-stream", status: 200, want: "selects one field"},
		"its name alone":   {query: "subscription { __typename }", accept: "text/event-stream", status: 200, want: "\"errors\""},
		"a query":          {query: "{ __typename }", accept: "text/event-stream", status: 200, want: "data: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\ndata:\n\n"},
		"a query in parts": {query: "{ __typename }", accept: "multipart/mixed; subscriptionSpec=1.0", status: 200, want: "{\"payload\":{\"data\":{\"__typename\":\"Query\"}}}\r\n--graphql\r\n"},
		"other parts":      {query: "{ __typename }", accept: "multipart/mixed; deferSpec=20220824", status: 406, want: "Accept"},
		"callback":         {query: list, accept: "application/json;callbackSpec=1.0", status: 406, want: "subscription"},
		"malformed id":     {query: "subscription { restoreJobs(groupId: \"x\") { nodes { id } } }", accept: "text/event-stream", status: 200, want: "BAD_USER_INPUT"},
		"malformed first":  {query: "subscription { restoreJobs(groupId: \"" + nowhere + "\", first: 0) { nodes { id } } }", accept: "text/event-stream", status: 200, want: "BAD_USER_INPUT"},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]string{"query": tt.query})
			if err != nil {
				t.Fatal(err)
			}
			r := e.send(t, http.MethodPost, "/graphql", string(body), post, "Accept: "+tt.accept)
			if r.Status != tt.status || !strings.Contains(r.Raw, tt.want) {
				t.Errorf("%d %s", r.Status, r.Raw)
			}
		})
	}
}

// TestSubscription_followsAJobThatIsNewerThanTheLastPoll: the job is read by itself first, and stands on the list of the
// next poll.
func TestSubscription_followsAJobThatIsNewerThanTheLastPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		e.subscribe(t, listSubscription).next()
		<-time.After(time.Second)
		id, subscription := e.addWatched(3*time.Second, "{ id state }")
		start := time.Now()
		s := e.subscribe(t, subscription)
		s.wantNext(`{"data":{"job":{"id":"` + id + `","state":"RUNNING"}}}`)
		s.wantNext(`{"data":{"job":{"id":"` + id + `","state":"SUCCEEDED"}}}`)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
		s.wantComplete()
	})
}

// TestSubscription_givesASlowClientTheLatestState: its events are no queue.
func TestSubscription_givesASlowClientTheLatestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		slow, fast := e.subscribe(t, listSubscription), e.subscribe(t, listSubscription)
		_, first := fast.next()
		last := ""
		for range 20 {
			last, _ = e.addWatched(time.Hour, "")
			fast.wantNext(`{"data":{"restoreJobs":{"nodes":[{"id":"` + last + `","state":"RUNNING"}]}}}`)
		}
		// One event is under way, and one stands in the pipe of the test.
		events := 0
		for data := ""; !strings.Contains(data, last); events++ {
			if _, data = slow.next(); events == 0 && data != first {
				t.Errorf("the first event is %s", data)
			}
		}
		if events > 4 {
			t.Errorf("the slow client got %d events", events)
		}
		if e.gateway.StreamStats().Dropped < 15 {
			t.Errorf("%+v", e.gateway.StreamStats())
		}
	})
}

// TestSubscription_partsCanBeReadByteByByte also with what looks like a delimiter in a text.
func TestSubscription_partsCanBeReadByteByByte(t *testing.T) {
	e := newEnv(t)
	const cluster = "x--graphql"
	query := `subscription { a: restoreJob(groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + cluster +
		`", restoreJobId: "` + nowhere + `") { id } }`
	r := e.send(t, http.MethodPost, "/graphql", `{"query":`+string(jsonOf(query))+`}`, post,
		"Accept: multipart/mixed;boundary=graphql;subscriptionSpec=1.0")
	parts := multipart.NewReader(iotest.OneByteReader(strings.NewReader(r.Raw)), "graphql")
	var bodies []string
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // what the reader returns
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if err != nil || part.Header.Get("Content-Type") != "application/json" {
			t.Fatal(err, part.Header)
		}
		bodies = append(bodies, string(body))
	}
	var payload struct {
		Payload result `json:"payload"`
	}
	if len(bodies) != 2 || bodies[1] != "{}" || json.Unmarshal([]byte(bodies[0]), &payload) != nil ||
		len(payload.Payload.Errors) != 1 || !strings.Contains(payload.Payload.Errors[0].Message, cluster) {
		t.Errorf("%q in %s", bodies, r.Raw)
	}
}
