package gateway

import (
	"context"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/resolvers"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// newGraphQL is the handler of /graphql: gqlgen with the transports of http.go.
func newGraphQL(c Config) http.Handler {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: &resolvers.Resolver{}})
	srv := handler.New(schema)
	srv.AddTransport(httpTransport{maxRequestBytes: c.MaxRequestBytes, bodyTimeout: c.BodyTimeout})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	srv.Use(extension.Introspection{})
	srv.Use(newFederation(schema.Schema()))
	srv.SetErrorPresenter(presenter{logger: c.Logger}.present)
	srv.SetRecoverFunc(func(_ context.Context, p any) error {
		return &restore.PanicError{Value: p, Stack: debug.Stack()}
	})
	if c.Metrics != nil {
		srv.AroundResponses(measured(c.Metrics))
	}
	// Around each response, because loaders live for one operation, and in a
	// subscription for one event.
	srv.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		if wantsFresh(graphql.GetOperationContext(ctx).Headers) {
			ctx = restore.Fresh(ctx)
		}
		loaders := loader.New(ctx, c.Reader, c.Concurrency, plan(graphql.GetOperationContext(ctx)))
		defer loaders.Close()
		return next(loaders.With(ctx))
	})
	return srv
}

// wantsFresh is whether the caller wants to hear from Atlas itself (RFC 9111, section
// 5.2.1.4).
func wantsFresh(h http.Header) bool {
	for _, value := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(directive), "no-cache") {
				return true
			}
		}
	}
	return false
}
