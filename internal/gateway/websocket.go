package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/subscription"
)

// The protocol of https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md, and its close codes. 4403 tells that
// the caller is not authenticated any more: graphql-ws takes 4401 as final.
const (
	webSocketProtocol = "graphql-transport-ws"

	closeInvalid      websocket.StatusCode = 4400
	closeNotReady     websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeProtocol     websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicate    websocket.StatusCode = 4409
	closeInitialized  websocket.StatusCode = 4429
	closeInternal     websocket.StatusCode = 4500
	closeAgain                             = websocket.StatusServiceRestart // 1012
	closeReasonExpiry                      = "Forbidden: the credential is not valid any more"
)

// Bounds of WebSocket connections.
const (
	initTimeout  = 3 * time.Second
	maxInitBytes = 4 << 10
	// maxWaiting is how many connections wait for a caller to say who it is.
	maxWaiting = 100
	// maxMessageOverhead is how many bytes a message has beside its payload.
	maxMessageOverhead = 1 << 10
	maxOperationID     = 256
	pingTimeout        = 10 * time.Second
)

// isUpgrade reports whether the request is the beginning of a WebSocket connection.
func isUpgrade(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// isHandshake reports whether an upgrade is one of RFC 6455, section 4.2.1. The library would say what is wrong in a text
// that repeats the request.
func isHandshake(r *http.Request) bool {
	keys := r.Header.Values("Sec-WebSocket-Key")
	if len(keys) != 1 || r.Header.Get("Sec-WebSocket-Version") != "13" {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(keys[0])
	return err == nil && len(key) == 16 && strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade")
}

// webSocket serves /graphql to upgrades, and leaves other requests to next. Pages of all origins can send an upgrade,
// and browsers send no preflight for it, so the origin is checked here; the caller is authenticated by the headers of
// the upgrade or by the first message.
func (t *httpTransport) webSocket(cors CORS) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !isUpgrade(r) || t.streams == nil {
				next.ServeHTTP(w, r)
				return
			}
			if !cors.allowsUpgrade(r) {
				reject(http.StatusForbidden, codeCrossSite, "pages of this origin may not open a WebSocket here").
					write(r.Context(), w, mediaTypeJSON)
				return
			}
			if !isHandshake(r) {
				badRequest("this is no handshake of a WebSocket (RFC 6455): use a client that speaks "+webSocketProtocol).
					write(r.Context(), w, mediaTypeJSON)
				return
			}
			t.serveWebSocket(w, r)
		})
	}
}

// allowsUpgrade reports whether the request comes from no page, from one of the gateway's own origin, or from an allowed
// one.
func (o CORS) allowsUpgrade(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || o.allowsAny() || slices.Contains(o.Allowed, origin) {
		return true
	}
	from, err := url.Parse(origin)
	return err == nil && from.Host != "" && strings.EqualFold(from.Host, r.Host)
}

// serveWebSocket serves one connection to its end.
func (t *httpTransport) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	s := t.streams
	caller, err := t.access.Authenticate(r)
	if err != nil && (t.hasCredential(r.Header) || !isUnauthenticated(err)) {
		rejectCaller(w, r, t.logger, err)
		return
	}
	if caller != nil {
		recordCaller(r.Context(), caller)
		if err := t.callers.Request(r.Context(), caller); err != nil {
			rejectCaller(w, r, t.logger, err)
			return
		}
	} else if s.waiting.Add(1) > maxWaiting {
		s.waiting.Add(-1)
		reject(http.StatusServiceUnavailable, codeStreamLimit, "too many connections wait for a caller to say who it is: "+
			"try again, or send the credential in a header").write(r.Context(), w, mediaTypeJSON)
		return
	}
	authenticated := sync.OnceFunc(func() {
		if caller == nil {
			s.waiting.Add(-1)
		}
	})
	end := func() {
		authenticated()
		s.connections.Add(-1)
	}
	if s.connections.Add(1) > int64(s.Max) {
		end()
		t.rejectStream(&subscription.LimitError{Max: s.Max}).write(r.Context(), w, mediaTypeJSON)
		return
	}
	if !s.beginSession() {
		end()
		t.rejectStream(subscription.ErrShutdown).write(r.Context(), w, mediaTypeJSON)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{webSocketProtocol}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		end()
		s.sessions.Done()
		return // the client has a response
	}
	// A goroutine of its own: the stack of one that has gone through all middleware is several times as large, and a
	// connection can wait for hours.
	go func() {
		defer s.sessions.Done()
		defer end()
		defer conn.CloseNow() //nolint:errcheck // it is closed in any case
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
		defer cancel()
		defer context.AfterFunc(s.ctx, cancel)()
		start := time.Now()
		c := &webSocketConn{ctx: ctx, t: t, conn: conn, request: r, caller: caller, authenticated: authenticated}
		c.serve(ctx, cancel)
		name := ""
		if c.caller != nil {
			name = c.caller.Name()
		}
		t.logger.LogAttrs(ctx, slog.LevelInfo, "a websocket was closed", slog.Duration("duration", time.Since(start)),
			slog.String("caller", name))
	}()
}

