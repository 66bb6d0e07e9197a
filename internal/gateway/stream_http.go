package gateway

import (
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/internal/subscription"
)

// streamWriter writes the events of a stream into the body of a response, each as one write, and flushes it.
type streamWriter struct {
	w      http.ResponseWriter
	flush  func() error
	format streamFraming
	buffer []byte
}

// streamFraming is how a format frames events. All append to a buffer.
type streamFraming struct {
	contentType string
	// begin is written with the header, and heartbeat when there is no event for a while.
	begin, heartbeat string
	// next frames an event, and over follows the last one.
	next func(buffer, body []byte) []byte
	over string
	// end is over for a stream that ends before the subscription is over; errors are why. It may be nil: then the body
	// ends, from which clients see that they are to subscribe again.
	end func(buffer, errors []byte) []byte
}

const (
	multipartBoundary = "graphql"
	multipartHead     = "Content-Type: application/json\r\n\r\n"
	// Each part ends with the delimiter of the next one, because some routers deliver a part only when they see that.
	multipartNext = "\r\n--" + multipartBoundary + "\r\n"
	multipartEnd  = "\r\n--" + multipartBoundary + "--\r\n"
)

var streamFramings = map[streamFormat]streamFraming{
	eventStream: {
		contentType: mediaTypeEventStream + "; charset=utf-8",
		begin:       ":\n\n", heartbeat: ":\n\n",
		next: func(buffer, body []byte) []byte {
			buffer = append(buffer, "event: next\ndata: "...)
			buffer = append(buffer, body...)
			return append(buffer, "\n\n"...)
		},
		// EventSource ignores an event without data.
		over: "event: complete\ndata:\n\n",
	},
	multipartStream: {
		contentType: mediaTypeMultipart + `;boundary="` + multipartBoundary + `";subscriptionSpec=` + multipartSpec,
		begin:       multipartNext, heartbeat: multipartHead + "{}" + multipartNext,
		next: func(buffer, body []byte) []byte {
			buffer = append(buffer, multipartHead+`{"payload":`...)
			buffer = append(buffer, body...)
			return append(buffer, "}"+multipartNext...)
		},
		over: multipartHead + "{}" + multipartEnd,
		end: func(buffer, errors []byte) []byte {
			buffer = append(buffer, multipartHead+`{"payload":null,"errors":`...)
			buffer = append(buffer, errors...)
			return append(buffer, "}"+multipartEnd...)
		},
	},
}

// newStreamWriter sends the header of a stream.
func newStreamWriter(w http.ResponseWriter, format streamFormat) (*streamWriter, error) {
	s := &streamWriter{w: w, flush: http.NewResponseController(w).Flush, format: streamFramings[format]}
	h := w.Header()
	h.Set("Content-Type", s.format.contentType)
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx
	w.WriteHeader(http.StatusOK)
	return s, s.text(s.format.begin)
}

// text sends a text of the format.
func (s *streamWriter) text(text string) error {
	return s.send(func(buffer, _ []byte) []byte { return append(buffer, text...) }, nil)
}

// send sends what frame makes of a body, as one write.
func (s *streamWriter) send(frame func(buffer, body []byte) []byte, body []byte) error {
	s.buffer = frame(s.buffer[:0], body)
	_, err := s.w.Write(s.buffer) //nolint:gosec // JSON, and its media type says so
	if cap(s.buffer) > maxPooledBody {
		s.buffer = nil // it would be held until the next event
	}
	if err != nil {
		return err
	}
	return s.flush()
}

// sendEvents sends events until the subscription is over, the stream ends or the client leaves.
func (t *httpTransport) sendEvents(w http.ResponseWriter, r *http.Request, format streamFormat, e events) {
	ctx := r.Context()
	ended := t.streams.counts.begin(streamTransports[format])
	reason := endedByClient
	defer func() { ended(reason) }()
	s, err := newStreamWriter(w, format)
	heartbeat := time.NewTicker(heartbeatInterval)
	defer heartbeat.Stop()
	for err == nil {
		var event subscription.Event
		event, err = e.Next(ctx, heartbeat.C)
		switch {
		case err == nil:
			err = s.send(s.format.next, event.Body)
		case errors.Is(err, subscription.ErrHeartbeat):
			err = s.text(s.format.heartbeat)
		case errors.Is(err, subscription.ErrOver):
			reason = endedByItself
			_ = s.text(s.format.over)
		case ctx.Err() != nil:
		default:
			reason = reasonOf(err)
			t.endStream(r, s, err)
		}
	}
}

// endStream tells a client why its stream ends before the subscription is over.
func (t *httpTransport) endStream(r *http.Request, s *streamWriter, err error) {
	why := t.endOf(r.Context(), err)
	switch {
	case isPassing(err) && s.format.end == nil:
	case s.format.end != nil:
		_ = s.send(s.format.end, jsonOf(why))
	default:
		// The caller has lost a right: the operation is over, and says so.
		if s.send(s.format.next, streamBody(&graphql.Response{Errors: why})) == nil {
			_ = s.text(s.format.over)
		}
	}
}

// isPassing reports whether a client can subscribe again after the end of its stream.
func isPassing(err error) bool {
	return errors.Is(err, subscription.ErrLife) || errors.Is(err, subscription.ErrShutdown) ||
		errors.Is(err, subscription.ErrExpired)
}

// answerAsStream sends the result of a query to a client that accepts streams alone.
func (t *httpTransport) answerAsStream(w http.ResponseWriter, r *http.Request, form responseForm, x executed) {
	body := streamBody(x.response)
	if int64(len(body)) > x.size.max && x.size.err == nil {
		x.size.err = errAnswerTooLarge
		body = streamBody(x.size.orTooLarge(r.Context(), x.response))
	}
	sendSingle(w, form.stream, body)
}

// rejectAsStream sends the errors of a request that is not executed: EventSource cannot read them from a response with
// another status than 200.
func (t *httpTransport) rejectAsStream(w http.ResponseWriter,
	r *http.Request, form responseForm, rejected *requestError) {
	sendSingle(w, form.stream, streamBody(&graphql.Response{Errors: rejected.completed(r.Context())}))
}

// sendSingle sends a stream of one event.
func sendSingle(w http.ResponseWriter, format streamFormat, body []byte) {
	s, err := newStreamWriter(w, format)
	if err == nil && s.send(s.format.next, body) == nil {
		_ = s.text(s.format.over)
	}
}
