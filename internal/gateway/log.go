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
	if id := requestIDOf(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if id := traceIDOf(ctx); id != "" {
		r.AddAttrs(slog.String("trace_id", id))
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
			found := &notes{}
			defer func() {
				level := slog.LevelInfo
				if r.URL.Path == "/health/live" || r.URL.Path == "/health/ready" {
					level = slog.LevelDebug
				}
				attrs := []slog.Attr{
					slog.String("method", r.Method),
					slog.String("path", bounded(r.URL.Path, maxLoggedPath)),
					slog.Int("status", ww.Status()),
					slog.Int("bytes", ww.BytesWritten()),
					slog.Duration("duration", time.Since(start)),
					slog.String("remote", r.RemoteAddr),
				}
				if found.caller != "" {
					attrs = append(attrs, slog.String("caller", found.caller))
				}
				if r.Context().Err() != nil {
					// The status is what would have been sent.
					attrs = append(attrs, slog.Bool("abandoned", true))
				}
				logger.LogAttrs(r.Context(), level, "request", attrs...)
			}()
			next.ServeHTTP(ww, r.WithContext(context.WithValue(r.Context(), notesKey{}, found)))
		})
	}
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
