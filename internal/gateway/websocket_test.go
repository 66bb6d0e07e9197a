package gateway

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"atlas-restore-gateway/internal/authz"
)

// socket is a WebSocket connection of a test.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

// dialSocket opens a connection without a message.
func (e *env) dialSocket(t *testing.T, protocol string, headers ...string) (*socket, *http.Response, error) {
	t.Helper()
	options := &websocket.DialOptions{HTTPClient: e.client, Subprotocols: []string{protocol}, HTTPHeader: http.Header{}}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		options.HTTPHeader.Set(name, value)
	}
	conn, res, err := websocket.Dial(context.Background(), strings.Replace(e.url, "http", "ws", 1)+"/graphql", options)
	if err != nil {
		return nil, res, err
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{t, conn}, res, nil
}

// openSocket opens a connection whose caller is authenticated.
func (e *env) openSocket(t *testing.T) *socket {
	t.Helper()
	s, _, err := e.dialSocket(t, webSocketProtocol) //nolint:bodyclose // there is no body
	if err != nil {
		t.Fatal(err)
	}
	s.send(`{"type":"connection_init"}`)
	s.want(`{"type":"connection_ack"}`)
	return s
}

func (s *socket) send(message string) {
	s.t.Helper()
	if err := s.conn.Write(context.Background(), websocket.MessageText, []byte(message)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) read() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	_, message, err := s.conn.Read(ctx)
	return string(message), err
}

func (s *socket) want(message string) {
	s.t.Helper()
	if got, err := s.read(); err != nil || got != message {
		s.t.Fatalf("%s, %v, want %s", got, err, message)
	}
}

func (s *socket) wantClose(code websocket.StatusCode) {
	s.t.Helper()
	got, err := s.read()
	if websocket.CloseStatus(err) != code {
		s.t.Fatalf("%s, %v, want the close code %d", got, err, code)
	}
}

func subscribeMessage(id, query string) string {
	return `{"type":"subscribe","id":"` + id + `","payload":{"query":` + string(jsonOf(query)) + `}}`
}

func TestWebSocket_servesSubscriptionsAndQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		id, subscription := e.addWatched(42*time.Second, "{ id state }")
		s := e.openSocket(t)
		s.send(subscribeMessage("1", subscription))
		s.want(`{"type":"next","id":"1","payload":{"data":{"job":{"id":"` + id + `","state":"RUNNING"}}}}`)
		s.send(subscribeMessage("q", "{ __typename }"))
		s.want(`{"type":"next","id":"q","payload":{"data":{"__typename":"Query"}}}`)
		s.want(`{"type":"complete","id":"q"}`)
		s.send(subscribeMessage("q", "{ nothing }"))
		if got, err := s.read(); err != nil || !strings.HasPrefix(got, `{"type":"error","id":"q","payload":[{"message"`) {
			t.Error(got, err)
		}
		s.send(`{"type":"ping","payload":[1,{"a":null}]}`)
		s.want(`{"type":"pong","payload":[1,{"a":null}]}`)
		s.send(`{"type":"ping"}`)
		s.want(`{"type":"pong"}`)
		s.want(`{"type":"next","id":"1","payload":{"data":{"job":{"id":"` + id + `","state":"SUCCEEDED"}}}}`)
		s.want(`{"type":"complete","id":"1"}`)
		// An id can be used again when its operation is over.
		s.send(subscribeMessage("1", listSubscription))
		if got, err := s.read(); err != nil || !strings.HasPrefix(got, `{"type":"next","id":"1"`) {
			t.Error(got, err)
		}
		s.send(`{"type":"complete","id":"1"}`)
		s.send(`{"type":"complete","id":"unknown"}`)
		s.send(`{"type":"ping"}`)
		s.want(`{"type":"pong"}`)
		synctest.Wait()
		if open := e.gateway.StreamStats().Open[transportWebSocket]; open != 0 {
			t.Errorf("%d streams are open", open)
		}
	})
}

