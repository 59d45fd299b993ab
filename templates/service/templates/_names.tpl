{{/* The name of what belongs to all colours. */}}
{{- define "service.name" -}}
{{ required "name: the service's name is required" .Values.name }}
{{- end }}

{{/* The name of what belongs to one colour. */}}
{{- define "service.colored" -}}
{{ include "service.name" . }}{{ with .Values.color }}-{{ . }}{{ end }}
{{- end }}

{{/* The name by which others call it: frontend-app-service, backend-service. */}}
{{- define "service.address" -}}
{{ .Values.service.name | default (printf "%s-service" (include "service.name" . | trimSuffix "-service")) }}
{{- end }}

{{- define "service.account" -}}
{{ .Values.serviceAccount.name | default (include "service.name" .) }}
{{- end }}

{{/* What all colours' pods have in common. */}}
{{- define "service.selector" -}}
app.kubernetes.io/name: {{ include "service.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The pods of this release's colour. */}}
{{- define "service.coloredSelector" -}}
{{ include "service.selector" . }}
{{- with .Values.color }}
color: {{ . }}
{{- end }}
{{- end }}

{{- define "service.labels" -}}
{{ include "service.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: platform
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
