package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/httpclient"
	"atlas-restore-gateway/internal/subscription"
)

// callback is where a router wants the events of a subscription, by the HTTP callback protocol
// (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol).
type callback struct {
	url          *url.URL
	subscription string
	verifier     string
	heartbeat    time.Duration // 0: none
}

const (
	callbackHeader   = "Subscription-Protocol"
	callbackProtocol = "callback/1.0"
	callbackTimeout  = 5 * time.Second
	// callbackAttempts is how often an event is sent when the router cannot be reached, and callbackPause the time before
	// the second attempt.
	callbackAttempts = 3
	callbackPause    = time.Second
	// minCallbackHeartbeat bounds the heartbeats that a router can ask for.
	minCallbackHeartbeat = time.Second
	maxCallbackText      = 2 << 10
)

// callbackOf reads the extension subscription of a request. It returns nil where there is none.
func callbackOf(extensions map[string]any) (*callback, *requestError) {
	raw, some := extensions["subscription"]
	if !some || raw == nil {
		return nil, nil
	}
	extension, _ := raw.(map[string]any)
	c := &callback{}
	address, _ := extension["callbackUrl"].(string)
	c.subscription, _ = extension["subscriptionId"].(string)
	c.verifier, _ = extension["verifier"].(string)
	number, _ := extension["heartbeatIntervalMs"].(json.Number)
	heartbeat, err := number.Int64()
	parsed, urlErr := url.Parse(address)
	if number == "" {
		heartbeat, err = 0, nil
	}
	if err != nil || urlErr != nil || c.subscription == "" || c.verifier == "" || heartbeat < 0 ||
		len(address)+len(c.subscription)+len(c.verifier) > maxCallbackText {
		return nil, badRequest(`the extension "subscription" must have the strings "callbackUrl", "subscriptionId" and ` +
			`"verifier", and "heartbeatIntervalMs" from 0`)
	}
	c.url = parsed
	if heartbeat > 0 {
		c.heartbeat = max(min(time.Duration(heartbeat)*time.Millisecond, time.Hour), minCallbackHeartbeat)
	}
	return c, nil
}

// newCallbackClient returns the client for callbacks. It follows no redirect: the origin was allowed, and no other.
func newCallbackClient() *http.Client {
	return &http.Client{
		Transport:     httpclient.NewTransport(callbackTimeout, nil),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       callbackTimeout,
	}
}

var (
	errCallbackOrigin  = errors.New("gateway: the origin of the callback URL is not allowed")
	errCallbackEnded   = errors.New("gateway: the router does not want the subscription any more")
	errCallbackRefused = errors.New("gateway: the router did not accept a callback")
)

// callbackMessage is the body of a callback.
type callbackMessage struct {
	Kind     string          `json:"kind"`
	Action   string          `json:"action"`
	ID       string          `json:"id"`
	Verifier string          `json:"verifier"`
	Payload  json.RawMessage `json:"payload,omitempty"`
	Errors   gqlerror.List   `json:"errors,omitempty"`
}

// call sends a message to the router. Errors hold neither the URL nor the verifier.
func (s *streams) call(ctx context.Context, c *callback, action string, payload []byte, errs gqlerror.List) error {
	if !isOneOf(c.url, s.CallbackOrigins) {
		return errCallbackOrigin
	}
	body := jsonOf(callbackMessage{
		Kind: "subscription", Action: action, ID: c.subscription, Verifier: c.verifier, Payload: payload, Errors: errs,
	})
	// The operator has allowed the origin.
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(body)) //nolint:gosec // allowed
	if err != nil {
		return errCallbackOrigin
	}
	r.Header.Set("Content-Type", mediaTypeJSON)
	r.Header.Set(callbackHeader, callbackProtocol)
	res, err := s.callback.Do(r) //nolint:gosec // allowed
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err // its text has the URL
		}
		return err
	}
	_, _ = io.CopyN(io.Discard, res.Body, maxCallbackText)
	_ = res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return errCallbackEnded
	case res.StatusCode < http.StatusOK || res.StatusCode >= http.StatusMultipleChoices:
		return errCallbackRefused
	default:
		return nil
	}
}

