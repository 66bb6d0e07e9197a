package app

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/httpserver"
	"atlas-restore-gateway/internal/telemetry"
)

const (
	// maxLevelBytes bounds the body that names a log level.
	maxLevelBytes = 64
	// maxPathBytes is how many bytes of a path are logged.
	maxPathBytes = 64
)

// debugHandler answers GET and PUT /debug/log-level and, with --admin-debug, GET /debug/config and /debug/pprof/, all to
// the clients that access allows. Each request is logged.
func debugHandler(cfg *config.Config, access authn.AdminAccess, level *logLevel, logger *slog.Logger) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /debug/log-level", func(w http.ResponseWriter, _ *http.Request) { writeLevel(w, level.Level()) })
	routes.HandleFunc("PUT /debug/log-level", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLevelBytes))
		next, known := levels[strings.TrimSpace(string(body))]
		if err != nil || !known {
			http.Error(w, "the body must be debug, info, warn or error", http.StatusBadRequest)
			return
		}
		level.change(func(slog.Level) slog.Level { return next }, logger, slog.String("remote", r.RemoteAddr))
		writeLevel(w, next)
	})
	if cfg.AdminDebug {
		routes.HandleFunc("GET /debug/config", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			out := json.NewEncoder(w)
			out.SetIndent("", "  ")
			answer := configAnswer{buildAnswer(telemetry.CurrentBuild()), cfg.Settings(), cfg.SecretVariables()}
			if err := out.Encode(answer); err != nil {
				logger.LogAttrs(r.Context(), slog.LevelDebug, "the client left", slog.String("error", err.Error()))
			}
		})
		routes.Handle("/debug/pprof/", httpserver.Profiles())
	} else {
		off := func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "profiles and settings are served with --admin-debug alone", http.StatusNotFound)
		}
		routes.HandleFunc("/debug/config", off)
		routes.HandleFunc("/debug/pprof/", off)
	}
	return withAccess(access, routes, logger)
}

// configAnswer is the answer of /debug/config.
type configAnswer struct {
	Build    buildAnswer             `json:"build"`
	Settings []config.Setting        `json:"settings"`
	Secrets  []config.SecretVariable `json:"secrets"`
}

// buildAnswer is telemetry.Build as JSON.
type buildAnswer struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
}

func writeLevel(w http.ResponseWriter, l slog.Level) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, levelName(l)+"\n")
}

// withAccess answers 401 and 403 to the clients that access rejects.
func withAccess(access authn.AdminAccess, next http.Handler, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		attrs := []slog.Attr{
			slog.String("remote", r.RemoteAddr), slog.String("method", r.Method),
			slog.String("path", r.URL.Path[:min(len(r.URL.Path), maxPathBytes)]),
		}
		if err := access.Check(r); err != nil {
			status, message := http.StatusForbidden, err.Error()
			var rejected *authz.Error
			if errors.As(err, &rejected) {
				message = rejected.Message
				if rejected.Kind == authz.Unauthenticated {
					status = http.StatusUnauthorized
					w.Header().Set("WWW-Authenticate", rejected.Challenge)
				}
			}
			logger.LogAttrs(r.Context(), slog.LevelWarn, "a request to debug was rejected",
				append(attrs, slog.String("error", err.Error()))...)
			http.Error(w, message, status)
			return
		}
		logger.LogAttrs(r.Context(), slog.LevelInfo, "a request to debug", attrs...)
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
