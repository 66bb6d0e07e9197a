{{/*
Ends with an error that lists all mistakes in the values that values.schema.json cannot see, each with what to do. What is
between two settings of the gateway is not checked here: the gateway does that when it starts, and check-config before.
*/}}
{{- define "gateway.validate" -}}
{{- $config := .Values.config }}
{{- $errors := list }}

{{- /* Settings that the chart makes. */}}
{{- $owned := dict
  "listen" "the pod listens on port 8080 of all addresses; set service.port for another port of the Service"
  "admin-listen" "the pod listens on port 9464 for metrics and health"
  "shutdown-delay" "set shutdown.delaySeconds, which the grace period of the pod follows"
  "shutdown-grace" "set shutdown.graceSeconds, which the grace period of the pod follows" }}
{{- range $key, $do := $owned }}
{{- if hasKey $config $key }}
{{- $errors = append $errors (printf "config.%s: leave it out: %s" $key $do) }}
{{- end }}
{{- end }}
{{- $files := dict
  "atlas-credentials" (list "atlas.credentials" .Values.atlas.credentials)
  "policy" (list "policy" (or .Values.policy.content .Values.policy.existingSecret))
  "token-file" (list "tokens.existingSecret" .Values.tokens.existingSecret)
  "router-file" (list "routers.existingSecret" .Values.routers.existingSecret)
  "tls-cert" (list "tls.existingSecret" .Values.tls.existingSecret)
  "tls-key" (list "tls.existingSecret" .Values.tls.existingSecret)
  "tls-client-ca" (list "tls.clientCAKey" .Values.tls.clientCAKey)
  "trusted-documents" (list "trustedDocuments.existingConfigMap" .Values.trustedDocuments.existingConfigMap)
  "replica-key-file" (list "redis.existingSecret" .Values.redis.existingSecret)
  "replica-redis-password-file" (list "redis.passwordKey" .Values.redis.passwordKey)
  "replica-redis-ca" (list "redis.caKey" .Values.redis.caKey)
  "actions-credentials" (list "actions.credentials" .Values.actions.credentials)
  "actions-stop-file" (list "actions.stopConfigMap" .Values.actions.stopConfigMap) }}
{{- range $key, $value := $files }}
{{- if and (hasKey $config $key) (index $value 1) }}
{{- $errors = append $errors (printf "config.%s and %s name the same file: leave one of them out" $key (first $value)) }}
{{- end }}
{{- end }}
{{- if and .Values.policy.content .Values.policy.existingSecret }}
{{- $errors = append $errors "policy: content and existingSecret contradict each other: leave one of them out" }}
{{- end }}
{{- $folder := include "gateway.folder" . }}
{{- range .Values.extraVolumeMounts }}
{{- if hasPrefix (printf "%s/" $folder) (printf "%s/" .mountPath) }}
{{- $errors = append $errors (printf "extraVolumeMounts: %s is the chart's: mount it elsewhere" .mountPath) }}
{{- end }}
{{- end }}
{{- range .Values.extraVolumes }}
{{- if has .name (list "settings" "atlas" "actions") }}
{{- $errors = append $errors (printf "extraVolumes: the chart has a volume %s: give it another name" .name) }}
{{- end }}
{{- end }}
{{- if not (has (get $config "audit-log" | default "-") (list "-" "/dev/stderr")) }}
{{- if not .Values.extraVolumeMounts }}
{{- $errors = append $errors "config.audit-log: the root file system is read-only: leave it out, for the standard error, or mount a volume by extraVolumes and extraVolumeMounts" }}
{{- end }}
{{- end }}