func TestWebSocket_closeCodes(t *testing.T) {
	for name, tt := range map[string]struct {
		protocol string
		messages []string
		ack      bool
		wait     time.Duration
		want     websocket.StatusCode
	}{
		"another protocol":      {protocol: "graphql-ws", want: 4406},
		"no init":               {wait: 3 * time.Second, want: 4408},
		"two inits":             {messages: []string{`{"type":"connection_init"}`, `{"type":"connection_init"}`}, ack: true, want: 4429},
		"a large init":          {messages: []string{`{"type":"connection_init","payload":{"a":"` + strings.Repeat("a", 5000) + `"}}`}, want: 1009},
		"an init that is text":  {messages: []string{`{"type":"connection_init","payload":"a"}`}, want: 4400},
		"subscribe before init": {messages: []string{subscribeMessage("1", "{ __typename }")}, want: 4401},
		"no JSON":               {messages: []string{"{"}, want: 4400},
		"unknown type":          {messages: []string{`{"type":"start"}`}, want: 4400},
		"two of one name":       {messages: []string{`{"type":"connection_init","type":"ping"}`}, want: 4400},
		"no id":                 {messages: []string{`{"type":"connection_init"}`, `{"type":"subscribe","payload":{"query":"{ __typename }"}}`}, ack: true, want: 4400},
		"no payload":            {messages: []string{`{"type":"connection_init"}`, `{"type":"subscribe","id":"1"}`}, ack: true, want: 4400},
		"an id twice": {
			messages: []string{`{"type":"connection_init"}`, subscribeMessage("1", listSubscription), subscribeMessage("1", listSubscription)},
			ack:      true, want: 4409,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withoutRateLimit)
				protocol := tt.protocol
				if protocol == "" {
					protocol = webSocketProtocol
				}
				s, _, err := e.dialSocket(t, protocol) //nolint:bodyclose // there is no body
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				for i, message := range tt.messages {
					s.send(message)
					if i == 0 && tt.ack {
						s.want(`{"type":"connection_ack"}`)
					}
				}
				s.wantClose(tt.want)
				if took := time.Since(start); took != tt.wait {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestWebSocket_authenticatesByHeadersOrByTheFirstMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		access := AllowAll(&lockedBuffer{})
		access.Authenticate = func(r *http.Request) (*authz.Caller, error) {
			if r.Header.Get("Authorization") != "Bearer right" {
				return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "who calls?", Challenge: "Bearer"}
			}
			return &authz.Caller{Method: authz.Token, Token: "reader"}, nil
		}
		e := newEnv(t, inBubble, withoutRateLimit, withConfig(func(c *Config) { c.Access = access }))
		for name, tt := range map[string]struct {
			header, init string
			status       int
			code         websocket.StatusCode
		}{
			"a header":               {header: "Authorization: Bearer right", init: "null"},
			"a wrong header":         {header: "Authorization: Bearer wrong", status: 401},
			"the message":            {init: `{"Authorization":"Bearer right"}`},
			"the message, in lower":  {init: `{"authorization":"Bearer right"}`},
			"headers in the message": {init: `{"headers":{"authorization":"Bearer right"}}`},
			"a wrong message":        {init: `{"authorization":"Bearer wrong"}`, code: 4403},
			"nothing":                {init: `{}`, code: 4403},
		} {
			var headers []string
			if tt.header != "" {
				headers = append(headers, tt.header)
			}
			s, res, err := e.dialSocket(t, webSocketProtocol, headers...) //nolint:bodyclose // there is no body
			if tt.status != 0 {
				if err == nil || res.StatusCode != tt.status {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(name, err)
			}
			s.send(`{"type":"connection_init","payload":` + tt.init + `}`)
			if tt.code != 0 {
				s.wantClose(tt.code)
				continue
			}
			s.want(`{"type":"connection_ack"}`)
			s.send(subscribeMessage("1", "{ __typename }"))
			s.want(`{"type":"next","id":"1","payload":{"data":{"__typename":"Query"}}}`)
		}
		<-time.After(10 * time.Second)
		if n := e.gateway.streams.waiting.Load(); n != 0 {
			t.Errorf("%d connections wait", n)
		}
	})
}

