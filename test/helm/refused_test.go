package helm

import (
	"strings"
	"testing"
)

// token are values that are accepted, and to which a row adds a mistake.
const token = `
config: {auth: token}
tokens: {existingSecret: tokens}
policy: {existingSecret: policy}
atlas: {environmentSecret: atlas-environment}
`

const demo = `
config: {demo: true}
`

func TestChart_refusesValuesThatContradictEachOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		base   string
		values string
		want   []string
	}{
		{
			name: "nothing is set", values: `{}`,
			want: []string{"config.auth: the pods can be reached", "config.serve-everyone-without-authentication",
				"atlas: the gateway has no credential", "config.demo"},
		},
		{
			name: "callers do not authenticate", base: token, values: `config: {auth: none}`,
			want: []string{"config.auth: the pods can be reached"},
		},
		{
			name: "not all callers authenticate", base: token, values: `config: {auth: "token, none"}`,
			want: []string{"config.auth: the pods can be reached"},
		},
		{
			name: "a demo that says none", base: demo, values: `config: {auth: [none]}`,
			want: []string{"config.auth: the pods can be reached"},
		},
		{
			name: "actions for everyone", base: demo, values: `config: {actions: true}`,
			want: []string{"config.actions: everyone could overwrite clusters"},
		},
		{
			name: "an address", base: demo, values: `config: {listen: ":9000"}`,
			want: []string{"config.listen: leave it out", "service.port"},
		},
		{
			name: "an admin address", base: demo, values: `config: {admin-listen: ":9000"}`,
			want: []string{"config.admin-listen: leave it out", "9464"},
		},
		{
			name: "a delay beside the grace period", base: demo, values: `config: {shutdown-delay: 5m}`,
			want: []string{"config.shutdown-delay: leave it out", "shutdown.delaySeconds"},
		},
		{
			name: "a grace beside the grace period", base: demo, values: `config: {shutdown-grace: 5m}`,
			want: []string{"config.shutdown-grace: leave it out", "shutdown.graceSeconds"},
		},
		{
			name: "a grace period without space", base: demo, values: `shutdown: {marginSeconds: 0}`,
			want: []string{"/shutdown/marginSeconds", "minimum"},
		},
		{
			name: "two policies", base: token, values: `policy: {content: {rules: []}}`,
			want: []string{"policy: content and existingSecret contradict each other"},
		},
		{
			name: "a file that the chart mounts", base: token, values: `config: {token-file: /mnt/tokens.yaml}`,
			want: []string{"config.token-file and tokens.existingSecret name the same file"},
		},
		{
			name: "no credential", base: token, values: `atlas: {environmentSecret: ""}`,
			want: []string{"atlas: the gateway has no credential"},
		},
		{
			name: "two credentials", base: token,
			values: `env: [{name: MONGODB_ATLAS_ACCESS_TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}]`,
			want:   []string{"leave out all but one of atlas.environmentSecret, MONGODB_ATLAS_ACCESS_TOKEN of env"},
		},
		{
			name: "a demo with a credential", base: demo, values: `atlas: {environmentSecret: a}`,
			want: []string{"leave out all but one of config.demo, atlas.environmentSecret"},
		},
		{
			name: "a mounted credential that nothing uses", base: token, values: `atlas: {credentialsSecret: a}`,
			want: []string{"atlas.credentialsSecret is used by atlas.credentials alone"},
		},
		{
			name: "a credential in a file that is not mounted", base: token,
			values: `atlas: {environmentSecret: "", credentials: [{name: a, projects: [63f3484e1f3a9b27c6000001],
				apiKey: {publicKey: abcdefgh, privateKey: {file: k}}}]}`,
			want: []string{"privateKey is in the file k: set atlas.credentialsSecret"},
		},
		{
			name: "a secret in a credential", base: token,
			values: `atlas: {environmentSecret: "", credentials: [{name: a, projects: [63f3484e1f3a9b27c6000001],
				apiKey: {publicKey: abcdefgh, privateKey: 0123-4567}}]}`,
			want: []string{"/atlas/credentials/0/apiKey/privateKey", "got string, want object"},
		},
		{
			name: "an id that is none", base: token,
			values: `atlas: {environmentSecret: "", credentialsSecret: a, credentials: [{name: a, projects: [orders],
				apiKey: {publicKey: abcdefgh, privateKey: {file: k}}}]}`,
			want: []string{"/atlas/credentials/0/projects/0", "does not match pattern"},
		},
		{
			name: "a key of Redis in the settings", base: token, values: `config: {replica-key: c2VjcmV0}`,
			want: []string{"config.replica-key holds a secret"},
		},
		{
			name: "a password in the settings", base: token, values: `config: {replica-redis-password: secret}`,
			want: []string{"config.replica-redis-password holds a secret"},
		},
		{
			name: "a password in a URL", base: token,
			values: "config: {replica-redis: 'rediss://user:secret@redis'}\nredis: {existingSecret: redis}",
			want:   []string{"config.replica-redis holds a secret"},
		},
		{
			name: "a token in a list", base: token, values: `config: {router-tls-names: [arg_0123]}`,
			want: []string{"config.router-tls-names holds a secret"},
		},
		{
			name: "a secret in a variable", base: token, values: `env: [{name: SHOP_CLIENT_SECRET, value: secret}]`,
			want: []string{"env: SHOP_CLIENT_SECRET holds a secret", "secretKeyRef"},
		},
		{
			name: "a setting in a variable", base: token, values: `env: [{name: GATEWAY_CACHE_FINAL, value: 1h}]`,
			want: []string{"env: GATEWAY_CACHE_FINAL would win", "set config.cache-final"},
		},
		{
			name: "Redis without a seal", base: token, values: `config: {replica-redis: "rediss://redis"}`,
			want: []string{"config.replica-redis needs a secret", "openssl rand -base64 32", "redis.existingSecret"},
		},
		{
			name: "a seal without Redis", base: token, values: `redis: {existingSecret: redis}`,
			want: []string{"redis.existingSecret is used with config.replica-redis alone"},
		},
		{
			name: "actions of several pods without Redis", base: token,
			values: "replicaCount: 2\nconfig: {actions: true}",
			want:   []string{"config.actions: pods must not make an action twice", "config.replica-redis"},
		},
		{
			name: "actions of a pod that may have others beside it", base: token, values: "config: {actions: true}",
			want: []string{"config.actions: pods must not make an action twice", "config.single-replica"},
		},
		{
			name: "actions without credentials", base: token, values: "config: {actions: true, single-replica: true}",
			want: []string{"config.actions needs credentials of its own: set actions.credentials"},
		},
		{
			name: "several single replicas", base: token,
			values: "replicaCount: 3\nconfig: {actions: true, single-replica: true}",
			want:   []string{"config.single-replica: there can be 3 pods", "config.replica-redis"},
		},
		{
			name: "a single replica that is scaled", base: token,
			values: "autoscaling: {enabled: true}\nconfig: {actions: true, single-replica: true}",
			want:   []string{"config.single-replica: there can be 5 pods", "autoscaling.enabled"},
		},
		{
			name: "an autoscaler upside down", base: demo, values: `autoscaling: {enabled: true, minReplicas: 9}`,
			want: []string{"autoscaling: minReplicas is larger than maxReplicas"},
		},
		{
			name: "an autoscaler without a target", base: demo,
			values: `autoscaling: {enabled: true, targetCPUUtilizationPercentage: null}`,
			want:   []string{"autoscaling: set targetCPUUtilizationPercentage"},
		},
		{
			name: "an autoscaler without a request", base: demo,
			values: "autoscaling: {enabled: true}\nresources: {requests: {cpu: null}}",
			want:   []string{"resources.requests.cpu, which is not set"},
		},
		{
			name: "an update that cannot proceed", base: demo, values: `rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}`,
			want: []string{"rollingUpdate: with maxSurge and maxUnavailable of 0"},
		},
		{
			name: "a budget that blocks nodes", base: demo, values: `podDisruptionBudget: {maxUnavailable: 0}`,
			want: []string{"/podDisruptionBudget/maxUnavailable"},
		},
		{
			name: "a quantity that is not understood", base: demo, values: `resources: {limits: {memory: 0.5Gi}}`,
			want: []string{"resources.limits.memory: GOMEMLIMIT cannot be computed from 0.5Gi"},
		},
		{
			name: "an Ingress without hosts", base: demo, values: `ingress: {enabled: true}`,
			want: []string{"ingress.hosts: name the hosts"},
		},
		{
			name: "a ServiceMonitor without a Service", base: demo,
			values: "metrics: {serviceMonitor: {enabled: true}, service: {enabled: false}}\nnetworkPolicy: {enabled: false}",
			want:   []string{"metrics.serviceMonitor selects the Service of the admin port"},
		},
		{
			name: "a ServiceMonitor that cannot connect", base: demo, values: `metrics: {serviceMonitor: {enabled: true}}`,
			want: []string{"metrics.serviceMonitor: the NetworkPolicy keeps Prometheus", "networkPolicy.adminFrom"},
		},
		{
			name: "an audit log that cannot be written", base: token, values: `config: {audit-log: /var/log/audit.jsonl}`,
			want: []string{"config.audit-log: the root file system is read-only"},
		},
		{
			name: "a mount over those of the chart", base: demo,
			values: `
extraVolumes: [{name: a, emptyDir: {}}]
extraVolumeMounts: [{name: a, mountPath: /etc/atlas-restore-gateway}]`,
			want: []string{"extraVolumeMounts: /etc/atlas-restore-gateway is the chart's"},
		},
		{
			name: "a volume of the chart", base: demo, values: `extraVolumes: [{name: settings, emptyDir: {}}]`,
			want: []string{"extraVolumes: the chart has a volume settings"},
		},
		{name: "an unknown value", base: demo, values: `replicas: 2`, want: []string{"additional properties 'replicas'"}},
		{
			name: "an unknown value below", base: demo, values: `metrics: {serviceMonitor: {enable: true}}`,
			want: []string{"/metrics/serviceMonitor", "additional properties 'enable'"},
		},
		{name: "a flag with its dashes", base: demo, values: `config: {--cache-final: 1h}`, want: []string{"--cache-final"}},
		{name: "a setting with parts", base: demo, values: `config: {oidc: {issuer: x}}`, want: []string{"/config/oidc"}},
		{
			name: "a label of the chart", base: demo, values: `podLabels: {app.kubernetes.io/name: x}`,
			want: []string{"invalid propertyName 'app.kubernetes.io/name'"},
		},
		{
			name: "root", base: demo, values: `podSecurityContext: {runAsUser: 0}`,
			want: []string{"/podSecurityContext/runAsUser"},
		},
		{name: "a digest that is none", base: demo, values: `image: {digest: latest}`, want: []string{"/image/digest"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// The mistake is in a file of its own, which helm merges into the values that are accepted.
			text, err := template(t, tt.base, "--values", write(t, "mistake.yaml", tt.values))
			if err == nil {
				t.Fatalf("it is accepted:\n%s", text)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error has no %q: %v", want, err)
				}
			}
		})
	}
	for name, values := range map[string]string{"token": token, "demo": demo} {
		t.Run("accepted/"+name, func(t *testing.T) {
			t.Parallel()
			if _, err := template(t, values); err != nil {
				t.Errorf("the values to which mistakes are added have one: %v", err)
			}
		})
	}
}

func TestChart_reportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := template(t, `{config: {listen: ":80", actions: true, shutdown-delay: 1s}, replicaCount: 2}`)
	if err == nil {
		t.Fatal("it is accepted")
	}
	for _, want := range []string{"config.listen", "config.shutdown-delay", "config.auth", "config.actions", "atlas:"} {
		if !strings.Contains(err.Error(), "\n  "+want) {
			t.Errorf("%q is not in a line of its own: %v", want, err)
		}
	}
}
