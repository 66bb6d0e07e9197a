package app

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/replica"
)

var metricsURL = regexp.MustCompile(`url=(http://\S+)/metrics`)

func TestRun_servesMetricsOnTheAdminAddressAlone(t *testing.T) {
	// Nothing listens at port 9: the metrics of Redis are served all the same.
	env := map[string]string{config.EnvReplicaKey: replica.NewSecret()}
	p := start(t, env, "--demo", "--admin-listen=127.0.0.1:0", "--replica-redis=redis://127.0.0.1:9")
	admin := p.output.waitFor(metricsURL)[1]
	_, answer := p.post(t, exampleBody(t, p))
	if !strings.Contains(answer, `"state"`) {
		t.Fatal(answer)
	}
	if _, answer := p.post(t,
		`{"query":"query Hostile($v: String) { Hostile }","operationName":"Hostile","variables":{"v":"Hostile"}}`); !strings.Contains(answer, "GRAPHQL_VALIDATION_FAILED") {
		t.Fatal(answer)
	}
	_, _ = get(t, p.url+"/Hostile/metrics")

	if status, _ := get(t, p.url+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the public gets %d", status)
	}
	for path, want := range map[string]int{
		"/health/live": 200, "/health/ready": 200, "/graphql?query={__typename}": 404, "/": 404,
	} {
		if status, text := get(t, admin+path); status != want {
			t.Errorf("the admin gets %d at %s: %s", status, path, text)
		}
	}
	for _, path := range []string{"/metrics", "/health/live", "/health/ready"} {
		if status := head(t, admin+path); status != http.StatusOK {
			t.Errorf("by HEAD the admin gets %d at %s", status, path)
		}
	}
	status, text := get(t, admin+"/metrics")
	if status != http.StatusOK {
		t.Fatal(status, text)
	}
	for _, want := range []string{
		`restore_gateway_graphql_operations_total{operation_type="query",outcome="ok"} 1`,
		`restore_gateway_graphql_operations_total{operation_type="unknown",outcome="refused"} 1`,
		`restore_gateway_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"} `,
		`restore_gateway_atlas_requests_total{class="2xx",endpoint_set="cloud backups"} 1`,
		`restore_gateway_atlas_request_duration_seconds_count{endpoint_set="cloud backups"} `,
		`restore_gateway_http_requests_total{code="200",method="post",route="graphql"} 2`,
		`restore_gateway_http_requests_in_flight 0`,
		`restore_gateway_build_info{`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	// No labels from requests or from Atlas: ids, names, queries, addresses.
	for _, secret := range []string{"ostile", "63f3484e1f3a9b27c6000001", "orders", "Digest", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics hold %q", secret)
		}
	}
	wantDocumented(t, text)
}

// exampleBody returns the body of the request that the demo prints.
func exampleBody(t *testing.T, p *process) string {
	t.Helper()
	found := p.output.waitFor(regexp.MustCompile(`-d '(.*)'`))
	if found == nil {
		t.Fatal(p.output)
	}
	return found[1]
}

// wantDocumented checks that docs/operations.md names each metric that is served, and that it and the files of deploy
// name no other.
func wantDocumented(t *testing.T, text string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	guide := readFile(t, "docs/operations.md")
	var documented []string
	for _, named := range regexp.MustCompile("restore_gateway_([a-z_]+)").FindAllStringSubmatch(guide+
		readFile(t, "deploy/alerts.yaml")+readFile(t, "deploy/grafana-dashboard.json"), -1) {
		documented = append(documented, strings.TrimSuffix(named[1], "_bucket"))
	}
	served := 0
	for name, family := range families {
		name, ours := strings.CutPrefix(name, "restore_gateway_")
		if !ours {
			continue
		}
		served++
		if !slices.Contains(documented, name) {
			t.Errorf("docs/operations.md does not name %s", name)
		}
		if family.GetHelp() == "" {
			t.Errorf("%s has no help", name)
		}
	}
	slices.Sort(documented)
	if documented = slices.Compact(documented); len(documented) != served {
		t.Errorf("the documents name %d metrics, %d are served: %q", len(documented), served, documented)
	}
}

func TestRun_servesNoMetricsWithoutAnAdminAddress(t *testing.T) {
	p := start(t, nil, "--demo")
	if status, _ := get(t, p.url+"/metrics"); status != http.StatusNotFound {
		t.Errorf("got %d", status)
	}
	if metricsURL.MatchString(p.output.String()) {
		t.Errorf("it serves metrics: %s", p.output)
	}
}

func TestRun_namesATakenAdminAddressAndClosesItsListener(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	public := freeAddress(t)
	err = Run(t.Context(), []string{"--demo", "--listen=" + public, "--admin-listen=" + taken.Addr().String()}, nil,
		io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "--admin-listen") || !strings.Contains(err.Error(), "in use") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	again, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", public)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}
