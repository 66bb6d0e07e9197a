package execution

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/watch"
)

// Subscription is a subscription as it is executed: each event is the query of the same name. So both have the same
// fields, errors and costs, and what makes queries fast makes events fast.
type Subscription struct {
	// Query is the query.
	Query *graphql.OperationContext
	// Name is the name of the field in the response.
	Name string
	// Watched is what to watch, or nil where the arguments are malformed, and nothing is: the query says what is wrong with
	// them.
	Watched *watch.Query
}

// Job returns the job that is watched, and reports false where it is a list.
func (s *Subscription) Job() (restore.Tier, restore.Key, bool) {
	if s.Watched == nil || s.Watched.ID == "" {
		return 0, restore.Key{}, false
	}
	return s.Watched.Tier, restore.Key{
		GroupID: s.Watched.GroupID, ClusterName: s.Watched.ClusterNames[0], JobID: s.Watched.ID,
	}, true
}

// NewSubscription returns the subscription of an operation. It reports false where the operation, with its variables,
// does not select one field of the type Subscription.
func NewSubscription(schema *ast.Schema, oc *graphql.OperationContext) (*Subscription, bool) {
	collected := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{schema.Subscription.Name})
	if len(collected) != 1 {
		return nil, false
	}
	root := *collected[0].Field
	if root.Definition = schema.Query.Fields.ForName(root.Name); root.Definition == nil || root.Name == "__typename" {
		return nil, false
	}
	root.ObjectDefinition, root.SelectionSet, root.Directives = schema.Query, collected[0].Selections, nil
	operation := *oc.Operation
	operation.Operation, operation.SelectionSet = ast.Query, ast.SelectionSet{&root}
	// Not a copy: the context has a cache of its own.
	query := &graphql.OperationContext{
		RawQuery: oc.RawQuery, Variables: oc.Variables, OperationName: oc.OperationName, Doc: oc.Doc,
		Extensions: oc.Extensions, Headers: oc.Headers, Operation: &operation,
		DisableIntrospection: oc.DisableIntrospection, RecoverFunc: oc.RecoverFunc,
		ResolverMiddleware: oc.ResolverMiddleware, RootResolverMiddleware: oc.RootResolverMiddleware,
	}
	field := graphql.CollectedField{Field: &root, Selections: root.SelectionSet}
	return &Subscription{Query: query, Name: root.Alias, Watched: watchedBy(field, oc.Variables)}, true
}

// watchedBy returns what to watch for a root field; nil where its arguments are malformed.
func watchedBy(field graphql.CollectedField, variables map[string]any) *watch.Query {
	if field.Name == "restoreJobs" {
		return watchedList(field.ArgumentMap(variables))
	}
	ref, ok := referenceIn(field, variables)
	if !ok {
		return nil
	}
	return &watch.Query{
		GroupID: ref.values[0], ClusterNames: []string{ref.values[1]}, Tier: jobTiers[ref.typename], First: 1,
		ID: ref.values[2],
	}
}

// defaultFirst is the default of the argument first.
const defaultFirst = 20

// watchedList is watchedBy for restoreJobs. What it accepts, the resolver does, too, or the query has an error.
func watchedList(arguments map[string]any) *watch.Query {
	q := &watch.Query{Tier: restore.AnyTier, First: defaultFirst}
	var groupID model.ObjectID
	if groupID.UnmarshalGQL(arguments["groupId"]) != nil {
		return nil
	}
	q.GroupID = string(groupID)
	if first := arguments["first"]; first != nil {
		n, err := graphql.UnmarshalInt(first)
		if err != nil || n < 1 || n > restore.MaxFirst {
			return nil
		}
		q.First = n
	}
	if len(texts(arguments["states"]))+len(texts(arguments["deliveryTypes"])) > 0 {
		q.First = restore.MaxFirst // pages as a query reads them for rare jobs
	}
	for _, text := range texts(arguments["clusterNames"]) {
		var name model.ClusterName
		if name.UnmarshalGQL(text) != nil {
			return nil
		}
		if !slices.Contains(q.ClusterNames, string(name)) {
			q.ClusterNames = append(q.ClusterNames, string(name))
		}
	}
	if len(q.ClusterNames) > restore.MaxClusterNames {
		return nil
	}
	if tags := tagFilters(arguments["clusterTags"]); len(tags) > 0 {
		names := q.ClusterNames
		q.ClusterNames = nil
		q.Select = func(c *restore.Cluster) bool {
			return (len(names) == 0 || slices.Contains(names, c.Name)) && c.HasTags(tags)
		}
	}
	return q
}

// texts returns the elements of a list argument. A value that is no list is a list of one (GraphQL specification,
// section 3.11).
func texts(argument any) []any {
	switch v := argument.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// tagFilters returns the argument clusterTags.
func tagFilters(argument any) (filters []restore.TagFilter) {
	for _, element := range texts(argument) {
		object, _ := element.(map[string]any)
		key, _ := object["key"].(string)
		filter := restore.TagFilter{Key: key}
		if value, ok := object["value"].(string); ok {
			filter.Value = &value
		}
		filters = append(filters, filter)
	}
	return filters
}

type eventKey struct{}

// WithEvent returns a context in which an operation is executed as an event of a subscription: from the view that polls
// fill.
func WithEvent(ctx context.Context) context.Context { return context.WithValue(ctx, eventKey{}, true) }

// IsEvent reports whether ctx is of WithEvent.
func IsEvent(ctx context.Context) bool { return ctx.Value(eventKey{}) != nil }
