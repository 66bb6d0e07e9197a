package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/execution"
	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/restore"
)

// errOperationTimeout is the cause of a context whose operation has taken too long.
var errOperationTimeout = errors.New("gateway: the operation took too long")

// Bounds on texts of Atlas in errors.
const (
	maxDetailBytes     = 2 << 10
	maxParametersBytes = 8 << 10
)

// errorPresenter turns every error of an operation into a GraphQL error, and logs what only the log may have.
type errorPresenter struct{ logger *slog.Logger }

func (p errorPresenter) present(ctx context.Context, err error) *gqlerror.Error {
	out := &gqlerror.Error{Path: graphql.GetPath(ctx), Extensions: map[string]any{}}
	var wrapped *gqlerror.Error
	if errors.As(err, &wrapped) {
		out.Locations = wrapped.Locations
		out.Path = execution.SentPath(ctx, wrapped.Path)
	}
	var input *model.InputError
	var fromAtlas *atlas.Error
	var panicked *flight.PanicError
	var unread *restore.UnreadError
	var ofCaller *authz.Error
	var tooLong *execution.LongListError
	var refused *actions.RefusedError
	var unknown *actions.OutcomeUnknownError
	if errors.As(err, &unread) {
		presentUnread(out, unread)
	}
	switch {
	case errors.As(err, &input):
		presentInput(ctx, out, input)
	case errors.As(err, &tooLong):
		out.Message = tooLong.Error()
		out.Extensions["limit"] = tooLong.Max
		setCode(out, codeAnswerLimit, false)
	case errors.Is(err, restore.ErrCallsSpent):
		out.Message = "the operation has made as many calls of Atlas as it may: more was to be read than could be " +
			"foreseen; ask for less at once, or name the clusters"
		setCode(out, codeCostLimit, false)
	case isTimeout(err, fromAtlas) && errors.Is(context.Cause(ctx), errOperationTimeout):
		out.Message = "the operation took too long"
		setCode(out, codeOperationTimeout, true)
	case errors.As(err, &refused):
		presentRefused(out, refused)
		p.logger.LogAttrs(ctx, slog.LevelInfo, "action refused", slog.String("refusal", string(refused.Refusal)),
			slog.String("error", refused.Error()))
	case errors.As(err, &unknown):
		presentUnknown(out, unknown)
		p.logger.LogAttrs(ctx, slog.LevelError, "the outcome of an action is unknown",
			slog.String("action", string(unknown.Action)), slog.String("error", unknown.Err.Error()))
	case errors.As(err, &ofCaller):
		presentCallerError(out, ofCaller)
	case errors.Is(err, restore.ErrPeopleWithheld):
		presentCallerError(out, &authz.Error{
			Kind: authz.Forbidden, Message: "names and addresses of people need the permission people:read",
		})
	case errors.Is(err, restore.ErrDownloadsWithheld):
		presentWithheld(out)
	case errors.As(err, &fromAtlas):
		p.presentAtlas(ctx, out, fromAtlas)
	case errors.Is(err, context.DeadlineExceeded):
		out.Message = "Atlas did not answer in time"
		setCode(out, codeUpstreamTimeout, true)
	case errors.Is(err, context.Canceled):
		out.Message = "the client left before the answer was there"
		setCode(out, codeUpstreamTimeout, true)
	case errors.As(err, &panicked):
		logPanic(ctx, p.logger, panicked.Value, panicked.Stack)
		presentInternal(out)
	case wrapped != nil && wrapped.Extensions["code"] != nil:
		// The parser, the validator or the transport has set the code.
		out.Message = wrapped.Message
		setCode(out, wrapped.Extensions["code"].(string), false)
	case isArgumentError(ctx, out.Path):
		// One of gqlgen's own scalars rejected a value.
		presentInput(ctx, out, &model.InputError{
			Scalar: "The value", Want: "what the argument's type says", Got: "got something else",
		})
	default:
		p.logger.LogAttrs(ctx, slog.LevelError, "internal error",
			slog.String("field", fieldOf(ctx)), slog.String("error", err.Error()))
		presentInternal(out)
	}
	if id := requestIDFrom(ctx); id != "" {
		out.Extensions["requestId"] = id
	}
	return boundError(ctx, out)
}

// presentUnread says which part of a list is missing.
func presentUnread(out *gqlerror.Error, unread *restore.UnreadError) {
	if unread.GroupID != "" {
		out.Extensions["groupId"] = unread.GroupID
	}
	if unread.ClusterName != "" {
		out.Extensions["clusterName"] = unread.ClusterName
	}
	if unread.API == restore.Collection {
		out.Extensions["servedBy"] = string(model.AtlasBackupAPICollection)
	}
}

