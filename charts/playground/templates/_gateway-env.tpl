{{/* The options of the gateway, as environment variables. */}}

{{/* Who may come in: the gateway's and the smoke test's. */}}
{{- define "playground.accessEnv" -}}
- name: ALLOWED_USERS
  value: {{ join "," .Values.access.users | quote }}
- name: ALLOWED_ORGANIZATIONS
  value: {{ join "," .Values.access.organizations | quote }}
- name: ALLOWED_TEAMS
  value: {{ join "," .Values.access.teams | quote }}
- name: BLOCKED_USERS
  value: {{ join "," .Values.access.blockedUsers | quote }}
{{- end }}

{{/* One variable from the Secret: a dict of root, name, key. */}}
{{- define "playground.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "playground.secret" .root }}
      key: {{ .key }}
{{- end }}

{{- define "playground.gatewayEnv" -}}
- name: CLUSTER
  value: in-cluster
- name: LISTEN_HOST
  value: {{ .Values.gateway.listenHost | quote }}
- name: PORT
  value: '8080'
- name: METRICS_PORT
  value: '8081'
- name: PUBLIC_URL
  value: {{ include "playground.publicUrl" . | quote }}
- name: TRUSTED_PROXIES
  value: {{ include "playground.trustedProxies" . | quote }}
- name: SESSION_NAMESPACE
  value: {{ include "playground.sessionNamespace" . }}
- name: MAX_SESSIONS
  value: {{ .Values.sessions.max | quote }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: ENVIRONMENTS_DIR
  value: /etc/playground/environments
- name: DEFAULT_ENVIRONMENT
  value: {{ .Values.defaultEnvironment }}
- name: GITHUB_URL
  value: {{ .Values.github.url | quote }}
{{- with .Values.github.apiUrl }}
- name: GITHUB_API_URL
  value: {{ . | quote }}
{{- end }}
{{ include "playground.secretEnv" (dict "root" . "name" "GITHUB_CLIENT_ID" "key" "github-client-id") }}
{{ include "playground.secretEnv" (dict "root" . "name" "GITHUB_CLIENT_SECRET" "key" "github-client-secret") }}
{{ include "playground.secretEnv" (dict "root" . "name" "COOKIE_KEYS" "key" "cookie-keys") }}
{{ include "playground.secretEnv" (dict "root" . "name" "TOKEN_KEYS" "key" "token-keys") }}
{{ include "playground.accessEnv" . }}
- name: MIN_ACCOUNT_AGE_DAYS
  value: {{ .Values.access.minAccountAgeDays | quote }}
- name: SIGN_IN_HOURS
  value: {{ .Values.access.signInHours | quote }}
- name: DRAIN_SECONDS
  value: {{ .Values.gateway.drainSeconds | quote }}
- name: LOG_LEVEL
  value: {{ .Values.gateway.logLevel }}
{{- with .Values.gateway.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
