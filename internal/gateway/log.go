package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
)

// LogHandler adds the request's id, and that of the caller's trace, to every record that
// is logged with the request's context, in whatever room.
func LogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if x := requestInfoFrom(ctx); x != nil {
		r.AddAttrs(slog.String("request_id", x.requestID))
		if x.traceID != "" {
			r.AddAttrs(slog.String("trace_id", x.traceID))
		}
	}
	return h.Handler.Handle(ctx, r)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }

// maxLoggedPath bounds what of a path stands in the log.
const maxLoggedPath = 256

// maxLoggedName bounds what of an operation's name stands in the log.
const maxLoggedName = 64

// idInName is what an operation's name should not hold and some clients put there: an id of Atlas, a hash or a key.
var idInName = regexp.MustCompile(`[0-9A-Fa-f]{24,}|[0-9]{9,}`)

// loggedName is the name of an operation as it may be logged. GraphQL leaves it letters, digits and underscores; ids are
// taken out, so that the names of one client are few.
func loggedName(name string) string {
	if len(name) > 4*maxLoggedName {
		name = name[:4*maxLoggedName] // before the search, which looks at all of it
	}
	if !strings.ContainsAny(name, "0123456789") {
		return bounded(name, maxLoggedName) // most names: the search would cost more than the line
	}
	return bounded(idInName.ReplaceAllLiteralString(name, "…"), maxLoggedName)
}

// accessLog writes one line per request, with the caller where one was found out. The
// query is left out: a GET carries variables there.
func accessLog(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			defer func() { logRequest(logger.Handler(), r, ww, start) }()
			next.ServeHTTP(ww, r)
		})
	}
}

// logRequest writes the line of a request to the handler itself: the logger would look up
// on the stack where it was called, which is in no line.
func logRequest(h slog.Handler, r *http.Request, w middleware.WrapResponseWriter, start time.Time) {
	ctx, level := r.Context(), slog.LevelInfo
	if r.URL.Path == "/health/live" || r.URL.Path == "/health/ready" {
		level = slog.LevelDebug
	}
	if !h.Enabled(ctx, level) {
		return
	}
	end := time.Now()
	line := slog.NewRecord(end, level, "request", 0)
	line.AddAttrs(
		slog.String("method", r.Method),
		slog.String("path", bounded(r.URL.Path, maxLoggedPath)),
		slog.Int("status", w.Status()),
		slog.Int("bytes", w.BytesWritten()),
		slog.Duration("duration", end.Sub(start)),
		slog.String("remote", r.RemoteAddr),
	)
	if x := requestInfoFrom(ctx); x != nil {
		x.addTo(&line)
	}
	if ctx.Err() != nil {
		// The status is what would have been sent.
		line.AddAttrs(slog.Bool("abandoned", true))
	}
	_ = h.Handle(ctx, line)
}

// describe adds what came to be known of the request below the access log.
func (x *requestInfo) addTo(line *slog.Record) {
	if x.caller != "" {
		line.AddAttrs(slog.String("caller", x.caller))
	}
	if x.operation != "" {
		line.AddAttrs(slog.String("operation", x.operation))
	}
	if len(x.codes) > 0 {
		line.AddAttrs(slog.Any("codes", x.codes))
	}
	if x.executed {
		line.AddAttrs(slog.Int("calls", x.calls))
	}
}

// recoverPanics answers a panic outside of GraphQL's resolvers, which gqlgen
// guards itself.
func recoverPanics(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer recoverAndRespond(w, r, logger)
			next.ServeHTTP(w, r)
		})
	}
}

// recovered is deferred: it logs a panic and answers in its place.
func recoverAndRespond(w http.ResponseWriter, r *http.Request, logger *slog.Logger) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal of net/http
		panic(p)
	}
	logPanic(r.Context(), logger, p, debug.Stack())
	reject(http.StatusInternalServerError, codeInternal, "internal server error").write(r.Context(), w, errorMediaType(r))
}

func logPanic(ctx context.Context, logger *slog.Logger, p any, stack []byte) {
	logger.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(stack)))
}
