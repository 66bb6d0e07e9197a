package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// TestNoSecretIsInAnyLog asks for a download whose URL is a key to a backup, through
// every sort of failure, at the most talkative level, and greps.
func TestNoSecretIsInAnyLog(t *testing.T) {
	e := newEnv(t, bare)
	ready := e.example(t, "ready")
	query := "{" + jobField("a", ready, "{ deliveryUrl }") + "}"
	r := e.post(t, query, nil)
	var job struct {
		DeliveryURL []string `json:"deliveryUrl"`
	}
	if err := json.Unmarshal(r.Data["a"], &job); err != nil || len(job.DeliveryURL) == 0 {
		t.Fatalf("there is no download: %v %s", err, r.Raw)
	}
	secrets := append([]string{testPrivateKey, "Digest username", "nonce=", "deliveryUrl", "variable-of-the-client"}, job.DeliveryURL...)
	faults := []atlassim.Fault{
		{Status: 401}, {Status: 403}, {Status: 429}, {Status: 500}, {Truncate: true}, {Reset: true},
		{Status: 502, ContentType: "text/html", Body: "<html>" + job.DeliveryURL[0] + "</html>"},
		{Status: 200, ContentType: "application/json", Body: `{"id":"x","failed":"` + job.DeliveryURL[0] + `"}`},
		{Status: 200, ContentType: "application/json", Body: `{"id":"x","deliveryUrl":["` + job.DeliveryURL[0]},
	}
	for _, fault := range faults {
		fault.PathContains = "/restoreJobs/"
		remove := e.sim.Inject(fault)
		answer := e.post(t, query, map[string]any{"v": "variable-of-the-client"})
		remove()
		if len(answer.Errors) == 0 || strings.Contains(answer.Raw, job.DeliveryURL[0]) {
			t.Errorf("with %+v: %s", fault, answer.Raw)
		}
	}
	e.send(t, "GET", "/graphql?query={deliveryUrl}&variables={\"x\":\"variable-of-the-client\"}", "")
	e.send(t, "POST", "/graphql", `{"query":"variable-of-the-client`, post)
	log := e.log.String()
	if !strings.Contains(log, "level=DEBUG") {
		t.Fatal("the log is not at the most talkative level")
	}
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}
