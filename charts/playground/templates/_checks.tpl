{{/* Values that contradict each other, each told in a sentence. */}}

{{- define "playground.checkSecret" -}}
{{- $github := or .Values.github.clientId .Values.github.clientSecret -}}
{{- if .Values.secret.existing -}}
  {{- if or $github .Values.secret.cookieKeys .Values.secret.tokenKeys -}}
    {{- fail "secret.existing names a Secret that holds github-client-id, github-client-secret, cookie-keys and token-keys: leave github.clientId, github.clientSecret, secret.cookieKeys and secret.tokenKeys out." -}}
  {{- end -}}
{{- else if not (and .Values.github.clientId .Values.github.clientSecret) -}}
  {{- fail (printf "Nobody can sign in: give github.clientId and github.clientSecret, or secret.existing. Register an OAuth app at %s/settings/developers with the callback URL %s/login/callback" (trimSuffix "/" .Values.github.url) (include "playground.publicUrl" .)) -}}
{{- end -}}
{{- end }}

{{- define "playground.checkAddress" -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
  {{- fail "ingress.enabled and httpRoute.enabled exclude each other: two ways in would need two public addresses." -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not .Values.publicUrl) -}}
  {{- fail "publicUrl is missing: ingress and httpRoute take host and path from it." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
  {{- fail "httpRoute.parentRefs is empty: an HTTPRoute belongs to a Gateway." -}}
{{- end -}}
{{- if and .Values.service.nodePort (eq .Values.service.type "ClusterIP") -}}
  {{- fail "service.nodePort needs service.type NodePort or LoadBalancer." -}}
{{- end -}}
{{- if and .Values.service.loadBalancerSourceRanges (ne .Values.service.type "LoadBalancer") -}}
  {{- fail "service.loadBalancerSourceRanges needs service.type LoadBalancer." -}}
{{- end -}}
{{- end }}

{{- define "playground.checkReplicas" -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
  {{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not .Values.autoscaling.cpuPercent) (not .Values.autoscaling.memoryPercent) -}}
  {{- fail "autoscaling needs autoscaling.cpuPercent or autoscaling.memoryPercent to go by." -}}
{{- end -}}
{{- if lt (int (include "playground.gracePeriod" .)) (int (add .Values.gateway.drainSeconds 15)) -}}
  {{- fail "gateway.terminationGracePeriodSeconds must be at least gateway.drainSeconds and 15 more: a replica that is killed earlier cuts terminals." -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
  {{- fail "serviceAccount.name is missing: with serviceAccount.create=false it names the one that is there." -}}
{{- end -}}
{{- end }}

{{- define "playground.checkSessions" -}}
{{- $namespace := include "playground.sessionNamespace" . -}}
{{- if eq $namespace .Release.Namespace -}}
  {{- fail (printf "sessions.namespace.name is %s, the release's own namespace: sessions need one for themselves, since all that is in it is theirs to fill." $namespace) -}}
{{- end -}}
{{- if gt (len $namespace) 63 -}}
  {{- fail (printf "The namespace of the sessions would be %s, which is longer than 63 characters: set sessions.namespace.name." $namespace) -}}
{{- end -}}
{{- with .Values.sessions.resourceQuota -}}
  {{- if and .enabled .hard.pods (lt (int .hard.pods) (int $.Values.sessions.max)) -}}
    {{- fail (printf "sessions.max is %d, but sessions.resourceQuota.hard.pods is %s: users would be told that there is room where there is none." (int $.Values.sessions.max) (toString .hard.pods)) -}}
  {{- end -}}
{{- end -}}
{{- if not (hasKey (include "playground.environments" . | fromYaml) .Values.defaultEnvironment) -}}
  {{- fail (printf "defaultEnvironment is %s, but environments has only %s." .Values.defaultEnvironment (keys .Values.environments | sortAlpha | join ", " | default "none")) -}}
{{- end -}}
{{- end }}

{{- define "playground.check" -}}
{{- include "playground.checkSecret" . -}}
{{- include "playground.checkAddress" . -}}
{{- include "playground.checkReplicas" . -}}
{{- include "playground.checkSessions" . -}}
{{- end }}
