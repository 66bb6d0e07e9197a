package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5/middleware"
)

// LogHandler adds the request's id, and that of the caller's trace, to every record that
// is logged with the request's context, in whatever room.
func LogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if x := exchangeOf(ctx); x != nil {
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
	if x := exchangeOf(ctx); x != nil && x.caller != "" {
		line.AddAttrs(slog.String("caller", x.caller))
	}
	if ctx.Err() != nil {
		// The status is what would have been sent.
		line.AddAttrs(slog.Bool("abandoned", true))
	}
	_ = h.Handle(ctx, line)
}

// recoverPanics answers a panic outside of GraphQL's resolvers, which gqlgen
// guards itself.
func recoverPanics(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer recovered(w, r, logger)
			next.ServeHTTP(w, r)
		})
	}
}

// recovered is deferred: it logs a panic and answers in its place.
func recovered(w http.ResponseWriter, r *http.Request, logger *slog.Logger) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal of net/http
		panic(p)
	}
	logPanic(r.Context(), logger, p, debug.Stack())
	refuse(http.StatusInternalServerError, codeInternal, "internal server error").write(r.Context(), w, acceptable(r))
}

func logPanic(ctx context.Context, logger *slog.Logger, p any, stack []byte) {
	logger.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(stack)))
}
