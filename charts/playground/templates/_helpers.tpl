{{/* Names, labels and addresses that several templates use. */}}

{{- define "playground.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "playground.fullname" -}}
{{- $name := include "playground.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "playground.selectorLabels" -}}
app.kubernetes.io/name: {{ include "playground.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "playground.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "playground.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: playground
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Metadata of an object: a dict of root, name, component, and where needed namespace, labels, annotations. */}}
{{- define "playground.metadata" -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- $own := mergeOverwrite (include "playground.labels" .root | fromYaml) (default (dict) .labels) }}
  {{- toYaml (set $own "app.kubernetes.io/component" .component) | nindent 2 }}
{{- with merge (dict) (default (dict) .annotations) .root.Values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Labels of a pod: a dict of root, component, labels. Without versions, so that pods are replaced only when they change. */}}
{{- define "playground.podLabels" -}}
{{- $own := include "playground.selectorLabels" .root | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/component" .component -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "playground" -}}
{{- toYaml (merge $own (default (dict) .labels) .root.Values.labels) -}}
{{- end }}

{{- define "playground.gatewaySelector" -}}
{{ include "playground.selectorLabels" . }}
app.kubernetes.io/component: gateway
{{- end }}

{{/* Address that browsers use, without a slash at its end. */}}
{{- define "playground.publicUrl" -}}
{{- .Values.publicUrl | default "http://127.0.0.1:8080" | trimSuffix "/" -}}
{{- end }}

{{- define "playground.publicPath" -}}
{{- (urlParse (include "playground.publicUrl" .)).path | default "/" -}}
{{- end }}

{{/* Name of its host, without a port. */}}
{{- define "playground.publicHost" -}}
{{- (urlParse (include "playground.publicUrl" .)).hostname -}}
{{- end }}

{{- define "playground.trustedProxies" -}}
{{- if kindIs "invalid" .Values.trustedProxies -}}
{{- ternary 1 0 (or .Values.ingress.enabled .Values.httpRoute.enabled) -}}
{{- else -}}
{{- int .Values.trustedProxies -}}
{{- end -}}
{{- end }}

{{/* Seconds that a gateway may take to end: it serves on for drainSeconds, then needs 15 at most. */}}
{{- define "playground.gracePeriod" -}}
{{- .Values.gateway.terminationGracePeriodSeconds | default (add .Values.gateway.drainSeconds 20) -}}
{{- end }}

{{- define "playground.sessionNamespace" -}}
{{- .Values.sessions.namespace.name | default (printf "%s-sessions" .Release.Namespace) -}}
{{- end }}

{{- define "playground.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "playground.fullname" .) -}}
{{- end }}

{{- define "playground.sessionServiceAccount" -}}
{{- printf "%s-session" (include "playground.fullname" .) -}}
{{- end }}

{{- define "playground.secret" -}}
{{- .Values.secret.existing | default (include "playground.fullname" .) -}}
{{- end }}

{{- define "playground.gatewayPriorityClass" -}}
{{- .Values.gateway.priorityClassName | default (ternary (printf "%s-gateway" (include "playground.fullname" .)) "" .Values.priorityClasses.create) -}}
{{- end }}

{{- define "playground.sessionPriorityClass" -}}
{{- .Values.sessions.priorityClassName | default (ternary (printf "%s-session" (include "playground.fullname" .)) "" .Values.priorityClasses.create) -}}
{{- end }}

{{/* Reference of an image: a dict of root and key, a key of .Values.image. */}}
{{- define "playground.image" -}}
{{- $all := .root.Values.image -}}
{{- $one := get $all .key -}}
{{- $place := $one.repository -}}
{{- with $all.registry }}{{ $place = printf "%s/%s" (trimSuffix "/" .) $place }}{{ end -}}
{{- if $one.digest -}}
{{- printf "%s@%s" $place $one.digest -}}
{{- else -}}
{{- printf "%s:%s" $place ($one.tag | default $all.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "playground.pullSecrets" -}}
{{- range .Values.image.pullSecrets }}
- name: {{ . }}
{{- end }}
{{- end }}

{{/* What the Pod Security level restricted asks of a pod and of a container. */}}
{{- define "playground.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "playground.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}
