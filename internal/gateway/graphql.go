package gateway

import (
	"context"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/resolvers"
	"atlas-restore-gateway/internal/loader"
)

// newGraphQL is the handler of /graphql: gqlgen with the transports of http.go.
func newGraphQL(c Config) http.Handler {
	srv := handler.New(generated.NewExecutableSchema(generated.Config{Resolvers: &resolvers.Resolver{}}))
	srv.AddTransport(httpTransport{maxRequestBytes: c.MaxRequestBytes, bodyTimeout: c.BodyTimeout})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	srv.Use(extension.Introspection{})
	srv.SetErrorPresenter(presenter{logger: c.Logger}.present)
	srv.SetRecoverFunc(func(_ context.Context, p any) error {
		return &loader.PanicError{Value: p, Stack: debug.Stack()}
	})
	// Around each response, because loaders live for one operation, and in a
	// subscription for one event.
	srv.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		loaders := loader.New(ctx, c.Reader, c.Concurrency, plan(graphql.GetOperationContext(ctx)))
		defer loaders.Close()
		return next(loaders.With(ctx))
	})
	return srv
}
