package gateway

// The codes that stand in extensions.code. Together with gqlgen's
// GRAPHQL_PARSE_FAILED and GRAPHQL_VALIDATION_FAILED these are all.
const (
	codeBadUserInput            = "BAD_USER_INPUT"
	codeBadRequest              = "BAD_REQUEST"
	codeBodyLimit               = "BODY_LIMIT_EXCEEDED"
	codeTokenLimit              = "TOKEN_LIMIT_EXCEEDED" //nolint:gosec // of lexical tokens
	codeDepthLimit              = "DEPTH_LIMIT_EXCEEDED"
	codeAliasLimit              = "ALIAS_LIMIT_EXCEEDED"
	codeRootFieldLimit          = "ROOT_FIELD_LIMIT_EXCEEDED"
	codeDirectiveLimit          = "DIRECTIVE_LIMIT_EXCEEDED"
	codeListLimit               = "LIST_LIMIT_EXCEEDED"
	codeCostLimit               = "COST_LIMIT_EXCEEDED"
	codeAnswerLimit             = "ANSWER_LIMIT_EXCEEDED"
	codeAnswerBytesLimit        = "ANSWER_BYTES_LIMIT_EXCEEDED"
	codeRepetitionLimit         = "REPETITION_LIMIT_EXCEEDED"
	codeOperationTimeout        = "OPERATION_TIMEOUT"
	codeIntrospectionDisabled   = "INTROSPECTION_DISABLED"
	codePersistedNotFound       = "PERSISTED_QUERY_NOT_FOUND"
	codePersistedNotSupported   = "PERSISTED_QUERY_NOT_SUPPORTED"
	codeNotTrusted              = "DOCUMENT_NOT_TRUSTED"
	codeCrossSite               = "CROSS_SITE_REQUEST"
	codeUnauthenticated         = "UNAUTHENTICATED"
	codeForbidden               = "FORBIDDEN"
	codeNotFound                = "NOT_FOUND"
	codeConflict                = "CONFLICT"
	codeGone                    = "GONE"
	codeUpstreamUnauthenticated = "UPSTREAM_UNAUTHENTICATED"
	codeUpstreamForbidden       = "UPSTREAM_FORBIDDEN"
	codeRateLimited             = "RATE_LIMITED"
	codeUpstreamError           = "UPSTREAM_ERROR"
	codeUpstreamTimeout         = "UPSTREAM_TIMEOUT"
	codeUpstreamUnavailable     = "UPSTREAM_UNAVAILABLE"
	codeOverloaded              = "OVERLOADED"
	codeInternal                = "INTERNAL_SERVER_ERROR"
)