// isUnauthenticated reports whether the error says that a credential is missing or wrong.
func isUnauthenticated(err error) bool {
	var e *authz.Error
	return errors.As(err, &e) && e.Kind == authz.Unauthenticated
}

// credentialHeaders are the headers that authenticate a caller. The first message of a WebSocket can have them, too.
var credentialHeaders = []string{"Authorization", "X-Gateway-Router-Secret", "X-Gateway-Caller"}

func (*httpTransport) hasCredential(h http.Header) bool {
	return slices.ContainsFunc(credentialHeaders, func(name string) bool { return h.Get(name) != "" })
}

// webSocketConn is one connection.
type webSocketConn struct {
	t             *httpTransport
	conn          *websocket.Conn
	request       *http.Request
	caller        *authz.Caller // nil until it is authenticated
	authenticated func()        // called then

	session *session        // nil until connection_init
	ctx     context.Context //nolint:containedctx // of the connection: a write that ends with its context ends the connection
	closing atomic.Bool

	writing sync.Mutex // one message at a time

	running sync.WaitGroup // operations and pings

	mu         sync.Mutex
	operations map[string]context.CancelFunc // that run, by their ids
	heartbeat  *time.Timer                   // nil before and after watch
}

// message is a message of the protocol.
type message struct {
	Type    string          `json:"type"`
	ID      *string         `json:"id"`
	Payload json.RawMessage `json:"payload"`
}

// closeError is the close code with which a connection ends.
type closeError struct {
	code   websocket.StatusCode
	reason string
}

func (e *closeError) Error() string { return e.reason }

// serve reads messages until the connection ends.
func (c *webSocketConn) serve(ctx context.Context, cancel context.CancelFunc) {
	if c.conn.Subprotocol() != webSocketProtocol {
		_ = c.conn.Close(closeProtocol, "Subprotocol not acceptable")
		return
	}
	c.operations = make(map[string]context.CancelFunc)
	defer c.running.Wait()
	defer cancel()
	defer c.watch()()
	var end *closeError
	if err := c.init(ctx); err != nil {
		errors.As(err, &end)
	} else {
		c.conn.SetReadLimit(c.t.maxRequestBytes + maxMessageOverhead)
		for end == nil {
			m, err := c.read(ctx)
			if err == nil {
				err = c.handle(ctx, m)
			}
			if err != nil && !errors.As(err, &end) {
				return // the client has left, or the connection was closed
			}
		}
	}
	if end != nil {
		c.close(end)
	}
}

// close closes the connection. Operations that run send nothing any more.
func (c *webSocketConn) close(e *closeError) {
	if !c.closing.Swap(true) {
		_ = c.conn.Close(e.code, e.reason)
	}
}

