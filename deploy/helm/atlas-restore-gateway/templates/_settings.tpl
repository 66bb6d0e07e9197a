{{/*
What the gateway gets: its settings, as one file for --config, and the files that they name.

  /etc/atlas-restore-gateway/settings   config.yaml, the policy, and single keys of Secrets
  /etc/atlas-restore-gateway/atlas      credentials.yaml of atlas, and all keys of its Secret
  /etc/atlas-restore-gateway/actions    the same of actions

Each is one projected volume and is mounted as a whole, so that Kubernetes replaces its files when they change.
*/}}

{{- define "gateway.folder" -}}/etc/atlas-restore-gateway{{- end }}

{{/* The ports of the container. Values cannot change them: a Service can have any port. */}}
{{- define "gateway.publicPort" -}}8080{{- end }}
{{- define "gateway.adminPort" -}}9464{{- end }}

{{/* The values of config.auth with commas between. */}}
{{- define "gateway.auth" -}}
{{- $auth := .Values.config.auth | default list }}
{{- kindIs "slice" $auth | ternary (join "," $auth) ($auth | toString | nospace) }}
{{- end }}

{{/* "true" where callers do not authenticate. */}}
{{- define "gateway.servesEveryone" -}}
{{- if has "none" (include "gateway.auth" . | default "none" | splitList ",") }}true{{ end }}
{{- end }}

{{/* How clients connect. */}}
{{- define "gateway.scheme" -}}
{{- if or .Values.tls.existingSecret (index .Values.config "tls-cert") }}https{{ else }}http{{ end }}
{{- end }}

{{/* Most pods that serve at a time when nothing is updated. */}}
{{- define "gateway.maxReplicas" -}}
{{- .Values.autoscaling.enabled | ternary .Values.autoscaling.maxReplicas .Values.replicaCount | int }}
{{- end }}

{{/* The settings that the chart makes from values, in YAML. */}}
{{- define "gateway.chartSettings" -}}
{{- $folder := include "gateway.folder" . }}
{{- $settings := printf "%s/settings" $folder }}
listen: ":{{ include "gateway.publicPort" . }}"
admin-listen: ":{{ include "gateway.adminPort" . }}"
shutdown-delay: {{ int .Values.shutdown.delaySeconds }}s
shutdown-grace: {{ int .Values.shutdown.graceSeconds }}s
{{- if and .Values.config.demo (not (include "gateway.auth" .)) }}
serve-everyone-without-authentication: true
{{- end }}
{{- if .Values.atlas.credentials }}
atlas-credentials: {{ $folder }}/atlas/credentials.yaml
{{- end }}
{{- if or .Values.policy.content .Values.policy.existingSecret }}
policy: {{ $settings }}/policy.yaml
{{- end }}
{{- if .Values.tokens.existingSecret }}
token-file: {{ $settings }}/tokens.yaml
{{- end }}
{{- if .Values.routers.existingSecret }}
router-file: {{ $settings }}/routers.yaml
{{- end }}
{{- if .Values.tls.existingSecret }}
tls-cert: {{ $settings }}/tls/tls.crt
tls-key: {{ $settings }}/tls/tls.key
{{- if .Values.tls.clientCAKey }}
tls-client-ca: {{ $settings }}/tls/ca.crt
{{- end }}
{{- end }}
{{- if .Values.trustedDocuments.existingConfigMap }}
trusted-documents: {{ $settings }}/trusted-documents.json
{{- end }}
{{- if .Values.redis.existingSecret }}
replica-key-file: {{ $settings }}/redis/key
{{- if .Values.redis.passwordKey }}
replica-redis-password-file: {{ $settings }}/redis/password
{{- end }}
{{- if .Values.redis.caKey }}
replica-redis-ca: {{ $settings }}/redis/ca.crt
{{- end }}
{{- end }}
{{- if .Values.actions.credentials }}
actions-credentials: {{ $folder }}/actions/credentials.yaml
{{- end }}
{{- if .Values.actions.stopConfigMap }}
actions-stop-file: {{ $settings }}/stop
{{- end }}
{{- end }}

{{/*
A value of a setting in YAML. Helm reads numbers as floats, which would print 16777216 as 1.6777216e+07, and reads on and
off as booleans, which some settings have beside auto.
*/}}
{{- define "gateway.scalar" -}}
{{- $switches := list "playground" "dashboard" "introspection" "atlas-serverless" "http-cache" }}
{{- if and (kindIs "bool" .value) (has .key $switches) }}
{{- .value | ternary "on" "off" | quote }}
{{- else if and (kindIs "float64" .value) (eq (floor .value) .value) }}
{{- printf "%.0f" .value }}
{{- else if kindIs "string" .value }}
{{- .value | toRawJson }}
{{- else }}
{{- .value }}
{{- end }}
{{- end }}

