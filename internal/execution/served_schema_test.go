package execution

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
)

func TestServedSchema_leavesOutTheMachineryOfGqlgenAndNothingElse(t *testing.T) {
	whole := generated.NewExecutableSchema(generated.Config{}).Schema()
	served := ServedSchema(whole, true)
	left := maps.Clone(whole.Types)
	maps.DeleteFunc(left, func(name string, _ *ast.Definition) bool { return served.Types[name] != nil })
	want := []string{"Entity"}
	for _, argument := range whole.Types["Entity"].Fields {
		want = append(want, argument.Arguments[0].Type.Name())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(left))); diff != "" || len(want) < 5 {
		t.Errorf("what is left out (-want +got):\n%s", diff)
	}
	for _, name := range []string{"_Any", "_Entity", "_Service", "Query", "ServerlessRestoreJob", "TagFilter", "__Schema"} {
		if served.Types[name] == nil {
			t.Errorf("%s is not served", name)
		}
	}
	if len(served.PossibleTypes["RestoreJob"]) != len(whole.PossibleTypes["RestoreJob"]) {
		t.Error("a type of the interface RestoreJob is missing")
	}
}
