package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// callbackRouter is a router that takes events by callbacks.
type callbackRouter struct {
	*httptest.Server

	mu       sync.Mutex
	status   int
	redirect string
	came     chan string
}

func newCallbackRouter(t *testing.T) *callbackRouter {
	t.Helper()
	r := &callbackRouter{status: http.StatusNoContent, came: make(chan string, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if req.Header.Get("Content-Type") != "application/json" || req.Header.Get("Subscription-Protocol") != "callback/1.0" {
			t.Errorf("the headers are %v", req.Header)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.came <- string(body)
		if r.redirect != "" {
			w.Header().Set("Location", r.redirect)
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *callbackRouter) answer(status int, redirect string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.redirect = status, redirect
}

func (r *callbackRouter) want(t *testing.T, message string) {
	t.Helper()
	select {
	case got := <-r.came:
		if got != message {
			t.Fatalf("%s, want %s", got, message)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("%s did not come", message)
	}
}

// subscribeByCallback sends a subscription of a router.
func (e *env) subscribeByCallback(t *testing.T, query, url string, heartbeat int) result {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "extensions": map[string]any{"subscription": map[string]any{
		"callbackUrl": url, "subscriptionId": "s1", "verifier": "secret", "heartbeatIntervalMs": heartbeat,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return e.send(t, http.MethodPost, "/graphql", string(body), post, "Accept: application/json;callbackSpec=1.0")
}

func callbackText(action, rest string) string {
	return fmt.Sprintf(`{"kind":"subscription","action":%q,"id":"s1","verifier":"secret"%s}`, action, rest)
}

func TestCallback_sendsEventsInOrder(t *testing.T) {
	router := newCallbackRouter(t)
	e := newEnv(t, withoutRateLimit, withConfig(func(c *Config) { c.Streams.CallbackOrigins = []string{router.URL} }))
	id, subscription := e.addWatched(time.Second, "{ id state }")
	r := e.subscribeByCallback(t, subscription, router.URL+"/callback/s1", 0)
	if r.Status != 200 || r.Raw != `{"data":null}` || r.Header.Get("Subscription-Protocol") != "callback/1.0" {
		t.Fatalf("%d %s", r.Status, r.Raw)
	}
	router.want(t, callbackText("check", ""))
	router.want(t, callbackText("next", `,"payload":{"data":{"job":{"id":"`+id+`","state":"RUNNING"}}}`))
	router.want(t, callbackText("next", `,"payload":{"data":{"job":{"id":"`+id+`","state":"SUCCEEDED"}}}`))
	router.want(t, callbackText("complete", ""))
}

func TestCallback_endsWhenTheRouterKnowsItNoMore(t *testing.T) {
	router := newCallbackRouter(t)
	e := newEnv(t, withoutRateLimit, withConfig(func(c *Config) { c.Streams.CallbackOrigins = []string{router.URL} }))
	_, subscription := e.addWatched(time.Hour, "{ state }")
	e.subscribeByCallback(t, subscription, router.URL+"/callback/s1", 1000)
	router.want(t, callbackText("check", ""))
	router.want(t, callbackText("next", `,"payload":{"data":{"job":{"state":"RUNNING"}}}`))
	router.want(t, callbackText("check", ""))
	router.answer(http.StatusNotFound, "")
	router.want(t, callbackText("check", ""))
	for start := time.Now(); e.gateway.StreamStats().Open[transportCallback] > 0; {
		if time.Since(start) > 30*time.Second {
			t.Fatal("the stream goes on")
		}
		<-time.After(time.Millisecond)
	}
}

func TestCallback_tellsOfTheShutdown(t *testing.T) {
	router := newCallbackRouter(t)
	e := newEnv(t, withoutRateLimit, withConfig(func(c *Config) { c.Streams.CallbackOrigins = []string{router.URL} }))
	_, subscription := e.addWatched(time.Hour, "{ state }")
	e.subscribeByCallback(t, subscription, router.URL+"/callback/s1", 0)
	router.want(t, callbackText("check", ""))
	router.want(t, callbackText("next", `,"payload":{"data":{"job":{"state":"RUNNING"}}}`))
	e.gateway.EndStreams(t.Context())
	if got := <-router.came; !strings.HasPrefix(got, strings.TrimSuffix(callbackText("complete", ""), "}")) ||
		!strings.Contains(got, codeShutdown) {
		t.Error(got)
	}
}

func TestCallback_rejections(t *testing.T) {
	router, other := newCallbackRouter(t), newCallbackRouter(t)
	allowed := withConfig(func(c *Config) { c.Streams.CallbackOrigins = []string{router.URL} })
	for name, tt := range map[string]struct {
		option envOption
		url    string
		status int
		answer int
		to     string
		want   string
	}{
		"off":             {option: func(*envConfig) {}, url: router.URL + "/c", status: 400, want: "--callback-origins"},
		"another origin":  {option: allowed, url: other.URL + "/c", status: 403, want: "--callback-origins"},
		"a name in front": {option: allowed, url: strings.Replace(router.URL, "//", "//user@", 1), status: 403, want: "origin"},
		"refused":         {option: allowed, url: router.URL + "/c", answer: 500, status: 502, want: "did not accept"},
		"a redirect":      {option: allowed, url: router.URL + "/c", answer: 307, to: other.URL, status: 502, want: "did not accept"},
		"no URL":          {option: allowed, url: "", status: 403, want: "origin"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, withoutRateLimit, tt.option)
			_, subscription := e.addWatched(time.Hour, "{ state }")
			if router.answer(http.StatusNoContent, ""); tt.answer != 0 {
				router.answer(tt.answer, tt.to)
			}
			r := e.subscribeByCallback(t, subscription, tt.url, 0)
			if r.Status != tt.status || !strings.Contains(r.Raw, tt.want) || strings.Contains(r.Raw+e.log.String(), "secret") {
				t.Errorf("%d %s\n%s", r.Status, r.Raw, e.log)
			}
			if len(other.came) > 0 {
				t.Error("another origin was called")
			}
		})
	}
}