// fieldOf returns the name of the field for the log, with the fields that it lies in, as the schema spells them: the
// path in the response has the client's aliases.
func fieldOf(ctx context.Context) string {
	var names []string
	for field := graphql.GetFieldContext(ctx); field != nil; field = field.Parent {
		if field.Field.Field != nil {
			names = append(names, field.Field.Name)
		}
	}
	slices.Reverse(names)
	return strings.Join(names, ".")
}

// isTimeout reports whether the error is that of a deadline or of a cancelled context.
func isTimeout(err error, fromAtlas *atlas.Error) bool {
	if fromAtlas != nil {
		return fromAtlas.Kind == atlas.KindTimeout || fromAtlas.Kind == atlas.KindCanceled
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func setCode(out *gqlerror.Error, code string, retryable bool) {
	out.Extensions["code"] = code
	out.Extensions["retryable"] = retryable
}

func presentInternal(out *gqlerror.Error) {
	out.Message = "internal server error"
	setCode(out, codeInternal, false)
}

// presentInput fills in the error of an argument. gqlgen puts the argument at the end of the path.
func presentInput(ctx context.Context, out *gqlerror.Error, input *model.InputError) {
	out.Message = input.Error()
	argument := input.Argument
	if argument == "" {
		out.Path, argument = cutArgument(ctx, out.Path)
	}
	if argument != "" {
		out.Message = "the argument " + argument + ": " + out.Message
		out.Extensions["argument"] = argument
	}
	setCode(out, codeBadUserInput, false)
}

// cutArgument removes the argument, and what lies in it, from the end of a path: in a response a path leads to a field.
// It returns the argument, or "" for a path without one.
func cutArgument(ctx context.Context, path ast.Path) (ast.Path, string) {
	field := graphql.GetFieldContext(ctx)
	if field == nil {
		return path, ""
	}
	n := len(field.Path())
	if n >= len(path) {
		return path, ""
	}
	if _, named := path[n].(ast.PathName); !named {
		return path, "" // an element of a list
	}
	return path[:n], path[n:].String()
}

func isArgumentError(ctx context.Context, path ast.Path) bool {
	_, argument := cutArgument(ctx, path)
	return argument != ""
}

// outcome is a row of the error table: the GraphQL error for a failure of Atlas, and the level of its log line.
type outcome struct {
	code      string
	message   string
	retryable bool
	level     slog.Level
}

// outcomeOf is the error table for errors of Atlas.
func outcomeOf(e *atlas.Error) outcome {
	switch e.Kind {
	case atlas.KindTimeout:
		return outcome{codeUpstreamTimeout, "Atlas did not answer in time", true, slog.LevelWarn}
	case atlas.KindCanceled:
		return outcome{codeUpstreamTimeout, "the client left before Atlas answered", true, slog.LevelDebug}
	case atlas.KindUnavailable:
		return outcome{codeUpstreamUnavailable, unavailable(e), true, slog.LevelWarn}
	case atlas.KindMalformed:
		if e.Status >= http.StatusInternalServerError {
			return outcome{codeUpstreamError, "Atlas, or something before it, failed", true, slog.LevelWarn}
		}
		return outcome{
			codeUpstreamError, "Atlas's answer cannot be understood", errors.Is(e, io.ErrUnexpectedEOF), slog.LevelWarn,
		}
	case atlas.KindCredential:
		return outcome{codeUpstreamUnauthenticated, "Atlas does not accept the gateway's credential", false, slog.LevelError}
	case atlas.KindBudget:
		return outcome{
			codeRateLimited, "the calls that Atlas allows this project are nearly spent, and the rest is kept back", true,
			slog.LevelWarn,
		}
	case atlas.KindAnswered:
	}
	switch e.Status {
	case http.StatusBadRequest:
		return outcome{codeBadRequest, "Atlas refused the request", false, slog.LevelInfo}
	case http.StatusUnauthorized:
		message := "Atlas does not accept the gateway's credential"
		if e.Project != "" {
			// Other projects may accept the credential.
			message += " for this project"
		}
		return outcome{codeUpstreamUnauthenticated, message, false, slog.LevelError}
	case http.StatusForbidden:
		what := "read this"
		if e.IsOfAction() {
			what = "for actions do this"
		}
		return outcome{codeUpstreamForbidden, "Atlas does not let the gateway's credential " + what, false, slog.LevelError}
	case http.StatusNotFound:
		return outcome{codeNotFound, "Atlas has no such resource", false, slog.LevelDebug}
	case http.StatusConflict:
		return outcome{codeConflict, "Atlas reports a conflict", false, slog.LevelInfo}
	case http.StatusGone:
		return outcome{codeGone, "Atlas has retired this API", false, slog.LevelWarn}
	case http.StatusTooManyRequests:
		return outcome{codeRateLimited, "Atlas's rate limit is reached", true, slog.LevelWarn}
	default:
		return outcome{codeUpstreamError, "Atlas failed", e.Status >= http.StatusInternalServerError, slog.LevelWarn}
	}
}

// unavailable says why a call was not answered, or not made.
func unavailable(e *atlas.Error) string {
	var breaker *atlas.BreakerError
	switch {
	case atlas.IsExhausted(e):
		return "the gateway cannot open a connection now; its log says what it has run out of"
	case !errors.As(e, &breaker):
		return "Atlas cannot be reached"
	case breaker.All:
		return "Atlas's API for " + breaker.EndpointSet +
			" is left alone because it failed for several projects, the last time with " + breaker.Cause
	case breaker.Project == "":
		return "Atlas's API for " + breaker.EndpointSet + " is left alone because it failed, the last time with " +
			breaker.Cause
	default:
		return "Atlas's API for " + breaker.EndpointSet +
			" is left alone for this project because it failed for it, the last time with " + breaker.Cause
	}
}

// outcomeFor returns the outcome for a caller. Where the credential is the caller's own token, the caller may know that
// Atlas rejected it.
func outcomeFor(c *authz.Caller, e *atlas.Error) outcome {
	o := outcomeOf(e)
	if c == nil || c.Method != authz.Passthrough {
		return o
	}
	switch o.code {
	case codeUpstreamUnauthenticated:
		message := "Atlas does not accept your access token"
		if e.Project != "" {
			message += " for this project"
		}
		return outcome{codeUnauthenticated, message, false, slog.LevelInfo}
	case codeUpstreamForbidden:
		return outcome{codeForbidden, "Atlas does not let you read this", false, slog.LevelInfo}
	}
	return o
}

func (p errorPresenter) presentAtlas(ctx context.Context, out *gqlerror.Error, e *atlas.Error) {
	o := outcomeFor(authz.CallerFrom(ctx), e)
	p.logger.LogAttrs(ctx, o.level, "atlas call failed",
		slog.String("field", fieldOf(ctx)), slog.String("code", o.code), slog.String("error", e.Error()))
	setCode(out, o.code, o.retryable)
	out.Message = o.message
	x := out.Extensions
	if detail := bounded(e.Detail, maxDetailBytes); detail != "" {
		out.Message += ": " + detail
		x["detail"] = detail
	}
	if name, ok := x["clusterName"].(string); ok {
		what := "the cluster "
		if x["servedBy"] != nil {
			what = "the collection restores of the cluster "
		}
		out.Message = what + name + " could not be read: " + out.Message
	}
	if e.ErrorCode != "" {
		x["errorCode"] = bounded(e.ErrorCode, maxDetailBytes)
	}
	if e.Status != 0 {
		x["status"] = e.Status
	}
	if e.Reason != "" {
		x["reason"] = bounded(e.Reason, maxDetailBytes)
	}
	if n := len(e.Parameters); n > 0 && n <= maxParametersBytes {
		x["parameters"] = e.Parameters
	}
	if fields := boundedFields(e.Fields); len(fields) > 0 {
		x["fields"] = fields
	}
	if len(e.RequiredRoles) > 0 {
		x["requiredRoles"] = e.RequiredRoles
		if o.code == codeUpstreamForbidden {
			out.Message += ": it needs the role " + strings.Join(e.RequiredRoles, " or ") + " in the project"
		}
	}
	if e.RetryAfter > 0 {
		x["retryAfterSeconds"] = int(math.Ceil(e.RetryAfter.Seconds()))
	}
}

// boundedFields returns the first fields, up to maxParametersBytes of texts.
func boundedFields(fields []atlas.FieldError) []atlas.FieldError {
	left := maxParametersBytes
	for i, f := range fields {
		if left -= len(f.Field) + len(f.Description); left < 0 {
			return fields[:i]
		}
	}
	return fields
}

// bounded returns at most the first n bytes of s, cut between characters.
func bounded(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