{{- /* Secrets, which a ConfigMap is no place for. */}}
{{- range $key, $value := $config }}
{{- $secret := or (regexMatch "(password|secret|private-key|api-key|access-token)$" $key) (eq $key "replica-key") }}
{{- range kindIs "slice" $value | ternary $value (list $value) }}
{{- $secret = or $secret (regexMatch "://[^/@]*:[^/@]+@|-----BEGIN |^arg_" (toString .)) }}
{{- end }}
{{- if $secret }}
{{- $errors = append $errors (printf "config.%s holds a secret, and config becomes a ConfigMap: put it into a Secret, and name that by atlas, tokens, routers, tls or redis" $key) }}
{{- end }}
{{- end }}
{{- range .Values.env }}
{{- if and (hasPrefix "GATEWAY_" .name) (not (has .name (list "GATEWAY_REPLICA_KEY" "GATEWAY_REPLICA_REDIS_PASSWORD"))) }}
{{- $errors = append $errors (printf "env: %s would win over the file of settings: set config.%s" .name (.name | trimPrefix "GATEWAY_" | lower | replace "_" "-")) }}
{{- else if and .value (regexMatch "(?i)(password|secret|private_?key|api_?key|access_?token|replica_key)$" .name) }}
{{- $errors = append $errors (printf "env: %s holds a secret: take it from a Secret, by valueFrom.secretKeyRef" .name) }}
{{- end }}
{{- end }}

{{- /* Who is served. */}}
{{- if include "gateway.servesEveryone" . }}
{{- if not (or (index $config "serve-everyone-without-authentication") (and $config.demo (not (include "gateway.auth" .)))) }}
{{- $errors = append $errors "config.auth: the pods can be reached from others, and callers would not authenticate: set config.auth to oidc, token, router or passthrough; or set config.demo to serve made-up jobs, or config.serve-everyone-without-authentication to serve everyone who reaches the pods" }}
{{- else if $config.actions }}
{{- $errors = append $errors "config.actions: everyone could overwrite clusters: set config.auth to oidc, token or router" }}
{{- end }}
{{- end }}