func TestWebSocket_checksTheOriginOfPages(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) { c.CORS = CORS{Allowed: []string{"https://allowed.example"}} }))
	for origin, want := range map[string]bool{
		"": true, "https://allowed.example": true, e.url: true,
		"https://other.example": false, "null": false, "https://allowed.example.evil": false,
	} {
		var headers []string
		if origin != "" {
			headers = append(headers, "Origin: "+origin)
		}
		_, res, err := e.dialSocket(t, webSocketProtocol, headers...) //nolint:bodyclose // there is no body
		if (err == nil) != want || err != nil && (res == nil || res.StatusCode != http.StatusForbidden) {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

func TestWebSocket_endsWithoutCompleteOrError(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(e *env)
		want websocket.StatusCode
	}{
		"shutdown": {func(e *env) { e.gateway.EndStreams(context.Background()) }, 1012},
		"life":     {func(*env) {}, 1012},
		"expired":  {func(*env) {}, 4403},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				caller := &authz.Caller{Method: authz.Token, Token: "reader"}
				access := AllowAll(&lockedBuffer{})
				access.Authenticate = func(*http.Request) (*authz.Caller, error) { return caller, nil }
				e := newEnv(t, inBubble, withoutRateLimit, withConfig(func(c *Config) {
					c.Access, c.Streams = access, Streams{Life: 4 * time.Minute}
				}))
				if name == "expired" {
					caller.Expires = time.Now().Add(time.Minute)
				}
				s := e.openSocket(t)
				s.send(subscribeMessage("1", listSubscription))
				if got, err := s.read(); err != nil || !strings.Contains(got, "next") {
					t.Fatal(got, err)
				}
				go tt.end(e)
				s.wantClose(tt.want)
			})
		})
	}
}

func TestWebSocket_hasABoundForEachConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit, withConfig(func(c *Config) { c.Streams = Streams{PerConnection: 1} }))
		_, subscription := e.addWatched(time.Hour, "{ state }")
		s := e.openSocket(t)
		s.send(subscribeMessage("1", subscription))
		s.want(`{"type":"next","id":"1","payload":{"data":{"job":{"state":"RUNNING"}}}}`)
		s.send(subscribeMessage("2", subscription))
		if got, err := s.read(); err != nil || !strings.HasPrefix(got, `{"type":"error","id":"2"`) ||
			!strings.Contains(got, codeStreamLimit) {
			t.Error(got, err)
		}
		s.send(`{"type":"complete","id":"1"}`)
		s.send(subscribeMessage("2", subscription))
		s.want(`{"type":"next","id":"2","payload":{"data":{"job":{"state":"RUNNING"}}}}`)
	})
}

func TestWebSocket_endsWhenItsClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withoutRateLimit)
		var all []*socket
		for range 50 {
			s := e.openSocket(t)
			s.send(subscribeMessage("1", listSubscription))
			if got, err := s.read(); err != nil || !strings.Contains(got, "next") {
				t.Fatal(got, err)
			}
			all = append(all, s)
		}
		for _, s := range all {
			_ = s.conn.CloseNow()
		}
		<-time.After(time.Minute)
		if s := e.gateway.StreamStats(); s.Open[transportWebSocket] != 0 || s.Polls.Pollers != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestWebSocket_rejectsWhatIsNoHandshake(t *testing.T) {
	e := newEnv(t)
	right := []string{
		curl, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}
	for _, missing := range right[1:] {
		if strings.HasPrefix(missing, "Upgrade") {
			continue // it is a GET of GraphQL then
		}
		headers := slices.DeleteFunc(slices.Clone(right), func(h string) bool { return h == missing })
		if r := e.send(t, http.MethodGet, "/graphql", "", headers...); r.Status != 400 || len(r.Errors) != 1 {
			t.Errorf("without %q: %d %s", missing, r.Status, r.Raw)
		}
	}
	if r := e.send(t, http.MethodGet, "/graphql", "", append(right, "Sec-WebSocket-Key: again")...); r.Status != 400 ||
		strings.Contains(r.Raw, "again") {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
}
