package gateway

import (
	"context"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/resolvers"
	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/cost"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/execution"
	"atlas-restore-gateway/internal/flight"
)

// newGraphQL returns the handler of /graphql: httpTransport, which finds and checks the documents, in front of gqlgen's
// executor. Without streams no subscriptions are served, and without actions no mutations.
func newGraphQL(c Config,
	executing *executionMemory, memory *answerMemory, s *streams, acts *actions.Service) (*httpTransport, error) {
	root := &resolvers.Resolver{Audit: c.Access.audit, Actions: acts}
	everything := generated.NewExecutableSchema(generated.Config{}).Schema()
	schema := generated.NewExecutableSchema(generated.Config{
		Resolvers: root, Schema: execution.ServedSchema(everything, acts != nil),
	})
	costs, err := cost.NewModel(schema.Schema())
	if err != nil {
		return nil, err
	}
	documents, err := document.NewStore(document.Config{
		Schema: schema.Schema(), Costs: costs, Limits: c.Limits, Warn: c.WarnLimits, Reveal: c.Introspection,
		CacheBytes: c.DocumentBytes, Persisted: !c.NoPersistedQueries, Shared: c.SharedTexts,
		Trusted: c.TrustedDocuments, Trust: c.Trust,
	})
	if err != nil {
		return nil, err
	}
	compress, err := newCompression(!c.NoCompression)
	if err != nil {
		return nil, err
	}
	exec := executor.New(schema)
	transport := &httpTransport{
		exec: exec, maxRequestBytes: c.MaxRequestBytes, timeout: c.OperationTimeout,
		schema: schema.Schema(), documents: documents, limits: c.Limits, maxCost: c.MaxCost, credentials: c.Credentials,
		maxAnswerFields: c.MaxAnswerFields, maxAnswerBytes: c.MaxAnswerBytes, execution: executing, memory: memory,
		warn: c.WarnLimits, introspection: c.Introspection, cache: c.Cache, callers: c.Access.Limits, logger: c.Logger,
		metrics: c.Metrics, tracer: c.Tracer, compression: compress, access: c.Access, streams: s,
	}
	exec.SetQueryCache(documentCache{})
	// The transport has rejected introspection where it is off.
	exec.Use(extension.Introspection{})
	exec.SetErrorPresenter(errorPresenter{logger: c.Logger}.present)
	exec.SetRecoverFunc(func(_ context.Context, p any) error {
		return flight.NewPanicError(p)
	})
	exec.AroundRootFields(boundData)
	if c.Metrics != nil {
		exec.AroundResponses(measureOperations(c.Metrics))
	}
	exec.AroundResponses(boundAnswer)
	fast := execution.NewFastPath(root.Query())
	if c.fastPath != nil {
		fast = c.fastPath(fast)
	}
	use := execution.Config{Reader: c.Reader, Concurrency: c.Concurrency, FastPath: fast, PlainSDL: c.PlainSDL}
	if s != nil {
		use.Live = s.live
	}
	execution.Use(exec, schema, use)
	return transport, nil
}

// wantsNoCache reports whether the client sent Cache-Control: no-cache (RFC 9111, section 5.2.1.4).
func wantsNoCache(h http.Header) bool {
	for _, value := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(directive), "no-cache") {
				return true
			}
		}
	}
	return false
}
