package traces

import (
	"bufio"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scrape returns the counters and gauges of the gateway in the text format of Prometheus, by name and labels.
func scrape(t *testing.T, g *process) map[string]float64 {
	t.Helper()
	values := make(map[string]float64)
	counted := make(map[string]bool) // the names of counters and gauges
	for line := range strings.Lines(g.metrics(t, plainText)) {
		if fields := strings.Fields(line); len(fields) == 4 && fields[1] == "TYPE" {
			counted[fields[2]] = fields[3] == "counter" || fields[3] == "gauge"
			continue
		}
		line = strings.TrimSpace(line)
		space := strings.LastIndexByte(line, ' ') // a label can have one, too
		sample, value := line[:max(space, 0)], line[space+1:]
		name, _, _ := strings.Cut(sample, "{")
		if n, err := strconv.ParseFloat(value, 64); err == nil && counted[name] && strings.HasPrefix(name, "restore_gateway_") {
			values[sample] = n
		}
	}
	return values
}

// ofGateway removes the metrics of the Go runtime and of the process.
func ofGateway(all map[string]float64) map[string]float64 {
	for name := range all {
		if !strings.HasPrefix(name, "restore_gateway_") {
			delete(all, name)
		}
	}
	return all
}

func differences(a, b map[string]float64) (names []string) {
	for name, value := range a {
		if other, ok := b[name]; !ok || other != value {
			names = append(names, name)
		}
	}
	return names
}

func TestMetrics_areThoseOfPrometheus(t *testing.T) {
	t.Parallel()
	r, a := startReceiver(t), startAtlas(t)
	g := startBefore(t, a, r, nil)
	for range 3 {
		g.query(t, project)
	}
	g.query(t, jobs(a.example(t, "flex"), a.example(t, "flexFailed")))
	var scraped, exported map[string]float64
	// The budget refills meanwhile, so that neither set stays as it is.
	defer func() {
		if t.Failed() {
			t.Logf("they differ in %v, %v", differences(scraped, exported), differences(exported, scraped))
		}
	}()
	waitFor(t, "the exported metrics are those of /metrics", func() bool {
		scraped, exported = scrape(t, g), ofGateway(r.latestMetrics())
		return len(scraped) > 0 && len(differences(scraped, exported)) == 0 && len(differences(exported, scraped)) == 0
	})
	for name, want := range map[string]float64{
		`restore_gateway_graphql_operations_total{operation_type="query",outcome="ok"}`: 4,
		`restore_gateway_http_requests_total{code="200",method="post",route="graphql"}`: 4,
	} {
		if exported[name] != want {
			t.Errorf("%s is %v, want %v", name, exported[name], want)
		}
	}
}

// exemplar matches a line of a bucket with its exemplar.
var exemplar = regexp.MustCompile(`^(restore_gateway_\w+)_bucket\{.*\} \S+ # \{trace_id="([0-9a-f]{32})"\} `)

func TestMetrics_haveExemplarsOfTracesThatWereExported(t *testing.T) {
	t.Parallel()
	r, a := startReceiver(t), startAtlas(t)
	g := startBefore(t, a, r, nil)
	g.query(t, project)
	text := g.metrics(t, openMetrics)
	g.query(t, jobs(a.example(t, "flex")), traceparent("00"))
	after := g.metrics(t, openMetrics)
	g.stop(t)
	traces := make(map[string]bool)
	for _, s := range r.spans(gatewayService) {
		traces[s.TraceID().String()] = true
	}
	found := make(map[string]bool)
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if match := exemplar.FindStringSubmatch(lines.Text()); match != nil {
			found[match[1]] = true
			if !traces[match[2]] {
				t.Errorf("no trace has the id of %s", lines.Text())
			}
		}
	}
	for _, name := range []string{
		"restore_gateway_graphql_operation_duration_seconds", "restore_gateway_atlas_request_duration_seconds",
	} {
		if !found[name] {
			t.Errorf("%s has no exemplar: %s", name, text)
		}
	}
	if strings.Contains(after, callersTrace) {
		t.Error("a trace that is not sampled is an exemplar")
	}
}
