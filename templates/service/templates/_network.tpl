{{/* Who may reach the pods, all at their one port. */}}
{{- define "service.ingress" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $ranges := $policy.loadBalancerRanges -}}
{{- if and (eq .Values.exposure "internet") (not $ranges) -}}
{{- $ranges = list "0.0.0.0/0" "::/0" -}}
{{- end -}}
{{- $sources := list -}}
{{- if ne .Values.exposure "cluster" -}}
{{- range $ranges -}}
{{- $sources = append $sources (dict "ipBlock" (dict "cidr" .)) -}}
{{- end -}}
{{- end -}}
{{- range $policy.callers -}}
{{- $sources = append $sources (dict "podSelector" (dict "matchLabels" (dict "app.kubernetes.io/name" .))) -}}
{{- end -}}
{{- with $policy.metrics -}}
{{- if .enabled -}}
{{- $namespace := dict "matchLabels" (dict "kubernetes.io/metadata.name" .namespace) -}}
{{- $sources = append $sources (dict "namespaceSelector" $namespace "podSelector" (dict "matchLabels" .podLabels)) -}}
{{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- if $sources -}}
{{- $ports := list (dict "port" (int .Values.port) "protocol" "TCP") -}}
{{- $rules = append $rules (dict "from" $sources "ports" $ports) -}}
{{- end -}}
{{ toYaml $rules }}
{{- end }}

{{/* What the pods may reach. */}}
{{- define "service.egress" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $dns := dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" $policy.dns.namespace)) -}}
{{- $dns = set $dns "podSelector" (dict "matchLabels" $policy.dns.podLabels) -}}
{{- $ports := list (dict "port" 53 "protocol" "UDP") (dict "port" 53 "protocol" "TCP") -}}
{{- $rules := list (dict "to" (list $dns) "ports" $ports) -}}
{{- range $policy.calls -}}
{{- $targets := list -}}
{{- with .service -}}
{{- $targets = append $targets (dict "podSelector" (dict "matchLabels" (dict "app.kubernetes.io/name" .))) -}}
{{- end -}}
{{- range .ranges -}}
{{- $targets = append $targets (dict "ipBlock" (dict "cidr" .)) -}}
{{- end -}}
{{- $rules = append $rules (dict "to" $targets "ports" (list (dict "port" (int .port) "protocol" "TCP"))) -}}
{{- end -}}
{{ toYaml (concat $rules $policy.extraEgress) }}
{{- end }}