// isOneOf reports whether a URL is of one of the origins.
func isOneOf(u *url.URL, origins []string) bool {
	return u.User == nil && slices.Contains(origins, u.Scheme+"://"+u.Host)
}

// deliver is call, again where the router cannot be reached or fails.
func (s *streams) deliver(ctx context.Context, c *callback, action string, payload []byte, errs gqlerror.List) error {
	pause := callbackPause
	for attempt := 1; ; attempt++ {
		err := s.call(ctx, c, action, payload, errs)
		if err == nil || errors.Is(err, errCallbackEnded) || errors.Is(err, errCallbackOrigin) ||
			attempt == callbackAttempts || ctx.Err() != nil {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
		pause *= 2
	}
}

// subscribeByCallback begins a subscription whose events are sent to the router.
func (t *httpTransport) subscribeByCallback(w http.ResponseWriter,
	r *http.Request, caller *session, op *operation) *requestError {
	s, c := t.streams, op.callback
	switch {
	case s == nil || len(s.CallbackOrigins) == 0:
		return badRequest("this gateway sends no callbacks: its operator can allow them with --callback-origins")
	case !isOneOf(c.url, s.CallbackOrigins):
		return reject(http.StatusForbidden, codeForbidden, "this gateway sends no callbacks to the origin of the callbackUrl: "+
			"its operator can allow it with --callback-origins")
	case !s.beginSession():
		return t.rejectStream(subscription.ErrShutdown)
	}
	// The stream outlives the request.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	if info := requestInfoFrom(ctx); info != nil {
		own := *info
		ctx = context.WithValue(ctx, requestInfoKey{}, &own)
	}
	stop := context.AfterFunc(s.ctx, cancel)
	done := func() {
		stop()
		cancel()
		s.sessions.Done()
	}
	e, rejected := t.subscribe(ctx, caller, op)
	if rejected != nil {
		done()
		return rejected
	}
	if err := s.call(r.Context(), c, "check", nil, nil); err != nil {
		e.Close()
		done()
		t.logger.LogAttrs(r.Context(), slog.LevelWarn, "a callback failed", slog.String("error", err.Error()))
		return reject(http.StatusBadGateway, codeUpstreamError, "the callbackUrl did not accept the subscription")
	}
	go func() {
		defer done()
		defer e.Close()
		t.sendCallbacks(ctx, c, e)
	}()
	w.Header().Set(callbackHeader, callbackProtocol)
	writeResponse(w, mediaTypeJSON, http.StatusOK, &graphql.Response{Data: json.RawMessage("null")})
	return nil
}

// sendCallbacks sends events, one after the other, until the subscription is over or the router wants no more.
func (t *httpTransport) sendCallbacks(ctx context.Context, c *callback, e events) {
	s := t.streams
	ended := s.counts.begin(transportCallback)
	reason := endedByClient
	defer func() { ended(reason) }()
	var heartbeat <-chan time.Time
	if c.heartbeat > 0 {
		// Earlier than the router wants it, because some routers end a subscription at that moment.
		ticker := time.NewTicker(c.heartbeat * 9 / 10)
		defer ticker.Stop()
		heartbeat = ticker.C
	}
	for {
		event, err := e.Next(ctx, heartbeat)
		switch {
		case err == nil:
			err = s.deliver(ctx, c, "next", event.Body, nil)
		case errors.Is(err, subscription.ErrHeartbeat):
			err = s.deliver(ctx, c, "check", nil, nil)
		case errors.Is(err, subscription.ErrOver):
			reason = endedByItself
			_ = s.deliver(ctx, c, "complete", nil, nil)
			return
		case ctx.Err() != nil:
			reason = endedByShutdown
			return
		default:
			reason = reasonOf(err)
			_ = s.deliver(ctx, c, "complete", nil, t.endOf(ctx, err))
			return
		}
		if err != nil {
			if !errors.Is(err, errCallbackEnded) {
				reason = endedByWrite
				t.logger.LogAttrs(ctx, slog.LevelWarn, "a callback failed", slog.String("error", err.Error()))
			}
			return
		}
	}
}
