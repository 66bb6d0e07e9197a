package deb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const installed = "/packages/atlas-restore-gateway_1.0.0-1_amd64.deb"

// atlas is an Atlas simulator whose API key can be replaced.
type atlas struct {
	url     string
	started time.Time // the ids of jobs follow from it
	job     atlassim.Example
	current atomic.Pointer[atlassim.Simulator]
}

const publicKey = "packaged"

func startAtlas(t *testing.T, privateKey string) *atlas {
	t.Helper()
	a := &atlas{started: time.Now()}
	a.replaceKey(privateKey)
	jobs := a.current.Load().Examples()
	a.job = jobs[slices.IndexFunc(jobs, func(e atlassim.Example) bool { return e.Label == "dedicatedReady" })]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.current.Load().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// replaceKey makes Atlas accept this private key and no other.
func (a *atlas) replaceKey(privateKey string) {
	a.current.Store(atlassim.New(atlassim.WithAPIKey(publicKey, privateKey, atlassim.ProjectOwner),
		atlassim.WithClock(func() time.Time { return a.started })))
}

// gateway is the installed gateway.
type gateway struct {
	*debian

	address string
}

// installGateway boots a Debian and installs the package, without starting the service.
func installGateway(t *testing.T, more ...string) *gateway {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // of a test
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	g := &gateway{bootDebian(t, more...), listener.Addr().String()}
	g.install(t, installed)
	return g
}

// configure sets the settings of the service, and the address that it serves on.
func (g *gateway) configure(t *testing.T, settings map[string]string) {
	t.Helper()
	lines := []string{"listen: " + g.address}
	for flag, value := range settings {
		lines = append(lines, flag+": "+value)
	}
	g.writeForGroup(t, settingsFile, strings.Join(lines, "\n"))
}

const settingsFile = "/etc/atlas-restore-gateway/config.yaml"

// writeForGroup writes a file that the service can read.
func (g *gateway) writeForGroup(t *testing.T, path, text string) {
	t.Helper()
	g.write(t, path, text)
	g.run(t, "chgrp "+user+" "+path+" && chmod 640 "+path)
}

const (
	credentials = "/etc/atlas-restore-gateway/credentials.yaml"
	// loaded is the path of the secret payments that LoadCredential gives to the service.
	loaded = "/run/credentials/atlas-restore-gateway.service/secret_payments"
)

// nameSecret writes the file of credentials, which says that the private key is in a file at path.
func (g *gateway) nameSecret(t *testing.T, a *atlas, path string) {
	t.Helper()
	g.writeForGroup(t, credentials, "credentials:\n  - name: payments\n    projects: ["+a.job.GroupID+"]\n"+
		"    baseUrl: "+a.url+"\n    apiKey:\n      publicKey: "+publicKey+"\n      privateKey: {file: "+path+"}\n")
}

// dropIn adds lines to the unit, as systemctl edit does.
func (g *gateway) dropIn(t *testing.T, lines ...string) {
	t.Helper()
	const path = "/etc/systemd/system/" + unit + ".d"
	g.run(t, "mkdir -p "+path)
	g.write(t, path+"/override.conf", "[Service]\n"+strings.Join(lines, "\n"))
	g.run(t, "systemctl daemon-reload")
}

// start starts the service and waits until it is ready.
func (g *gateway) start(t *testing.T) {
	t.Helper()
	g.run(t, "systemctl enable --now "+unit)
	g.waitReady(t)
}

func (g *gateway) waitReady(t *testing.T) {
	t.Helper()
	waitFor(t, "the gateway is ready", func() bool {
		state := g.property(t, "ActiveState")
		if state == "failed" {
			t.Fatalf("the service has failed: %s", g.journal())
		}
		res, err := http.Get("http://" + g.address + "/health/ready") //nolint:noctx // of a test
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return state == "active" && res.StatusCode == http.StatusOK
	})
}

// query reads a job with its download URL, and returns the response. Nothing is read from a cache.
func (g *gateway) query(t *testing.T, job atlassim.Example) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"query": `query Packaged($g: ObjectID!, $c: ClusterName!, $j: ObjectID!) {
			restoreJob(groupId: $g, clusterName: $c, restoreJobId: $j) { id state deliveryUrl } }`,
		"variables": map[string]string{"g": job.GroupID, "c": job.ClusterName, "j": job.RestoreJobID},
	})
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + g.address + "/graphql"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cache-Control", "no-cache")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInstall_neitherEnablesNorStartsTheService(t *testing.T) {
	g := installGateway(t)
	for script, want := range map[string]string{
		"systemctl is-enabled " + unit + " || true":                                         "disabled\n",
		"systemctl is-active " + unit + " || true":                                          "inactive\n",
		"systemctl --failed --quiet":                                                        "",
		"stat -c '%U %a' /etc/atlas-restore-gateway/secrets":                                "root 700\n",
		"getent passwd " + user + " | cut -d: -f6,7":                                        "/:/usr/sbin/nologin\n",
		"dpkg --verify atlas-restore-gateway":                                               "",
		"dpkg --audit":                                                                      "",
		"atlas-restore-gateway version | head -1 | cut -d' ' -f1":                           "atlas-restore-gateway\n",
		"systemd-analyze verify --man=no " + unit:                                           "",
		"ls /usr/share/doc/atlas-restore-gateway/examples":                                  "credentials.yaml\n",
		"cat /etc/systemd/system/multi-user.target.wants/*.service|grep -c Restore || true": "0\n",
	} {
		if got := g.run(t, script); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

func TestUnit_isHardened(t *testing.T) {
	g := installGateway(t)
	// In tenths: what is left is the network of the machine, the root folder and /proc/sys.
	g.run(t, "systemd-analyze security --no-pager --offline=true --threshold=11 "+unit)
}

func TestUnit_waitsForTheEndOfTheGateway(t *testing.T) {
	var takes time.Duration
	for _, flag := range []string{"--shutdown-delay", "--shutdown-grace"} {
		found := regexp.MustCompile(flag + `=TIME\s[^[]*\[default:\s+(\w+)`).FindStringSubmatch(help(t))
		if found == nil {
			t.Fatalf("the help has no default of %s", flag)
		}
		byDefault, err := time.ParseDuration(found[1])
		if err != nil {
			t.Fatal(err)
		}
		takes += byDefault
	}
	text, err := os.ReadFile("../../deploy/systemd/" + unit)
	if err != nil {
		t.Fatal(err)
	}
	seconds := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindSubmatch(text)
	if seconds == nil {
		t.Fatal("the unit has no TimeoutStopSec in seconds")
	}
	limit, err := time.ParseDuration(string(seconds[1]) + "s")
	if err != nil {
		t.Fatal(err)
	}
	if takes == 0 || limit < takes+5*time.Second {
		t.Errorf("systemd kills the gateway after %v, and it may take %v", limit, takes)
	}
}

func TestService_readsAtlasWithALoadedCredential(t *testing.T) {
	const privateKey = "a-private-key-of-the-package"
	a, g := startAtlas(t, privateKey), installGateway(t)
	g.write(t, "/etc/atlas-restore-gateway/secrets/payments", privateKey)
	g.nameSecret(t, a, loaded)
	g.configure(t, map[string]string{"atlas-credentials": credentials})
	g.start(t)

	if got := g.query(t, a.job); !strings.Contains(got, `"state":"READY"`) {
		t.Errorf("the job cannot be read: %s %s", got, g.journal())
	}
	audit := g.run(t, `journalctl --unit=atlas-restore-gateway --output=cat --grep='"event":"'`)
	if lines := strings.Count(audit, "\n"); lines != 1 || !strings.Contains(audit, `"event":"download_url_read"`) {
		t.Errorf("the audit log in the journal is %q: %s", audit, g.journal())
	}
	process := g.property(t, "MainPID")
	for script, want := range map[string]string{
		"ps -o user:32= -p " + process:                                                       user + "\n",
		"sed -n 's/^CapEff:\\s*//p' /proc/" + process + "/status":                            "0000000000000000\n",
		"tr '\\0' '\\n' </proc/" + process + "/environ | grep -c " + privateKey + " || true": "0\n",
		"journalctl | grep -c " + privateKey + " || true":                                    "0\n",
	} {
		if got := g.run(t, script); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
	// As many as --max-streams allows.
	files := g.run(t, "awk '/Max open files/{print $4}' /proc/"+process+"/limits")
	if n, err := strconv.Atoi(strings.TrimSpace(files)); err != nil || n <= 10_000 {
		t.Errorf("the gateway may open %s files", files)
	}
	_, port, _ := net.SplitHostPort(g.address)
	if queue, err := strconv.Atoi(strings.Fields(g.run(t, "ss -Hltn sport = :"+port))[2]); err != nil || queue < 1000 {
		t.Errorf("%d connections can wait to be accepted: %v", queue, err)
	}

	g.run(t, "systemctl stop "+unit)
	if result := g.property(t, "Result"); result != "success" {
		t.Errorf("the service stopped with %s: %s", result, g.journal())
	}
}

func TestService_takesARotatedSecretWhenItIsRestarted(t *testing.T) {
	a, g := startAtlas(t, "old"), installGateway(t)
	g.write(t, "/etc/atlas-restore-gateway/secrets/payments", "old")
	g.nameSecret(t, a, loaded)
	g.configure(t, map[string]string{"atlas-credentials": credentials})
	g.start(t)

	a.replaceKey("new")
	g.write(t, "/etc/atlas-restore-gateway/secrets/payments", "new")
	g.run(t, "systemctl reload "+unit)
	waitFor(t, "the gateway was told to read its files", func() bool {
		return strings.Contains(g.journal(), "a setting has not changed")
	})
	if got := g.run(t, "cat "+loaded); got != "old\n" {
		t.Errorf("after a reload the service has the secret %q: the documents say that it needs a restart", got)
	}
	g.run(t, "systemctl restart "+unit)
	g.waitReady(t)
	if got := g.query(t, a.job); !strings.Contains(got, `"state":"READY"`) {
		t.Errorf("the job cannot be read with the new key: %s %s", got, g.journal())
	}
}

func TestService_takesARotatedSecretOfItsGroupWhenItIsReloaded(t *testing.T) {
	a, g := startAtlas(t, "old"), installGateway(t)
	rotate := func(secret string) {
		g.write(t, "/etc/atlas-restore-gateway/new", secret)
		g.run(t, "cd /etc/atlas-restore-gateway && chgrp "+user+" new && chmod 640 new && mv new payments.key")
	}
	rotate("old")
	g.nameSecret(t, a, "payments.key")
	g.configure(t, map[string]string{"atlas-credentials": credentials})
	g.start(t)
	before := g.property(t, "MainPID")

	a.replaceKey("new")
	rotate("new")
	g.run(t, "systemctl reload "+unit)
	waitFor(t, "the job is read with the new key", func() bool {
		return strings.Contains(g.query(t, a.job), `"state":"READY"`)
	})
	if after := g.property(t, "MainPID"); after != before {
		t.Errorf("the service was restarted: its process is %s, and was %s", after, before)
	}
}

func TestService_readsAtlasWithAnEncryptedCredential(t *testing.T) {
	a, g := startAtlas(t, "key"), installGateway(t)
	g.run(t, "echo key | systemd-creds encrypt --name=payments - /etc/atlas-restore-gateway/payments.cred")
	g.dropIn(t, "LoadCredentialEncrypted=payments:/etc/atlas-restore-gateway/payments.cred")
	g.nameSecret(t, a, "/run/credentials/atlas-restore-gateway.service/payments")
	g.configure(t, map[string]string{"atlas-credentials": credentials})
	g.start(t)
	if got := g.query(t, a.job); !strings.Contains(got, `"state":"READY"`) {
		t.Errorf("the job cannot be read: %s %s", got, g.journal())
	}
}

func TestService_servesOnAPortBelow1024WithACapability(t *testing.T) {
	g := installGateway(t)
	// An address of loopback that no other program listens on.
	g.address = fmt.Sprintf("127.%d.%d.%d:443", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
	g.configure(t, map[string]string{"demo": "true"})
	g.dropIn(t,
		"AmbientCapabilities=CAP_NET_BIND_SERVICE", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "PrivateUsers=no")
	g.start(t)
}

func TestService_writesTheAuditLogToAFile(t *testing.T) {
	a, g := startAtlas(t, "key"), installGateway(t)
	g.write(t, "/etc/atlas-restore-gateway/secrets/payments", "key")
	g.nameSecret(t, a, loaded)
	g.configure(t, map[string]string{
		"atlas-credentials": credentials, "audit-log": "/var/log/atlas-restore-gateway/audit.log",
	})
	g.start(t)
	if got := g.query(t, a.job); !strings.Contains(got, `"deliveryUrl":["http`) {
		t.Errorf("no URL was read: %s", got)
	}
	const file = "/var/log/atlas-restore-gateway/audit.log"
	if got, want := g.run(t, "stat -c '%U %a' "+file+"; grep -c download_url_read "+file), user+" 600\n1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestService_givesUpOnAMistakeInItsSettings(t *testing.T) {
	g := installGateway(t)
	g.configure(t, map[string]string{"cache-final": "forever"})
	_, _ = g.try("systemctl start " + unit)
	waitFor(t, "systemd gives up", func() bool { return g.property(t, "ActiveState") == "failed" })
	if !strings.Contains(g.journal(), settingsFile+":2:") {
		t.Errorf("the journal does not say where the mistake is: %s", g.journal())
	}
}

func TestService_servesTheDemoWithThePackagedSettings(t *testing.T) {
	g := installGateway(t)
	// The address of the settings may be taken on the machine of the test.
	g.run(t, "printf 'GATEWAY_DEMO=true\\nGATEWAY_LISTEN="+g.address+"\\n' >>/etc/default/atlas-restore-gateway")
	g.start(t)
	if got := g.query(t, atlassim.Example{
		GroupID: atlassim.SeedGroupID, ClusterName: atlassim.SeedClusterName, RestoreJobID: "67ebae01a6713bc8f4000000",
	}); !strings.Contains(got, `"state":"SUCCEEDED"`) {
		t.Errorf("the job cannot be read: %s %s", got, g.journal())
	}
}

func TestService_saysThatItsSettingsLackACredential(t *testing.T) {
	g := installGateway(t)
	_, _ = g.try("systemctl start " + unit)
	waitFor(t, "the journal says what is missing", func() bool {
		return strings.Contains(g.journal(), "--atlas-credentials")
	})
}