{{/* The file of --config. */}}
{{- define "gateway.configFile" -}}
{{- $settings := merge dict (include "gateway.chartSettings" . | fromYaml) .Values.config }}
{{- range $key, $value := $settings }}
{{- if kindIs "slice" $value }}
{{ $key }}:
{{- range $value }}
  - {{ include "gateway.scalar" (dict "key" $key "value" .) }}
{{- end }}
{{- else if not (kindIs "invalid" $value) }}
{{ $key }}: {{ include "gateway.scalar" (dict "key" $key "value" $value) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The projected volumes. */}}
{{- define "gateway.volumes" -}}
{{- $configMap := include "gateway.fullname" . }}
- name: settings
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: {{ $configMap }}
          items:
            - { key: config.yaml, path: config.yaml }
            {{- if .Values.policy.content }}
            - { key: policy.yaml, path: policy.yaml }
            {{- end }}
      {{- with .Values.policy }}
      {{- if .existingSecret }}
      - secret: { name: {{ .existingSecret | quote }}, items: [{ key: {{ .key | quote }}, path: policy.yaml }] }
      {{- end }}
      {{- end }}
      {{- with .Values.tokens }}
      {{- if .existingSecret }}
      - secret: { name: {{ .existingSecret | quote }}, items: [{ key: {{ .key | quote }}, path: tokens.yaml }] }
      {{- end }}
      {{- end }}
      {{- with .Values.routers }}
      {{- if .existingSecret }}
      - secret: { name: {{ .existingSecret | quote }}, items: [{ key: {{ .key | quote }}, path: routers.yaml }] }
      {{- end }}
      {{- end }}
      {{- with .Values.tls }}
      {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret | quote }}
          items:
            - { key: {{ .certificateKey | quote }}, path: tls/tls.crt }
            - { key: {{ .privateKeyKey | quote }}, path: tls/tls.key }
            {{- if .clientCAKey }}
            - { key: {{ .clientCAKey | quote }}, path: tls/ca.crt }
            {{- end }}
      {{- end }}
      {{- end }}
      {{- with .Values.redis }}
      {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret | quote }}
          items:
            - { key: {{ .sealKey | quote }}, path: redis/key }
            {{- if .passwordKey }}
            - { key: {{ .passwordKey | quote }}, path: redis/password }
            {{- end }}
            {{- if .caKey }}
            - { key: {{ .caKey | quote }}, path: redis/ca.crt }
            {{- end }}
      {{- end }}
      {{- end }}
      {{- with .Values.trustedDocuments }}
      {{- if .existingConfigMap }}
      - configMap:
          name: {{ .existingConfigMap | quote }}
          items: [{ key: {{ .key | quote }}, path: trusted-documents.json }]
      {{- end }}
      {{- end }}
      {{- with .Values.actions.stopConfigMap }}
      - configMap: { name: {{ . | quote }}, optional: true, items: [{ key: stop, path: stop }] }
      {{- end }}
{{- range $name := list "atlas" "actions" }}
{{- $part := index $.Values $name }}
{{- if $part.credentials }}
- name: {{ $name }}
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: {{ $configMap }}
          items: [{ key: {{ $name }}-credentials.yaml, path: credentials.yaml }]
      {{- with $part.credentialsSecret }}
      - secret: { name: {{ . | quote }} }
      {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The mounts of these volumes. */}}
{{- define "gateway.volumeMounts" -}}
{{- range $volume := include "gateway.volumes" . | fromYamlArray }}
- { name: {{ $volume.name }}, mountPath: {{ include "gateway.folder" $ }}/{{ $volume.name }}, readOnly: true }
{{- end }}
{{- end }}

{{/* Bytes of a quantity of memory; "" for a form that is not understood. */}}
{{- define "gateway.bytes" -}}
{{- $quantity := toString . }}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 }}
{{- if kindIs "float64" . }}
{{- printf "%.0f" . }}
{{- else if regexMatch "^[0-9]+([kMG]|[KMG]i)?$" $quantity }}
{{- mul (regexFind "^[0-9]+" $quantity | int64) (index $units (regexFind "[A-Za-z]*$" $quantity)) }}
{{- end }}
{{- end }}

{{/* The seconds that a pod has to end. */}}
{{- define "gateway.terminationGracePeriodSeconds" -}}
{{- with .Values.shutdown }}{{ add (int .delaySeconds) (int .graceSeconds) (int .marginSeconds) }}{{ end }}
{{- end }}

{{/* The ports of a URL of Redis, with commas between. Sentinels name servers, which are taken to have Redis's own port. */}}
{{- define "gateway.redisPorts" -}}
{{- $ports := list }}
{{- $url := urlParse . }}
{{- $hosts := list $url.host }}
{{- range splitList "&" $url.query }}
{{- if hasPrefix "addr=" . }}{{ $hosts = append $hosts (trimPrefix "addr=" .) }}{{ end }}
{{- if hasPrefix "master_set=" . }}{{ $ports = append $ports "6379" }}{{ end }}
{{- end }}
{{- range $hosts }}
{{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default "6379") }}
{{- end }}
{{- $ports | uniq | sortAlpha | join "," }}
{{- end }}
