{{/* Environments: the templates that come with the chart, with what the values say merged over them. */}}

{{/* Reads a file of an environment that comes with the chart, or an empty dict. A dict of root, name, file. */}}
{{- define "playground.shippedFile" -}}
{{- .root.Files.Get (printf "files/environments/%s/%s" .name .file) | default "{}" -}}
{{- end }}

{{/* One container: its image when it is one of the project's, then what the values say. A dict of root, container, given. */}}
{{- define "playground.container" -}}
{{- $keys := dict "playground/gateway" "gateway" "playground/terminal" "terminal" "playground/garden-lite" "gardenLite" -}}
{{- $container := deepCopy .container -}}
{{- with get $keys (toString $container.image) }}
{{- $_ := set $container "image" (include "playground.image" (dict "root" $.root "key" .)) -}}
{{- $_ := set $container "imagePullPolicy" $.root.Values.image.pullPolicy -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite $container (deepCopy (default (dict) .given))) -}}
{{- end }}

{{/* What all session pods have, as far as an environment says nothing else. */}}
{{- define "playground.sessionSpec" -}}
serviceAccountName: {{ include "playground.sessionServiceAccount" . }}
automountServiceAccountToken: false
{{- with include "playground.pullSecrets" . }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "playground.sessionPriorityClass" . }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.sessions.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .Values.sessions.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.sessions.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.sessions.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The pod template of an environment. A dict of root, name, given. */}}
{{- define "playground.pod" -}}
{{- $root := .root -}}
{{- $pod := include "playground.shippedFile" (dict "root" $root "name" (default .name .given.from) "file" "pod.yaml") | fromYaml -}}
{{- $pod = mustMergeOverwrite $pod (deepCopy (default (dict) .given.pod)) -}}
{{- $spec := mustMergeOverwrite (include "playground.sessionSpec" $root | fromYaml) (default (dict) $pod.spec) -}}
{{- $overrides := default (dict) .given.containers -}}
{{- $names := list -}}
{{- range $list := list "initContainers" "containers" -}}
  {{- $done := list -}}
  {{- range (default (list) (get $spec $list)) -}}
    {{- $names = append $names .name -}}
    {{- $done = append $done (include "playground.container" (dict "root" $root "container" . "given" (get $overrides .name)) | fromYaml) -}}
  {{- end -}}
  {{- if $done }}{{ $_ := set $spec $list $done }}{{ end -}}
{{- end -}}
{{- range $name, $_ := $overrides -}}
  {{- if not (has $name $names) -}}
    {{- fail (printf "environments.%s.containers.%s: the environment has no container %s; it has %s." $.name $name $name (join ", " $names)) -}}
  {{- end -}}
{{- end -}}
{{- $metadata := default (dict) $pod.metadata -}}
{{- range $field, $values := dict "labels" $root.Values.sessions.podLabels "annotations" $root.Values.sessions.podAnnotations -}}
  {{- with mustMergeOverwrite (deepCopy $values) (default (dict) (get $metadata $field)) -}}
    {{- $_ := set $metadata $field . -}}
  {{- end -}}
{{- end -}}
{{- toYaml (dict "apiVersion" "v1" "kind" "Pod" "metadata" $metadata "spec" $spec) -}}
{{- end }}

{{/* All environments as YAML: name → {environment, pod, egress}. */}}
{{- define "playground.environments" -}}
{{- $root := . -}}
{{- $all := dict -}}
{{- range $name, $value := .Values.environments -}}
  {{- $given := default (dict) $value -}}
  {{- $from := default $name $given.from -}}
  {{- $isShipped := $root.Files.Get (printf "files/environments/%s/pod.yaml" $from) -}}
  {{- if and $given.from (not $isShipped) -}}
    {{- fail (printf "environments.%s.from: no environment %s comes with the chart." $name $from) -}}
  {{- end -}}
  {{- if not (or $isShipped (and $given.environment $given.pod)) -}}
    {{- fail (printf "environments.%s: no environment of this name comes with the chart. Give environment and pod, or from." $name) -}}
  {{- end -}}
  {{- $about := include "playground.shippedFile" (dict "root" $root "name" $from "file" "environment.yaml") | fromYaml -}}
  {{- $about = mustMergeOverwrite $about (deepCopy (default (dict) $given.environment)) -}}
  {{- $pod := include "playground.pod" (dict "root" $root "name" $name "given" $given) | fromYaml -}}
  {{- $_ := set $all $name (dict "environment" $about "pod" $pod "egress" (default (list) $given.egress)) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{/* Ports of all agents, as a YAML list. */}}
{{- define "playground.agentPorts" -}}
{{- $ports := list 8022 -}}
{{- range $_, $environment := include "playground.environments" . | fromYaml -}}
  {{- range $environment.pod.spec.containers -}}
    {{- if eq .name "terminal" -}}
      {{- range .ports }}{{ if eq (default "" .name) "agent" }}{{ $ports = append $ports (int .containerPort) }}{{ end }}{{ end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml (uniq $ports) -}}
{{- end }}
