package helm

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// part is a part of the values of a row of the matrix.
type part struct {
	name   string
	values string
	// group names what a row can have one of, "" where that is not so.
	group string
	// not are the names of parts that it cannot stand beside.
	not []string
}

// bases say who is served, and with which credential Atlas is called. Each row has one.
var bases = []part{
	{name: "demo", values: `{config: {demo: true}}`},
	{name: "token", values: `
config: {auth: token}
tokens: {existingSecret: tokens}
policy: {content: {rules: [
  {subject: {token: backup-team}, projects: [63f3484e1f3a9b27c6000001], permissions: ["jobs:read"]}]}}
atlas:
  credentialsSecret: atlas
  credentials:
    - name: payments
      projects: [63f3484e1f3a9b27c6000001]
      apiKey: {publicKey: abcdefgh, privateKey: {file: payments}}
    - name: shop
      organizations: [63f3484e1f3a9b27c6000002]
      serviceAccount: {clientId: mdb_sa_id_1, clientSecret: {file: shop}}`},
	{name: "oidc", values: `
config: {auth: [oidc, router], oidc-issuer: "https://login.example.com", oidc-audience: restores}
routers: {existingSecret: routers, key: r.yaml}
policy: {existingSecret: policy}
atlas: {environmentSecret: atlas-environment}`},
	{name: "passthrough", values: `{config: {auth: passthrough}}`},
	{name: "everyone", values: `
config: {serve-everyone-without-authentication: true}
atlas: {environmentSecret: atlas-environment}`},
}

// actionsCredentials are values the section actions.
const actionsCredentials = `
actions:
  stopConfigMap: restores-stopped
  credentialsSecret: atlas-actions
  credentials: [{name: actions, projects: [63f3484e1f3a9b27c6000001],
    apiKey: {publicKey: abcdefgh, privateKey: {file: k}}}]`

// options are added to a base. The first one is nothing.
var options = []part{
	{name: "no option", values: `{}`},
	{name: "tls", values: `{tls: {existingSecret: certificate}}`},
	{
		name: "client certificates", not: []string{"tls", "demo", "token", "passthrough", "everyone"},
		values: `{config: {router-tls-names: router.example.com}, tls: {existingSecret: certificate, clientCAKey: ca.crt}}`,
	},
	{
		name: "redis", group: "redis",
		values: `
config: {replica-redis: "rediss://redis.example.com"}
redis: {existingSecret: redis, passwordKey: password, caKey: ca.crt}`,
	},
	{
		name: "sentinels", group: "redis",
		values: `
config: {replica-redis: "redis://s1:26379?addr=s2:26379&addr=s3:26379&master_set=primary"}
redis: {existingSecret: redis, sealKey: seal}
networkPolicy: {egress: {redis: [{podSelector: {matchLabels: {app: redis}}}]}}`,
	},
	{
		name: "actions of a single replica", group: "actions", not: []string{"redis", "sentinels", "passthrough", "everyone",
			"demo", "three pods", "autoscaling", "autoscaling by memory"},
		values: `config: {actions: true, single-replica: true}` + actionsCredentials,
	},
	{
		name: "actions with redis", group: "actions", not: []string{"redis", "sentinels", "passthrough", "everyone", "demo"},
		values: `
config: {actions: true, replica-redis: "rediss://redis.example.com:6380"}
redis: {existingSecret: redis}` + actionsCredentials,
	},
	{name: "three pods", group: "pods", values: `{replicaCount: 3}`},
	{name: "no pod", group: "pods", values: `{replicaCount: 0}`},
	{name: "autoscaling", group: "pods", values: `{autoscaling: {enabled: true}}`},
	{
		name: "autoscaling by memory", group: "pods",
		values: `
autoscaling:
  enabled: true
  targetCPUUtilizationPercentage: null
  targetMemoryUtilizationPercentage: 80
  behavior: {scaleDown: {stabilizationWindowSeconds: 600}}`,
	},
	{name: "digest", group: "image", values: `
image:
  repository: registry.example.com:5000/backup/atlas-restore-gateway
  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`},
	{name: "tag", group: "image", values: `
image: {tag: 1.2.3, pullPolicy: Always}
imagePullSecrets: [{name: registry}]`},
	{name: "ingress", values: `
ingress:
  enabled: true
  className: nginx
  hosts: [restores.example.com, restores.example.org]
  tls: [{secretName: restores-tls, hosts: [restores.example.com]}]
networkPolicy: {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}, podSelector: {}}]}`},
	{name: "monitoring", values: `
metrics:
  serviceMonitor: {enabled: true, labels: {release: prometheus}, interval: 30s, scrapeTimeout: 10s}
  prometheusRule: {enabled: true, labels: {release: prometheus}}
networkPolicy: {adminFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}`},
	{name: "no admin service", not: []string{"monitoring"}, values: `{metrics: {service: {enabled: false}}}`},
	{name: "no peers", group: "network", not: []string{"ingress"}, values: `{networkPolicy: {from: []}}`},
	{name: "no network policy", group: "network", values: `{networkPolicy: {enabled: false}}`},
	{name: "egress", group: "network", values: `
networkPolicy:
  egress:
    dns: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
    https: [{ipBlock: {cidr: 192.0.2.0/24}}]
    extra: [{ports: [{port: 8443}], to: [{podSelector: {matchLabels: {app: idp}}}]}]`},
	{name: "no disruption budget", group: "budget", values: `{podDisruptionBudget: {enabled: false}}`},
	{name: "half may be evicted", group: "budget", values: `{podDisruptionBudget: {maxUnavailable: 50%}}`},
	{name: "the account of the namespace", group: "account", values: `{serviceAccount: {create: false}}`},
	{name: "an existing account", group: "account", values: `{serviceAccount: {create: false, name: restores}}`},
	{name: "shutdown", values: `{shutdown: {delaySeconds: 45, graceSeconds: 120, marginSeconds: 2}}`},
	{name: "no resources", group: "resources", values: `{resources: {requests: null, limits: null}}`, not: []string{
		"autoscaling", "autoscaling by memory",
	}},
	{name: "memory in bytes", group: "resources", values: `{resources: {limits: {memory: 1073741824}}}`},
	{name: "users of the cluster", values: `{podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}`},
	{name: "variables", values: `
env:
  - {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://collector.monitoring:4318"}
  - {name: GOMEMLIMIT, value: 200MiB}
  - {name: SOME_TOKEN, valueFrom: {secretKeyRef: {name: some, key: token}}}`},
	{name: "a volume", values: `
config: {audit-log: /var/log/gateway/audit.jsonl}
extraVolumes: [{name: audit, emptyDir: {}}]
extraVolumeMounts: [{name: audit, mountPath: /var/log/gateway}]`},
	{name: "trusted documents", values: `{trustedDocuments: {existingConfigMap: manifest}}`},
	{name: "scheduling", values: `
topologySpread: [{topologyKey: kubernetes.io/hostname, maxSkew: 2, whenUnsatisfiable: DoNotSchedule}]
nodeSelector: {kubernetes.io/arch: arm64}
tolerations: [{key: backup, operator: Exists, effect: NoSchedule}]
priorityClassName: backup
affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [
  {weight: 1, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}]}}`},
	{name: "no spread", not: []string{"scheduling"}, values: `{topologySpread: []}`},
	{name: "labels", values: `
commonLabels: {team: backup}
podLabels: {team: pods, mesh: "on"}
podAnnotations: {mesh.example.com/inject: "true"}
service: {type: LoadBalancer, port: 443, annotations: {example.com/internal: "true"}}
metrics: {service: {annotations: {example.com/scrape: "true"}}}
serviceAccount: {annotations: {example.com/role: none}}`},
	{name: "settings", values: `
config:
  log-format: text
  cache-bytes: 16777216
  max-answer-memory: 68719476736
  cache-final: 10m
  atlas-budget: false
  dashboard: on
  introspection: off
  cors-origins: ["https://a.example.com", "https://b.example.com"]
  callback-origins: https://router.example.com`},
}

