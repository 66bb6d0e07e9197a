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

// LogHandler adds the ids of the request and of its trace to every record that is logged with the request's context, in
// whatever package.
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

// maxLoggedPath is how many bytes of a path are logged.
const maxLoggedPath = 256

// maxLoggedName is how many bytes of an operation's name are logged.
const maxLoggedName = 64

// idInName matches ids, hashes and keys, which some clients put into the names of operations.
var idInName = regexp.MustCompile(`[0-9A-Fa-f]{24,}|[0-9]{9,}`)

// loggedName returns the name of an operation for the log. GraphQL allows letters, digits and underscores; ids are
// replaced, so that one client has few names.
func loggedName(name string) string {
	if len(name) > 4*maxLoggedName {
		name = name[:4*maxLoggedName] // the search below takes time for each byte
	}
	if !strings.ContainsAny(name, "0123456789") {
		return bounded(name, maxLoggedName) // most names; the search costs more than the log line
	}
	return bounded(idInName.ReplaceAllLiteralString(name, "…"), maxLoggedName)
}

// accessLog is middleware that logs one line for each request, with the caller where it is known. The URL's query is
// left out: a GET has variables there.
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

// logRequest passes the line to the handler itself: a logger would look up its caller on the stack, which no line has.
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
		// The client has disconnected. The status is the one that was not sent.
		line.AddAttrs(slog.Bool("abandoned", true))
	}
	_ = h.Handle(ctx, line)
}

// addTo adds what handlers below the access log have recorded.
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

// recoverPanics is middleware that answers a panic outside of resolvers. gqlgen recovers panics of resolvers.
func recoverPanics(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer recoverAndRespond(w, r, logger)
			next.ServeHTTP(w, r)
		})
	}
}

// recoverAndRespond is deferred: it logs a panic and sends an error.
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
