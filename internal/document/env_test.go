package document

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/cost"
)

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { job(id: ID!, names: [String!], nested: [[Int]], filter: Filter, state: State, mine: [Mine]): Job  jobs: [Job!]! }
	type Job { id: ID!  secretName: String  job: Job  jobs: [Job!]!  deliveryUrl: String }
	input Filter { words: [String!] }
	enum State { RUNNING FAILED }
	scalar Mine
`})

// small are limits that a test can reach by hand.
var small = Limits{Tokens: 60, Depth: 4, Aliases: 3, RootFields: 4, Directives: 2, ListItems: 3, Repetitions: 5}

func newStore(t *testing.T, set func(*Config)) *Store {
	t.Helper()
	c := Config{Schema: schema, Costs: &cost.Model{}, Limits: DefaultLimits, Persisted: true}
	if set != nil {
		set(&c)
	}
	s, err := NewStore(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withLimits is a store with the limits.
func withLimits(limits Limits) func(*Config) { return func(c *Config) { c.Limits = limits } }
