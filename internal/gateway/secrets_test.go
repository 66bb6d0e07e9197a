package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// TestSecrets_areInNoLog asks for a download whose URL is a key to a backup, through
// every sort of failure, at the most talkative level, and greps.
func TestSecrets_areInNoLog(t *testing.T) {
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
	secrets := append([]string{testPrivateKey, "Digest username", "nonce=", "deliveryUrl", "variable-of-the-client"},
		job.DeliveryURL...)
	faults := []atlassim.Fault{
		{Status: 401}, {Status: 403}, {Status: 429}, {Status: 500}, {Truncate: true}, {Reset: true},
		{Status: 502, ContentType: "text/html", Body: "<html>" + job.DeliveryURL[0] + "</html>"},
		verboseErrors(404, job.DeliveryURL[0]), verboseErrors(409, job.DeliveryURL[0]),
		verboseErrors(429, job.DeliveryURL[0]), verboseErrors(500, job.DeliveryURL[0]),
		{Status: 200, ContentType: "application/json", Body: `{"id":"x","failed":"` + job.DeliveryURL[0] + `"}`},
		{Status: 200, ContentType: "application/json", Body: `{"id":"x","deliveryUrl":["` + job.DeliveryURL[0]},
	}
	for _, fault := range faults {
		fault.PathContains = "/restoreJobs/"
		remove := e.sim.Inject(fault)
		answer := e.post(t, query, map[string]any{"v": "variable-of-the-client"})
		remove()
		if len(answer.Errors) == 0 || strings.Contains(answer.Raw, job.DeliveryURL[0]) ||
			strings.Contains(answer.Raw, testPrivateKey) {
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

// wordy is an error in the shape of the API that repeats secrets wherever there is a text.
func verboseErrors(status int, downloadURL string) atlassim.Fault {
	const words = "see %s?key=1, not Digest username=\"x\", nonce=\"y\", key "
	text := strings.Replace(words, "%s", downloadURL, 1) + testPrivateKey
	body, err := json.Marshal(map[string]any{
		"error": status, "errorCode": "CODE", "reason": text, "detail": text,
		"parameters":       []any{text, map[string]any{text: text}},
		"badRequestDetail": map[string]any{"fields": []any{map[string]any{"field": text, "description": text}}},
	})
	if err != nil {
		panic(err)
	}
	return atlassim.Fault{Status: status, ContentType: "application/json", Body: string(body)}
}