{{- /* The Atlas credential. */}}
{{- $credentials := list }}
{{- if $config.demo }}{{ $credentials = append $credentials "config.demo" }}{{ end }}
{{- if eq (include "gateway.auth" .) "passthrough" }}{{ $credentials = append $credentials "config.auth: passthrough" }}{{ end }}
{{- if .Values.atlas.credentials }}{{ $credentials = append $credentials "atlas.credentials" }}{{ end }}
{{- if index $config "atlas-credentials" }}{{ $credentials = append $credentials "config.atlas-credentials" }}{{ end }}
{{- if .Values.atlas.environmentSecret }}{{ $credentials = append $credentials "atlas.environmentSecret" }}{{ end }}
{{- range .Values.env }}
{{- if has .name (list "MONGODB_ATLAS_PRIVATE_API_KEY" "MONGODB_ATLAS_CLIENT_SECRET" "MONGODB_ATLAS_ACCESS_TOKEN") }}
{{- $credentials = append $credentials (printf "%s of env" .name) }}
{{- end }}
{{- end }}
{{- if not $credentials }}
{{- $errors = append $errors "atlas: the gateway has no credential: set atlas.credentials and atlas.credentialsSecret, or atlas.environmentSecret; or set config.demo to try it without Atlas" }}
{{- else if gt (len $credentials) 1 }}
{{- $errors = append $errors (printf "atlas: there is more than one source of credentials: leave out all but one of %s" (join ", " $credentials)) }}
{{- end }}
{{- if and $config.actions (not (or $config.demo .Values.actions.credentials (index $config "actions-credentials"))) }}
{{- $errors = append $errors "config.actions needs credentials of its own: set actions.credentials and actions.credentialsSecret" }}
{{- end }}
{{- range $name := list "atlas" "actions" }}
{{- $part := index $.Values $name }}
{{- if and $part.credentialsSecret (not $part.credentials) }}
{{- $errors = append $errors (printf "%s.credentialsSecret is used by %s.credentials alone: set that, too" $name $name) }}
{{- end }}
{{- range $part.credentials }}
{{- range $field, $source := merge dict (.apiKey | default dict) (.serviceAccount | default dict) }}
{{- if and (kindIs "map" $source) $source.file (not (isAbs $source.file)) (not $part.credentialsSecret) }}
{{- $errors = append $errors (printf "%s.credentials: %s is in the file %s: set %s.credentialsSecret to the Secret with this key" $name $field $source.file $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Redis. */}}
{{- $redis := index $config "replica-redis" }}
{{- $sealed := or .Values.redis.existingSecret (index $config "replica-key-file") }}
{{- range .Values.env }}{{ if eq .name "GATEWAY_REPLICA_KEY" }}{{ $sealed = true }}{{ end }}{{ end }}
{{- if and $redis (not $sealed) }}
{{- $errors = append $errors "config.replica-redis needs a secret that seals what is stored there: create a Secret with it (openssl rand -base64 32) and set redis.existingSecret" }}
{{- end }}
{{- if and .Values.redis.existingSecret (not $redis) }}
{{- $errors = append $errors "redis.existingSecret is used with config.replica-redis alone: set that, too" }}
{{- end }}

{{- /* The number of pods. */}}
{{- $many := gt (include "gateway.maxReplicas" . | int) 1 }}
{{- if index $config "single-replica" }}
{{- if $many }}
{{- $errors = append $errors (printf "config.single-replica: there can be %s pods: set replicaCount to 1 and autoscaling.enabled to false, or leave out config.single-replica and set config.replica-redis" (include "gateway.maxReplicas" .)) }}
{{- end }}
{{- else if and $config.actions (not $redis) (or $many (not $config.demo)) }}
{{- $errors = append $errors "config.actions: pods must not make an action twice: set config.replica-redis, or with one pod config.single-replica" }}
{{- end }}
{{- with .Values.autoscaling }}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{- $errors = append $errors "autoscaling: minReplicas is larger than maxReplicas" }}
{{- end }}
{{- if not (or .targetCPUUtilizationPercentage .targetMemoryUtilizationPercentage) }}
{{- $errors = append $errors "autoscaling: set targetCPUUtilizationPercentage or targetMemoryUtilizationPercentage" }}
{{- end }}
{{- range $resource, $target := dict "cpu" .targetCPUUtilizationPercentage "memory" .targetMemoryUtilizationPercentage }}
{{- if and $target (not (index ($.Values.resources.requests | default dict) $resource)) }}
{{- $errors = append $errors (printf "autoscaling: use is measured against resources.requests.%s, which is not set" $resource) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.rollingUpdate }}
{{- if and (has (toString .maxSurge) (list "0" "0%")) (has (toString .maxUnavailable) (list "0" "0%")) }}
{{- $errors = append $errors "rollingUpdate: with maxSurge and maxUnavailable of 0 no pod could be replaced: set one of them" }}
{{- end }}
{{- end }}

{{- /* Memory. */}}
{{- with (.Values.resources.limits | default dict).memory }}
{{- if not (include "gateway.bytes" .) }}
{{- $errors = append $errors (printf "resources.limits.memory: GOMEMLIMIT cannot be computed from %v: use a whole number with Mi or Gi" .) }}
{{- end }}
{{- end }}

{{- /* What is reached from outside. */}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- $errors = append $errors "ingress.hosts: name the hosts of the Ingress" }}
{{- end }}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) }}
{{- $errors = append $errors "metrics.serviceMonitor selects the Service of the admin port: set metrics.service.enabled" }}
{{- end }}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.networkPolicy.enabled (not .Values.networkPolicy.adminFrom) }}
{{- $errors = append $errors "metrics.serviceMonitor: the NetworkPolicy keeps Prometheus from the admin port: name it in networkPolicy.adminFrom" }}
{{- end }}

{{- if $errors }}
{{- fail (printf "\n  %s" ($errors | uniq | join "\n  ")) }}
{{- end }}
{{- end }}
