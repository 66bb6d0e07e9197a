package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"atlas-restore-gateway/internal/authz"
)

// Paths of what the pages read beside /graphql.
const (
	callerPath           = "/caller"
	playgroundSchemaPath = "/playground/schema"
)

// addPages adds the routes of the pages that are served. checked is the middleware of /graphql, for what the pages read
// in the name of their user.
func addPages(r chi.Router, c Config, checked ...func(http.Handler) http.Handler) {
	pages := r.With(c.Access.checkHost(c.Logger))
	if c.Playground == nil {
		handleGet(pages, "/", root)
	} else {
		pages.Handle("/", c.Playground)
		pages.Handle("/playground/*", c.Playground)
		if c.PlaygroundSchema != nil {
			r.With(checked...).Method(http.MethodGet, playgroundSchemaPath, c.PlaygroundSchema)
		}
	}
	if c.Dashboard != nil {
		pages.Handle("/dashboard", c.Dashboard)
		pages.Handle("/dashboard/*", c.Dashboard)
	}
	if c.Playground != nil || c.Dashboard != nil {
		r.With(checked...).Get(callerPath, callerInfo)
	}
}

// callerInfo answers as whom the request was authenticated, and until when that holds.
func callerInfo(w http.ResponseWriter, r *http.Request) {
	caller := authz.CallerFrom(r.Context())
	info := struct {
		Name    string       `json:"name"`
		Method  authz.Method `json:"method"`
		Expires *time.Time   `json:"expires"` // null where it is not known
	}{Name: caller.Name(), Method: caller.Method}
	if !caller.Expires.IsZero() {
		expires := caller.Expires.UTC().Truncate(time.Second)
		info.Expires = &expires
	}
	body, err := json.Marshal(info)
	if err != nil {
		reject(http.StatusInternalServerError, codeInternal, "internal server error").write(r.Context(), w, mediaTypeJSON)
		return
	}
	w.Header().Set("Content-Type", mediaTypeJSON)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body)
}

// browsersToPlayground is middleware that sends a browser that opens /graphql, without an operation, to the playground.
func browsersToPlayground(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isRead(r.Method) || r.URL.RawQuery != "" || !strings.Contains(r.Header.Get("Accept"), "text/html") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Add("Vary", "Accept")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Location", "./") // below the path of a proxy, too
		w.WriteHeader(http.StatusSeeOther)
	})
}
