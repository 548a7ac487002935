{{/* What a session may reach, as rules of a NetworkPolicy. */}}

{{/* First and last address of an IPv4 CIDR as numbers, in YAML. */}}
{{- define "playground.ipv4Range" -}}
{{- $parts := splitList "/" . -}}
{{- $number := 0 -}}
{{- range splitList "." (first $parts) }}{{ $number = add (mul $number 256) (int64 .) }}{{ end -}}
{{- $size := 1 -}}
{{- range until (int (sub 32 (int64 (last $parts)))) }}{{ $size = mul $size 2 }}{{ end -}}
{{- $first := mul (div $number $size) $size -}}
first: {{ $first }}
last: {{ add $first $size -1 }}
{{- end }}

{{/* "inside", "around" (strictly) or "apart": where the IPv4 CIDR `one` is, seen from `other`. */}}
{{- define "playground.ipv4Relation" -}}
{{- $one := include "playground.ipv4Range" .one | fromYaml -}}
{{- $other := include "playground.ipv4Range" .other | fromYaml -}}
{{- if and (ge (int64 $one.first) (int64 $other.first)) (le (int64 $one.last) (int64 $other.last)) -}}
inside
{{- else if and (le (int64 $one.first) (int64 $other.first)) (ge (int64 $one.last) (int64 $other.last)) -}}
around
{{- else -}}
apart
{{- end -}}
{{- end }}

{{/* What is left out of a CIDR, as a YAML list; fails where nothing may be reached. A dict of root, place, cidr, except. */}}
{{- define "playground.exceptions" -}}
{{- $values := .root.Values.networkPolicy -}}
{{- $exceptions := default (list) .except -}}
{{- if not $values.apiServer.cidrs -}}
  {{- fail (printf "%s goes out to %s: set networkPolicy.apiServer.cidrs, so that the API server is left out. Its addresses: kubectl get endpointslices,services -n default" .place .cidr) -}}
{{- end -}}
{{- $isV6 := contains ":" .cidr -}}
{{- $never := concat (list "169.254.0.0/16" "fe80::/10") $values.apiServer.cidrs -}}
{{- range $other := concat $never $values.privateCidrs -}}
  {{- if ne $isV6 (contains ":" $other) -}}
  {{- else if $isV6 -}}
    {{- $exceptions = append $exceptions $other -}}
  {{- else -}}
    {{- $relation := include "playground.ipv4Relation" (dict "one" $.cidr "other" $other) -}}
    {{- if eq $relation "around" -}}
      {{- $exceptions = append $exceptions $other -}}
    {{- else if and (eq $relation "inside") (has $other $never) -}}
      {{- fail (printf "%s goes out to %s, which is in %s: sessions never reach the metadata address or the API server." $.place $.cidr $other) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml (uniq $exceptions) -}}
{{- end }}

{{- define "playground.egressPorts" -}}
{{- range . }}
- port: {{ .port }}
  protocol: {{ .protocol | default "TCP" }}
  {{- with .endPort }}
  endPort: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* One rule of an environment's egress. A dict of root, place, rule. */}}
{{- define "playground.egressRule" -}}
{{- $rule := .rule -}}
{{- if $rule.dns -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- else -}}
- to:
    {{- if $rule.cidr }}
    - ipBlock:
        cidr: {{ $rule.cidr | quote }}
        {{- with include "playground.exceptions" (dict "root" .root "place" .place "cidr" $rule.cidr "except" $rule.except) | fromYamlArray }}
        except:
          {{- toYaml . | nindent 10 }}
        {{- end }}
    {{- else }}
    {{- if eq $rule.namespace (include "playground.sessionNamespace" .root) }}
    {{- fail (printf "%s goes out to the namespace of the sessions: sessions never reach each other." .place) }}
    {{- end }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ $rule.namespace }}
      podSelector:
        matchLabels:
          {{- toYaml $rule.podLabels | nindent 10 }}
    {{- end }}
  {{- with $rule.ports }}
  ports:
    {{- include "playground.egressPorts" . | trim | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* Ports of GitHub and its API, as a YAML list. */}}
{{- define "playground.githubPorts" -}}
{{- $ports := list -}}
{{- range compact (list .Values.github.url .Values.github.apiUrl) -}}
  {{- $url := urlParse . -}}
  {{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
  {{- $ports = append $ports (int $port) -}}
{{- end -}}
{{- toYaml (uniq $ports) -}}
{{- end }}
