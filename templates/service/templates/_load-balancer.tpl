{{/* What the AWS Load Balancer Controller makes of a Service. */}}
{{- define "service.loadBalancer" -}}
service.beta.kubernetes.io/aws-load-balancer-type: external
service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip
service.beta.kubernetes.io/aws-load-balancer-scheme: {{ ternary "internet-facing" "internal" (eq .Values.exposure "internet") }}
service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled={{ .Values.loadBalancer.preserveClientIp }}
service.beta.kubernetes.io/aws-load-balancer-attributes: load_balancing.cross_zone.enabled=true
service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol: http
service.beta.kubernetes.io/aws-load-balancer-healthcheck-port: traffic-port
service.beta.kubernetes.io/aws-load-balancer-healthcheck-path: {{ .Values.probes.ready | quote }}
service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval: "5"
service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout: "2"
service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold: "2"
service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold: "2"
{{- with .Values.loadBalancer.name }}
service.beta.kubernetes.io/aws-load-balancer-name: {{ . | quote }}
{{- end }}
{{- with .Values.loadBalancer.certificateArn }}
service.beta.kubernetes.io/aws-load-balancer-ssl-cert: {{ . | quote }}
service.beta.kubernetes.io/aws-load-balancer-ssl-ports: "443"
{{- end }}
{{- with .Values.loadBalancer.tags }}
service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags: {{ include "service.tags" . | quote }}
{{- end }}
{{- with .Values.loadBalancer.annotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Tags as the controller reads them: key=value,key=value. */}}
{{- define "service.tags" -}}
{{- $tags := list -}}
{{- range $key, $value := . -}}
{{- $tags = append $tags (printf "%s=%s" $key $value) -}}
{{- end -}}
{{ join "," $tags }}
{{- end }}
