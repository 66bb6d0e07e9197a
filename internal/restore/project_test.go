package restore

import (
	"fmt"
	"strings"
	"testing"
)

func TestInAProjectThatIsNotThereThereIsNoCluster(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	for n := 1; n <= 4; n++ {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("cluster-%d", i)
		}
		// Where a link leads nowhere that is no failure, however many are followed at once.
		if found, err := e.ClustersNamed(t.Context(), strings.Repeat("f", 24), names); err != nil || len(found) > 0 {
			t.Errorf("%d names: %v, %v", n, found, err)
		}
	}
}
