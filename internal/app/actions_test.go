package app

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// methods are the methods and paths of the requests that reach a handler and are no GET.
type methods struct {
	next http.Handler

	mu  sync.Mutex
	all []string
}

func (m *methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.URL.Path != "/api/oauth/token" {
		m.mu.Lock()
		m.all = append(m.all, r.Method+" "+r.URL.Path)
		m.mu.Unlock()
	}
	m.next.ServeHTTP(w, r)
}

func actionsSimulator() *atlassim.Simulator {
	return atlassim.New(atlassim.WithServiceAccount("reads", "secret-of-reads", atlassim.ProjectOwner),
		atlassim.WithRecentJobs(), atlassim.WithOperator("acts", "secret-of-actions",
			atlassim.BackupRecoveryOperator|atlassim.BackupExportOperator|atlassim.BackupCreator))
}

// The commands and a gateway without --actions change nothing.
func TestRun_withoutActionsSendsNothingButReads(t *testing.T) {
	sent := &methods{next: actionsSimulator()}
	env := atlasFor(t, sent)
	env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "reads", "secret-of-reads"
	for name, args := range map[string][]string{"token": {"token", "name"}, "diagnose": {"diagnose", "--json"}} {
		if err := Run(t.Context(), args, environ(env), io.Discard, io.Discard); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := start(t, env)
	p.query(t, nil, projectQuery).want(t, "a query", 200, "Storefront")
	p.query(t, nil, `mutation { cancelRestore(groupId: "`+atlassim.DemoGroupID+
		`", clusterName: "shipping", restoreJobId: "`+atlassim.DemoGroupID+`") { outcome } }`).want(t, "a mutation", 200,
		"GRAPHQL_VALIDATION_FAILED")
	if err := p.stop(); err != nil || len(sent.all) > 0 {
		t.Errorf("%q were sent, error %v", sent.all, err)
	}
}

const actionsFile = `credentials:
  - name: actions
    projects: ["` + atlassim.DemoGroupID + `"]
    apiKey: { publicKey: acts, privateKey: { env: ACTIONS_KEY } }
`

// planShipping plans a restore of the cluster shipping into itself, and returns the answer and its confirmation.
func (p *process) planShipping(t *testing.T) (answer response, confirmation string) {
	t.Helper()
	list := p.query(t, nil, `{ cluster(groupId: "`+atlassim.DemoGroupID+`", clusterName: "shipping") {
		snapshots(first: 1) { nodes { id } } } }`)
	_, id, _ := strings.Cut(list.body, `"id":"`)
	if len(id) < 24 {
		t.Fatal(list.body)
	}
	answer = p.query(t, nil, fmt.Sprintf(`mutation { planRestore(input: {snapshot: {groupId: %[1]q, clusterName: "shipping",
		snapshotId: %[2]q, targetGroupId: %[1]q, targetClusterName: "shipping"}}) { confirmation refusals { code } } }`,
		atlassim.DemoGroupID, id[:24]))
	_, confirmation, _ = strings.Cut(answer.body, `"confirmation":"`)
	confirmation, _, _ = strings.Cut(confirmation, `"`)
	return answer, confirmation
}

func (p *process) startShipping(t *testing.T, confirmation, key string) response {
	t.Helper()
	return p.query(t, nil, fmt.Sprintf(`mutation { startRestore(confirmation: %q, targetClusterName: "shipping",
		idempotencyKey: %q) { id state } }`, confirmation, key))
}

// Actions are made with a credential of their own, written down, and stopped by the admin listener or a file.
func TestRun_makesActionsAndStopsThem(t *testing.T) {
	sent := &methods{next: actionsSimulator()}
	env := atlasFor(t, sent)
	env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "reads", "secret-of-reads"
	env["ACTIONS_KEY"] = "secret-of-actions"
	f := folder(t.TempDir())
	p := start(t, env, "--actions", "--single-replica", "--actions-credentials="+f.write(t, "actions.yaml", actionsFile),
		"--actions-stop-file="+f.path("stop"), "--admin-listen=127.0.0.1:0", "--audit-log="+f.path("audit.jsonl"))
	admin := p.output.waitFor(metricsURL)[1]
	control := func(method, path, want string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, admin+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		do(t, nil, req).want(t, method+" "+path, 200, want)
	}
	control("GET", "/actions", `"stopped":false`)
	control("POST", "/actions/stop", `"stopped":true`)
	answer, _ := p.planShipping(t)
	answer.want(t, "a plan while stopped", 200, "ACTIONS_DISABLED")
	control("POST", "/actions/resume", `"stopped":false`)
	answer, confirmation := p.planShipping(t)
	answer.want(t, "a plan", 200, `"refusals":[]`)
	f.write(t, "stop", "")
	p.startShipping(t, confirmation, "k").want(t, "a start while the file exists", 200, "ACTIONS_DISABLED")
	control("POST", "/actions/resume", `"stopped":true`)
	if err := os.Remove(f.path("stop")); err != nil {
		t.Fatal(err)
	}
	p.startShipping(t, confirmation, "k").want(t, "a start", 200, `"state":"RUNNING"`)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	const path = "POST /api/atlas/v2/groups/" + atlassim.DemoGroupID + "/clusters/shipping/backup/restoreJobs"
	// The first one may get a challenge.
	if got := slices.Compact(slices.Clone(sent.all)); len(sent.all) > 2 || !slices.Equal(got, []string{path}) {
		t.Errorf("sent were %q", sent.all)
	}
	lines, err := os.ReadFile(f.path("audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"action_planned", "action_starting", "action_outcome", "action_refused"} {
		if !strings.Contains(string(lines), `"event":"`+event+`"`) {
			t.Errorf("the audit log has no %s: %s", event, lines)
		}
	}
	if log := p.output.String() + string(lines); strings.Contains(log, "secret-of") || strings.Contains(log, confirmation) {
		t.Error("a secret is in a log")
	}
}

// A page in a browser cannot resume actions, nor can another machine; see also internal/loopback.
func TestRun_letsNoPageResumeActions(t *testing.T) {
	p := start(t, nil, "--demo", "--actions", "--admin-listen=127.0.0.1:0")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.output.waitFor(metricsURL)[1]+"/actions/resume",
		http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	do(t, nil, req).want(t, "a page", 403, "cross-origin")
}

// The command diagnose checks the credential of actions, too.
func TestRun_diagnosesTheCredentialOfActions(t *testing.T) {
	env := atlasFor(t, actionsSimulator())
	env["MONGODB_ATLAS_CLIENT_ID"], env["MONGODB_ATLAS_CLIENT_SECRET"] = "reads", "secret-of-reads"
	args := []string{
		"diagnose", "--actions", "--single-replica",
		"--actions-credentials=" + folder(t.TempDir()).write(t, "actions.yaml", actionsFile),
	}
	for secret, want := range map[string]string{"secret-of-actions": "accepts it", "another": "answered 401"} {
		env["ACTIONS_KEY"] = secret
		var out strings.Builder
		err := Run(t.Context(), append(args, "--json"), environ(env), &out, io.Discard)
		details := make(map[string]string)
		for _, f := range findingsIn(t, out.String()) {
			details[f.Check] = f.Detail
		}
		accepted := secret == "secret-of-actions"
		if (err == nil) != accepted || !strings.Contains(details["atlas: actions, for actions"], want) ||
			accepted != strings.Contains(details["projects: actions, for actions"], "cannot be told by reading") {
			t.Errorf("got %s, error %v", out.String(), err)
		}
	}
}

// The credential of actions is of its own: those that read are none.
func TestRun_refusesActionsWithoutTheirCredential(t *testing.T) {
	env := map[string]string{"MONGODB_ATLAS_PUBLIC_API_KEY": "p", "MONGODB_ATLAS_PRIVATE_API_KEY": "s"}
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	err := Run(t.Context(), []string{"--actions", "--single-replica", "--actions-credentials=" + missing}, environ(env),
		io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
}