// watch has the client pinged, and the connection closed when the gateway stops or when it has had its longest life, until
// stop is called. It needs no goroutine, because there can be many connections.
func (c *webSocketConn) watch() (stop func()) {
	life := time.AfterFunc(c.t.streams.Life, func() {
		c.close(&closeError{closeAgain, "the connection has had its longest life: connect again"})
	})
	forget := c.t.streams.onShutdown(func() {
		c.close(&closeError{closeAgain, "the gateway is shutting down: connect again"})
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heartbeat = time.AfterFunc(heartbeatInterval, c.ping)
	return func() {
		life.Stop()
		forget()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.heartbeat.Stop()
		c.heartbeat = nil
	}
}

// ping pings the client, and does so again after heartbeatInterval. A client that does not answer is disconnected.
func (c *webSocketConn) ping() {
	c.mu.Lock()
	watched := c.heartbeat != nil
	if watched {
		c.running.Add(1)
	}
	c.mu.Unlock()
	if !watched {
		return
	}
	defer c.running.Done()
	pong, cancel := context.WithTimeout(c.ctx, pingTimeout)
	defer cancel()
	if c.conn.Ping(pong) != nil {
		_ = c.conn.CloseNow()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heartbeat != nil {
		c.heartbeat.Reset(heartbeatInterval)
	}
}

// init waits for the message connection_init, authenticates the caller and acknowledges it.
func (c *webSocketConn) init(ctx context.Context) error {
	c.conn.SetReadLimit(maxInitBytes)
	timeout := time.AfterFunc(initTimeout, func() {
		c.close(&closeError{closeInitTimeout, "Connection initialisation timeout"})
	})
	defer timeout.Stop()
	for {
		m, err := c.read(ctx)
		if err != nil {
			return err
		}
		switch m.Type {
		case "connection_init":
			if !timeout.Stop() {
				return &closeError{closeInitTimeout, "Connection initialisation timeout"}
			}
			if err := c.authenticate(m.Payload); err != nil {
				return err
			}
			return c.write(`{"type":"connection_ack"}`)
		case "ping":
			err = c.pong(m.Payload)
		case "pong":
		case "subscribe", "complete":
			err = &closeError{closeNotReady, "Unauthorized"}
		default:
			err = &closeError{closeInvalid, "Invalid message: unknown type"}
		}
		if err != nil {
			return err
		}
	}
}

// authenticate authenticates the caller by the payload of connection_init, unless the headers of the upgrade have.
// Routers send headers as members of the payload, or of its member headers.
func (c *webSocketConn) authenticate(payload json.RawMessage) error {
	headers, err := headersIn(payload)
	if err != nil {
		return &closeError{closeInvalid, "Invalid message: the payload of connection_init must be an object"}
	}
	if c.caller == nil {
		c.request = c.request.Clone(context.WithoutCancel(c.request.Context()))
		for name, value := range headers {
			c.request.Header.Set(name, value)
		}
		caller, err := c.t.access.Authenticate(c.request)
		if err != nil {
			c.t.logger.LogAttrs(c.request.Context(), slog.LevelInfo, "request refused",
				slog.String("code", codeUnauthenticated), slog.String("error", err.Error()))
			var e *authz.Error
			if errors.As(err, &e) && e.Kind == authz.Unavailable {
				return &closeError{closeInternal, "the caller cannot be authenticated now: connect again"}
			}
			return &closeError{closeForbidden, "Forbidden"}
		}
		c.authenticated()
		c.caller = caller
		recordCaller(c.request.Context(), caller)
	}
	c.session = newSession(c.t.access, c.request, c.caller)
	return nil
}

// headersIn returns the credentials in the payload of connection_init.
func headersIn(payload json.RawMessage) (map[string]string, error) {
	found := make(map[string]string)
	if len(payload) == 0 || string(payload) == "null" {
		return found, nil
	}
	var members map[string]json.RawMessage
	if err := decodeJSON(payload, &members); err != nil {
		return nil, err
	}
	var add func(members map[string]json.RawMessage, nested bool)
	add = func(members map[string]json.RawMessage, nested bool) {
		for name, value := range members {
			var text string
			var inner map[string]json.RawMessage
			canonical := http.CanonicalHeaderKey(name)
			switch {
			case slices.Contains(credentialHeaders, canonical) && json.Unmarshal(value, &text) == nil:
				found[canonical] = text
			case !nested && strings.EqualFold(name, "headers") && json.Unmarshal(value, &inner) == nil:
				add(inner, true)
			}
		}
	}
	add(members, false)
	return found, nil
}

// read reads the next message.
func (c *webSocketConn) read(ctx context.Context) (*message, error) {
	kind, reader, err := c.conn.Reader(ctx)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	var m message
	// Two members of one name would be read in another way by something before the gateway.
	if kind != websocket.MessageText || !jsontext.Value(content).IsValid() || json.Unmarshal(content, &m) != nil {
		return nil, &closeError{closeInvalid, "Invalid message: it must be a JSON object of the protocol"}
	}
	return &m, nil
}

// handle handles a message after connection_init.
func (c *webSocketConn) handle(ctx context.Context, m *message) error {
	switch m.Type {
	case "connection_init":
		return &closeError{closeInitialized, "Too many initialisation requests"}
	case "ping":
		return c.pong(m.Payload)
	case "pong":
		return nil
	case "complete":
		if m.ID == nil {
			return &closeError{closeInvalid, "Invalid message: complete needs an id"}
		}
		c.mu.Lock()
		cancel := c.operations[*m.ID]
		delete(c.operations, *m.ID)
		c.mu.Unlock()
		if cancel != nil {
			cancel()
		}
		return nil
	case "subscribe":
		return c.subscribe(ctx, m)
	default:
		return &closeError{closeInvalid, "Invalid message: unknown type"}
	}
}

// subscribe starts an operation.
func (c *webSocketConn) subscribe(ctx context.Context, m *message) error {
	if m.ID == nil || *m.ID == "" || len(*m.ID) > maxOperationID || len(m.Payload) == 0 {
		return &closeError{closeInvalid, "Invalid message: subscribe needs an id and a payload"}
	}
	id := *m.ID
	if c.session.check() != nil {
		return &closeError{closeForbidden, closeReasonExpiry}
	}
	ctx, cancel := context.WithCancel(c.operationContext(ctx))
	c.mu.Lock()
	_, duplicate := c.operations[id]
	full := len(c.operations) >= c.t.streams.PerConnection
	if !duplicate && !full {
		c.operations[id] = cancel
	}
	c.mu.Unlock()
	switch {
	case duplicate:
		cancel()
		return &closeError{closeDuplicate, "Subscriber for " + printableID(id) + " already exists"}
	case full:
		defer cancel()
		rejected := reject(http.StatusTooManyRequests, codeStreamLimit, "this connection has as many operations as it may: "+
			"complete one of them").with("limit", c.t.streams.PerConnection).with("retryable", true)
		return c.writeError(ctx, id, rejected)
	}
	c.running.Go(func() {
		// The stack of an execution is much larger than that of a goroutine that waits for events, which can be many.
		e := c.begin(ctx, id, m.Payload)
		if e == nil {
			cancel()
			return
		}
		c.running.Go(func() {
			defer cancel()
			defer e.Close()
			if rejected := c.send(ctx, id, e); rejected != nil && c.forget(id) {
				_ = c.writeError(ctx, id, rejected)
			}
		})
	})
	return nil
}

// printableID returns an id as it may stand in the reason of a close frame, which has at most 123 bytes.
func printableID(id string) string {
	if !isPlainID(id) || len(id) > 64 {
		return "this id"
	}
	return id
}

// operationContext returns the context of an operation: it has the caller, the origin for the audit log, and what the
// log has of a request.
func (c *webSocketConn) operationContext(ctx context.Context) context.Context {
	if info := requestInfoFrom(ctx); info != nil {
		ctx = context.WithValue(ctx, requestInfoKey{}, &requestInfo{
			requestID: info.requestID, traceID: info.traceID, caller: c.caller.Name(),
		})
	}
	ctx = authz.WithCaller(ctx, c.caller)
	return audit.WithOrigin(ctx, originOf(c.request.WithContext(ctx), c.caller))
}

// forget removes an operation, and reports whether the client still waits for it.
func (c *webSocketConn) forget(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, waits := c.operations[id]
	delete(c.operations, id)
	return waits
}

// begin executes an operation and sends its result, or returns the events of a subscription.
func (c *webSocketConn) begin(ctx context.Context, id string, payload json.RawMessage) (e events) {
	defer func() {
		if p := recover(); p != nil {
			logPanic(ctx, c.t.logger, p, debug.Stack())
			c.close(&closeError{closeInternal, "internal server error"})
		}
	}()
	start := time.Now()
	e, rejected := c.execute(ctx, id, payload)
	if rejected != nil {
		c.t.countRejected(ctx, rejected, start)
		if c.forget(id) {
			_ = c.writeError(ctx, id, rejected)
		}
	}
	return e
}

func (c *webSocketConn) execute(ctx context.Context, id string, payload json.RawMessage) (events, *requestError) {
	op, rejected := c.operation(ctx, payload)
	if rejected != nil {
		return nil, rejected
	}
	switch op.document.Definition.Operation {
	case ast.Subscription:
		return c.t.subscribe(ctx, c.session, op)
	case ast.Mutation:
		return nil, reject(http.StatusBadRequest, codeBadRequest, "mutations are not executed here: send this operation by POST")
	case ast.Query:
	}
	x, err := c.t.execute(ctx, op, op.context)
	if err != nil {
		return nil, overloaded()
	}
	defer x.release()
	if x.response == nil {
		return nil, nil
	}
	if c.writeNext(id, streamBody(x.response)) == nil && c.forget(id) {
		_ = c.writeComplete(id)
	}
	return nil, nil
}

// operation returns the operation of a message.
func (c *webSocketConn) operation(ctx context.Context, payload json.RawMessage) (*operation, *requestError) {
	if err := c.t.callers.Request(ctx, c.caller); err != nil {
		return nil, c.t.rejectStream(err)
	}
	req, rejected := requestFromJSON(payload)
	if rejected == nil {
		rejected = req.complete(c.request.Header)
	}
	if rejected != nil {
		return nil, rejected
	}
	return c.t.check(ctx, req, mediaTypeJSON)
}

// send sends the events of a subscription. The error is that of a caller who has lost a right.
func (c *webSocketConn) send(ctx context.Context, id string, e events) *requestError {
	ended := c.t.streams.counts.begin(transportWebSocket)
	reason := endedByClient
	defer func() { ended(reason) }()
	for {
		event, err := e.Next(ctx, nil)
		switch {
		case err == nil:
			if err := c.writeNext(id, event.Body); err != nil {
				if ctx.Err() == nil {
					reason = endedByWrite
				}
				return nil
			}
		case errors.Is(err, subscription.ErrOver):
			if reason = endedByItself; c.forget(id) {
				_ = c.writeComplete(id)
			}
			return nil
		case ctx.Err() != nil:
			return nil
		default:
			reason = reasonOf(err)
			switch {
			case errors.Is(err, subscription.ErrExpired):
				c.close(&closeError{closeForbidden, closeReasonExpiry})
			case errors.Is(err, subscription.ErrLife):
				c.close(&closeError{closeAgain, "the stream has had its longest life: connect again"})
			case errors.Is(err, subscription.ErrShutdown):
				// watch has the connection closed.
			default:
				return c.t.rejectStream(err)
			}
			return nil
		}
	}
}

func (c *webSocketConn) writeNext(id string, body []byte) error {
	return c.write(`{"type":"next","id":`+string(jsonOf(id))+`,"payload":`, body, []byte("}"))
}

func (c *webSocketConn) writeComplete(id string) error {
	return c.write(`{"type":"complete","id":` + string(jsonOf(id)) + "}")
}

func (c *webSocketConn) writeError(ctx context.Context, id string, rejected *requestError) error {
	errs := jsonOf(rejected.completed(ctx))
	return c.write(`{"type":"error","id":`+string(jsonOf(id))+`,"payload":`, errs, []byte("}"))
}

// pong answers a ping with its payload.
func (c *webSocketConn) pong(payload json.RawMessage) error {
	if len(payload) == 0 {
		return c.write(`{"type":"pong"}`)
	}
	return c.write(`{"type":"pong","payload":`, payload, []byte("}"))
}

// write writes one message, whose pieces are not copied. A client that does not read is disconnected.
func (c *webSocketConn) write(begin string, rest ...[]byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.closing.Load() {
		return net.ErrClosed
	}
	ctx, cancel := context.WithTimeout(c.ctx, streamWriteTimeout)
	defer cancel()
	w, err := c.conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, begin)
	for _, piece := range rest {
		if err == nil {
			_, err = w.Write(piece)
		}
	}
	return errors.Join(err, w.Close())
}

// jsonOf returns the JSON of a text or of errors.
func jsonOf(v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return encoded
}