// row is a row of the matrix.
type row struct{ name, values string }

// single returns each option with each base.
func single() (found []row) {
	for _, base := range bases {
		for _, option := range options {
			if base.fits(option) {
				found = append(found, newRow(base, option))
			}
		}
	}
	return found
}

// rows returns each option with each base, and rows of as many options as fit together, until each two of them that fit
// together stand in one of these.
func rows() []row {
	found, seen := single(), map[[2]string]bool{}
	for i, first := range options[1:] {
		for j, second := range options[1:][:i] {
			for k := range bases {
				// Bases alternate, so that each of them gets its part of the rows.
				parts := []part{bases[(i+j+k)%len(bases)], second, first}
				if seen[pair(first, second)] || !allFit(parts) {
					continue
				}
				for _, option := range options[1:] {
					if more := append(slices.Clone(parts), option); allFit(more) {
						parts = more
					}
				}
				for n, one := range parts {
					for _, other := range parts[:n] {
						seen[pair(one, other)] = true
					}
				}
				r := newRow(parts...)
				r.name = fmt.Sprintf("%s and %d more", newRow(parts[:3]...).name, len(parts)-3)
				found = append(found, r)
			}
		}
	}
	return found
}

// pair returns a key for two parts in any order.
func pair(a, b part) [2]string { return [2]string{min(a.name, b.name), max(a.name, b.name)} }

// fits reports whether the parts can stand in one row.
func (p part) fits(other part) bool {
	return p.name != other.name && (p.group == "" || p.group != other.group) && !slices.Contains(p.not, other.name) &&
		!slices.Contains(other.not, p.name)
}

func allFit(parts []part) bool {
	for i, p := range parts {
		if slices.ContainsFunc(parts[:i], func(other part) bool { return !p.fits(other) }) {
			return false
		}
	}
	return true
}

// newRow returns the row of the parts.
func newRow(parts ...part) row {
	values, names := map[string]any{}, make([]string, 0, len(parts))
	for _, p := range parts {
		var own map[string]any
		// What stands behind a map in braces would be a second document, which others do not read.
		decoder := yaml.NewDecoder(strings.NewReader(p.values))
		if err := errors.Join(decoder.Decode(&own), ended(decoder)); err != nil {
			panic(p.name + ": " + err.Error())
		}
		values, names = merged(values, own), append(names, p.name)
	}
	text, err := yaml.Marshal(values)
	if err != nil {
		panic(err)
	}
	return row{name: strings.Join(names, "+"), values: string(text)}
}

// ended returns an error unless there is nothing more to decode.
func ended(decoder *yaml.Decoder) error {
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("there is more than one document: %w", err)
	}
	return nil
}

// merged returns a with the values of b, maps within them merged as well.
func merged(a, b map[string]any) map[string]any {
	a = maps.Clone(a)
	for key, value := range b {
		below, isMap := value.(map[string]any)
		if before, wasMap := a[key].(map[string]any); isMap && wasMap {
			value = merged(before, below)
		}
		a[key] = value
	}
	return a
}
