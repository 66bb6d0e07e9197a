package helm

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

func TestChart_passesStrictLinting(t *testing.T) {
	t.Parallel()
	for _, r := range single() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			out, err := helm(t, r.values, "lint", "--strict", chart)
			if err != nil || !strings.Contains(out, "0 chart(s) failed") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestChart_rendersForTheOldestKubernetesThatItNames(t *testing.T) {
	t.Parallel()
	render(t, demo, "--kube-version", "1.27.0")
	_, err := template(t, demo, "--kube-version", "1.26.9")
	if err == nil || !strings.Contains(err.Error(), "kubeVersion") {
		t.Errorf("for an older one: %v", err)
	}
}

func TestSettings_areWrittenAsTheGatewayReadsThem(t *testing.T) {
	t.Parallel()
	r := render(t, `
config:
  auth: [oidc, token]
  oidc-issuer: https://login.example.com
  oidc-audience: "restores, other"
  cache-bytes: 16777216
  max-answer-memory: 68719476736
  atlas-retries: 0
  atlas-budget: false
  cache-final: 10m
  dashboard: on
  introspection: off
  playground: auto
  replica-redis: rediss://redis.example.com
  log-format: null
  callback-origins: 'https://a.example.com, "quoted" # and : more'
tokens: {existingSecret: t}
routers: {existingSecret: r}
policy: {content: {rules: []}}
tls: {existingSecret: c, clientCAKey: ca.crt}
trustedDocuments: {existingConfigMap: m}
redis: {existingSecret: r, passwordKey: p, caKey: ca}
shutdown: {delaySeconds: 7, graceSeconds: 9}
`+credentials)
	got := one[*corev1.ConfigMap](t, r, "").Data["config.yaml"]
	want := `admin-listen: ":9464"
atlas-budget: false
atlas-credentials: "/etc/atlas-restore-gateway/atlas/credentials.yaml"
atlas-retries: 0
auth:
  - "oidc"
  - "token"
cache-bytes: 16777216
cache-final: "10m"
callback-origins: "https://a.example.com, \"quoted\" # and : more"
dashboard: "on"
introspection: "off"
listen: ":8080"
max-answer-memory: 68719476736
oidc-audience: "restores, other"
oidc-issuer: "https://login.example.com"
playground: "auto"
policy: "/etc/atlas-restore-gateway/settings/policy.yaml"
replica-key-file: "/etc/atlas-restore-gateway/settings/redis/key"
replica-redis: "rediss://redis.example.com"
replica-redis-ca: "/etc/atlas-restore-gateway/settings/redis/ca.crt"
replica-redis-password-file: "/etc/atlas-restore-gateway/settings/redis/password"
router-file: "/etc/atlas-restore-gateway/settings/routers.yaml"
shutdown-delay: "7s"
shutdown-grace: "9s"
tls-cert: "/etc/atlas-restore-gateway/settings/tls/tls.crt"
tls-client-ca: "/etc/atlas-restore-gateway/settings/tls/ca.crt"
tls-key: "/etc/atlas-restore-gateway/settings/tls/tls.key"
token-file: "/etc/atlas-restore-gateway/settings/tokens.yaml"
trusted-documents: "/etc/atlas-restore-gateway/settings/trusted-documents.json"
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// credentials are values with a credential whose secret is mounted.
const credentials = `
atlas:
  credentialsSecret: atlas
  credentials: [{name: payments, projects: [63f3484e1f3a9b27c6000001],
    apiKey: {publicKey: public, privateKey: {file: payments}}}]
`

// Pods are replaced for what the gateway reads at a start only.
func TestDeployment_isRolledOutForSettingsAndNotForFiles(t *testing.T) {
	t.Parallel()
	checksum := func(values string) string {
		r := render(t, values)
		return one[*appsv1.Deployment](t, r, "").Spec.Template.Annotations["checksum/config"]
	}
	const settings, policy = "config: {auth: passthrough}\n", "policy: {content: {rules: [{projects: all}]}}"
	before := checksum(settings + policy)
	if len(before) != 64 {
		t.Fatalf("the checksum is %q", before)
	}
	if checksum(settings+strings.Replace(policy, "all", "none", 1)) != before {
		t.Error("a change of the policy starts pods")
	}
	if checksum(strings.Replace(settings, "passthrough", "passthrough, cache-final: 1m", 1)+policy) == before {
		t.Error("a change of the settings starts none")
	}
}

func TestDeployment_namesTheImage(t *testing.T) {
	t.Parallel()
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, tt := range []struct{ name, values, want string }{
		{name: "the version of the chart", values: `{}`, want: "atlas-restore-gateway:1.0.0"},
		{
			name: "a registry", values: `{image: {repository: r.example.com:5000/a, tag: "1.2"}}`,
			want: "r.example.com:5000/a:1.2",
		},
		{
			name: "a digest", values: `{image: {tag: "1.2", digest: "` + digest + `"}}`,
			want: "atlas-restore-gateway@" + digest,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := render(t, demo, "--values", write(t, "image.yaml", tt.values))
			images := []string{r.container(t).Image, one[*corev1.Pod](t, r, "-test").Spec.Containers[0].Image}
			if want := []string{tt.want, tt.want}; !slices.Equal(images, want) {
				t.Errorf("the images are %q, want %q", images, want)
			}
		})
	}
}

func TestDeployment_takesCredentialsFromVariables(t *testing.T) {
	t.Parallel()
	c := render(t, token).container(t)
	if len(c.EnvFrom) != 1 || c.EnvFrom[0].SecretRef == nil || c.EnvFrom[0].SecretRef.Name != "atlas-environment" {
		t.Errorf("variables are taken from %v", c.EnvFrom)
	}
}

func TestNetworkPolicy_opensTheConfiguredPorts(t *testing.T) {
	t.Parallel()
	const otlp = `{env: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: x}]}`
	for _, tt := range []struct {
		name, values string
		want         []string
	}{
		{name: "no more than needed", values: `{}`, want: []string{"53", "53", "443"}},
		{name: "OTLP", values: otlp, want: []string{"53", "53", "443", "4317", "4318"}},
		{
			name: "a proxy alone", values: `{networkPolicy: {egress: {https: [], extra: [{ports: [{port: 3128}]}]}}}`,
			want: []string{"53", "53", "3128"},
		},
		{name: "Redis", values: redisAt("rediss://redis.example.com"), want: []string{"53", "53", "443", "6379"}},
		{name: "Redis elsewhere", values: redisAt("redis://user@redis:6380/2"), want: []string{"53", "53", "443", "6380"}},
		{
			name: "a cluster", values: redisAt("redis://a:7000?addr=b:7001&addr=c:7000"),
			want: []string{"53", "53", "443", "7000", "7001"},
		},
		{
			name: "sentinels and their servers", values: redisAt("redis://s1:26379?addr=s2:26379&master_set=primary"),
			want: []string{"53", "53", "443", "26379", "6379"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := render(t, demo, "--values", write(t, "egress.yaml", tt.values))
			var got []string
			for _, rule := range one[*networkingv1.NetworkPolicy](t, r, "").Spec.Egress {
				for _, p := range rule.Ports {
					got = append(got, p.Port.String())
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("the ports are %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNetworkPolicy_letsPeersInByPort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, values string
		want         map[string][]string // labels of peers, by port
	}{
		{name: "the namespace alone", values: `{}`, want: map[string][]string{"public": {""}}},
		{name: "none", values: `{from: []}`, want: map[string][]string{}},
		{
			name: "a router and the monitoring", values: `{from: [{podSelector: {matchLabels: {app: router}}}],
				adminFrom: [{podSelector: {matchLabels: {app: prometheus}}}, {podSelector: {matchLabels: {app: agent}}}]}`,
			want: map[string][]string{"public": {"router"}, "admin": {"prometheus", "agent"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, got := render(t, demo, "--values", write(t, "peers.yaml", "networkPolicy: "+tt.values)), map[string][]string{}
			for _, rule := range one[*networkingv1.NetworkPolicy](t, r, "").Spec.Ingress {
				for _, peer := range rule.From {
					port := rule.Ports[0].Port.String()
					got[port] = append(got[port], peer.PodSelector.MatchLabels["app"])
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// redisAt returns values with the URL of a Redis.
func redisAt(url string) string {
	return "config: {replica-redis: '" + url + "'}\nredis: {existingSecret: redis}\n"
}

func TestPrometheusRule_hasTheAlertsOfTheGateway(t *testing.T) {
	t.Parallel()
	rendered := one[*monitoringv1.PrometheusRule](t, render(t, demo+"metrics: {prometheusRule: {enabled: true}}"), "")
	file, err := os.ReadFile(filepath.Join(chart, "files/alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var want monitoringv1.PrometheusRuleSpec
	if err := yaml.UnmarshalStrict(file, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rendered.Spec); diff != "" || len(want.Groups) == 0 {
		t.Errorf("-want +got:\n%s", diff)
	}
	// A copy would be forgotten when the alerts change.
	if info, err := os.Lstat(filepath.Join(chart, "files/alerts.yaml")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("files/alerts.yaml is no link to the file of the alerts: %v, %v", info, err)
	}
}

func TestServiceAccount_isMadeOrNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values, want string
		made         int
	}{
		{values: `{create: true}`, want: "restores-atlas-restore-gateway", made: 1},
		{values: `{create: true, name: other}`, want: "other", made: 1},
		{values: `{create: false}`, want: "default"},
		{values: `{create: false, name: other}`, want: "other"},
	} {
		r := render(t, demo+"serviceAccount: "+tt.values)
		got, made := one[*appsv1.Deployment](t, r, "").Spec.Template.Spec.ServiceAccountName, all[*corev1.ServiceAccount](r)
		if got != tt.want || len(made) != tt.made || len(made) == 1 && made[0].Name != tt.want {
			t.Errorf("%s: the pod has %s, and %d are made", tt.values, got, len(made))
		}
	}
}

func TestNames_areShortenedWhereTheReleaseHasALongName(t *testing.T) {
	t.Parallel()
	text, err := helm(t, demo, "template", "a-release-with-a-name-that-is-as-long-as-helm-takes-x", chart)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	checkNames(t, release{objects})
}

// Helm prints the notes only where it installs. So a copy of the chart renders them into a ConfigMap.
func TestNotes_tellWhatIsInsecure(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "atlas-restore-gateway")
	if out, err := exec.CommandContext(t.Context(), "cp", "-RL", chart, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Rename(filepath.Join(dir, "templates/NOTES.txt"), filepath.Join(dir, "NOTES.txt")); err != nil {
		t.Fatal(err)
	}
	const shown = `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "notes"}, "data": {"notes":
		{{ tpl (.Files.Get "NOTES.txt") . | toJson }} }}`
	if err := os.WriteFile(filepath.Join(dir, "templates/notes.yaml"), []byte(shown), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, values string
		want, not    []string
	}{
		{
			name: "demo", values: demo,
			want: []string{"made-up jobs", "everyone who reaches the pods is served", "--namespace backup"},
			not:  []string{"Bearer", "tokens cross", "several", "Actions"},
		},
		{
			name: "token", values: token, not: []string{"everyone", "made-up", "INSECURE: without"},
			want: []string{
				"Authorization: Bearer TOKEN", "http://restores-atlas-restore-gateway.backup.svc:8080/graphql",
				"tokens cross the network", "restart the pods", "lets no pod reach the metrics",
			},
		},
		{
			name: "tls", values: token + "tls: {existingSecret: c}\nservice: {port: 443}", not: []string{"tokens cross"},
			want: []string{"https://restores-atlas-restore-gateway.backup.svc:443/graphql", "curl --insecure https://"},
		},
		{
			name: "several pods", values: token + "replicaCount: 2", want: []string{"Several pods without Redis are correct"},
		},
		{
			name:   "several pods with Redis",
			values: "config: {demo: true, replica-redis: 'rediss://r'}\nreplicaCount: 2\nredis: {existingSecret: r}",
			want:   []string{"made-up"}, not: []string{"without Redis"},
		},
		{
			name: "without a network policy", values: token + "networkPolicy: {enabled: false}",
			want: []string{"every pod reaches the admin port, which does not authenticate."},
		},
		{
			name: "an Ingress", values: token + "ingress: {enabled: true, hosts: [a.example.com]}",
			want: []string{"the Ingress has no TLS", "Name the controller of the Ingress"},
		},
		{
			name: "actions",
			values: strings.Replace(token, "auth: token", "auth: token, actions: true, single-replica: true", 1) +
				"networkPolicy: {enabled: false}" + actionsCredentials,
			want: []string{"Actions are on", "does not authenticate and can stop actions"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := helm(t, tt.values, "template", "restores", dir, "--namespace", "backup",
				"--show-only", "templates/notes.yaml")
			if err != nil {
				t.Fatal(err)
			}
			objects, err := decode(text)
			if err != nil {
				t.Fatal(err)
			}
			notes := objects[0].(*corev1.ConfigMap).Data["notes"] //nolint:forcetypeassert // see above
			for _, want := range tt.want {
				if !strings.Contains(notes, want) {
					t.Errorf("there is no %q in\n%s", want, notes)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(notes, not) {
					t.Errorf("there is %q in\n%s", not, notes)
				}
			}
		})
	}
}

func TestPackage_isReproducible(t *testing.T) {
	t.Parallel()
	var packages []string
	for range 2 {
		dir := t.TempDir()
		if out, err := exec.CommandContext(t.Context(), "make", "-C", "../..", "chart", "VERSION=7.8.9-rc.1", "DIST="+dir).
			CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		file := filepath.Join(dir, "atlas-restore-gateway-7.8.9-rc.1.tgz")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, string(content))
		text, err := helm(t, demo+"metrics: {prometheusRule: {enabled: true}}", "template", "restores", file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "image: \"atlas-restore-gateway:7.8.9-rc.1\"") || !strings.Contains(text, "- alert:") {
			t.Errorf("the package renders %s", text)
		}
	}
	if packages[0] != packages[1] {
		t.Error("two packages of the same chart differ")
	}
}
