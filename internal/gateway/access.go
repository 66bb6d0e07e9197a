package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

// Access is how requests are authenticated and authorized. Everything but Limits and CheckHost is required.
type Access struct {
	// Authenticate returns the caller who sent a request. Its errors are *authz.Error.
	Authenticate func(*http.Request) (*authz.Caller, error)
	// CheckHost returns an *authz.Error for a request with a Host under which the pages are not served; nil serves them
	// under every name.
	CheckHost func(*http.Request) error
	Policy    *authz.PolicyFile
	// Limits bound the requests and Atlas calls of one caller; nil is no limit.
	Limits *authz.RateLimiter
	Audit  *audit.Log
}

// AllowAll returns an Access without authentication, in which every caller may see everything. Reads of downloads are
// written to w.
func AllowAll(w io.Writer) *Access {
	return &Access{
		Authenticate: func(*http.Request) (*authz.Caller, error) { return authz.Anonymous(), nil },
		Policy:       authz.StaticPolicy(authz.AllowAll()),
		Audit:        audit.New(w),
	}
}

func (a *Access) check() error {
	if a == nil || a.Authenticate == nil || a.Policy == nil || a.Audit == nil {
		return errors.New("gateway: Access is required: who may call, and what they may see")
	}
	return nil
}

// authenticate is middleware that passes on requests of known callers within their limits, with the caller in the
// context. It rejects others before anything of the request is read.
func (a *Access) authenticate(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A response depends on the caller, and on the media types that the client accepts.
			w.Header().Add("Vary", "Authorization, Accept")
			caller, err := a.Authenticate(r)
			if err == nil {
				recordCaller(r.Context(), caller)
				err = a.Limits.Request(r.Context(), caller)
			}
			if err != nil {
				rejectCaller(w, r, logger, err)
				return
			}
			ctx := audit.WithOrigin(authz.WithCaller(r.Context(), caller), originOf(r, caller))
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// checkHost is middleware that serves next under the hosts that CheckHost accepts. It rejects others in plain text,
// because a person reads it.
func (a *Access) checkHost(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if a.CheckHost == nil {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := a.CheckHost(r); err != nil {
				logger.LogAttrs(r.Context(), slog.LevelInfo, "request refused", slog.String("code", codeForbidden),
					slog.String("error", err.Error()))
				writeText(w, http.StatusForbidden, err.Error()+"\n")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// originOf returns the origin of a request for the audit log. X-Forwarded-For counts only when an authenticated router
// has sent it.
func originOf(r *http.Request, c *authz.Caller) audit.Origin {
	o := audit.Origin{Remote: r.RemoteAddr, RequestID: requestIDFrom(r.Context())}
	if c.Router != "" {
		o.ForwardedFor = strings.Join(r.Header.Values("X-Forwarded-For"), ", ")
	}
	return o
}

// callerErrors are the rows of the error table that are about the caller.
var callerErrors = map[authz.Kind]struct {
	status    int
	code      string
	retryable bool
}{
	authz.Unauthenticated: {http.StatusUnauthorized, codeUnauthenticated, false},
	authz.Forbidden:       {http.StatusForbidden, codeForbidden, false},
	authz.RateLimited:     {http.StatusTooManyRequests, codeRateLimited, true},
	authz.Unavailable:     {http.StatusServiceUnavailable, codeUpstreamUnavailable, true},
}

// rejectCaller answers a request that failed authentication or a limit. The log has the reason, which holds nothing
// secret.
func rejectCaller(w http.ResponseWriter, r *http.Request, logger *slog.Logger, err error) {
	var e *authz.Error
	if !errors.As(err, &e) {
		logger.LogAttrs(r.Context(), slog.LevelError, "internal error", slog.String("error", err.Error()))
		reject(http.StatusInternalServerError, codeInternal, "internal server error").write(r.Context(), w, errorMediaType(r))
		return
	}
	row := callerErrors[e.Kind]
	logger.LogAttrs(r.Context(), slog.LevelInfo, "request refused", slog.String("code", row.code),
		slog.String("error", err.Error()))
	if e.Challenge != "" {
		w.Header().Set("WWW-Authenticate", e.Challenge)
	}
	if s := retryAfterSeconds(e); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	rejectedCaller(e).write(r.Context(), w, errorMediaType(r))
}

// rejectedCaller returns the response to a request of a caller who may not make it.
func rejectedCaller(e *authz.Error) *requestError {
	row := callerErrors[e.Kind]
	rejected := reject(row.status, row.code, e.Message)
	presentCallerError(rejected.errors[0], e)
	return rejected
}

func retryAfterSeconds(e *authz.Error) int { return int(math.Ceil(e.RetryAfter.Seconds())) }

// presentCallerError fills in the GraphQL error of an error about the caller.
func presentCallerError(out *gqlerror.Error, e *authz.Error) {
	row := callerErrors[e.Kind]
	out.Message = e.Message
	setCode(out, row.code, row.retryable)
	if s := retryAfterSeconds(e); s > 0 {
		out.Extensions["retryAfterSeconds"] = s
	}
}

// presentWithheld fills in the GraphQL error of a download URL that the caller may not read.
func presentWithheld(out *gqlerror.Error) {
	presentCallerError(out, &authz.Error{
		Kind: authz.Forbidden, Message: "download URLs need the permission downloads:read",
	})
}

// audit writes to the audit log that the caller reads a download URL.
func (a *Access) audit(ctx context.Context, job restore.Key, field string) error {
	if isProbe(ctx) {
		return nil
	}
	return a.Audit.Record(ctx, audit.Download{
		GroupID: job.GroupID, ClusterName: job.ClusterName, JobID: job.JobID, Field: field,
	})
}
