package telemetry

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/test/released"
)

// description matches the text of a description, which has no other access to its name and labels.
var description = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", .*, variableLabels: \{([^}]*)\}\}$`)

func TestReleased_metricsHaveTheirNamesAndLabels(t *testing.T) {
	m := New()
	m.WatchAnswers(nil)
	m.WatchStreams(nil)
	m.WatchReplicas(nil)
	m.WatchLog(nil)
	ch := make(chan *prometheus.Desc)
	go func() {
		defer close(ch)
		m.registry.Describe(ch)
		// Those of upstreams do not describe themselves: see sources.
		atlasCollector{}.Describe(ch)
		cacheCollector{}.Describe(ch)
	}()
	var names []string
	for d := range ch {
		found := description.FindStringSubmatch(d.String())
		if found == nil {
			t.Errorf("%v has another form", d)
			continue
		}
		if strings.HasPrefix(found[1], namespace+"_") {
			labels := strings.Split(found[2], ",")
			slices.Sort(labels)
			names = append(names, found[1]+"{"+strings.Join(labels, ",")+"}")
		}
	}
	released.Check(t, names)
}
