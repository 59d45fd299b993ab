//! What runs in the cluster beside the services.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::items;

use super::Exposure;

/// What runs in the cluster beside the services. All of it is on unless it is switched off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Components {
    /// Prometheus, Alertmanager and Grafana.
    pub monitoring: Monitoring,
    /// Fluent Bit, which collects the logs of all pods.
    pub logging: Logging,
    /// The external-secrets operator: Kubernetes secrets from Secrets Manager and Parameter Store.
    pub external_secrets: ExternalSecrets,
    /// The AWS load balancer controller: load balancers for services.
    pub load_balancer_controller: LoadBalancerController,
    /// The cluster autoscaler: nodes by load.
    pub cluster_autoscaler: ClusterAutoscaler,
}

/// Prometheus, Alertmanager and Grafana.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Monitoring {
    /// Whether it is there.
    pub enabled: bool,
    /// Its namespace.
    #[schemars(extend("format" = "dns-label"))]
    pub namespace: String,
    /// For how many days metrics are kept.
    #[schemars(range(min = 1, max = 3650))]
    pub retention_days: u32,
    /// The size of the volume that holds them, in GiB.
    #[schemars(range(min = 1, max = 16384))]
    pub storage_gib: u32,
    /// The dashboards.
    pub grafana: Grafana,
    /// Where alerts go.
    pub alerts: Alerts,
    /// YAML files with further values, by their paths from this file's folder: later ones over earlier ones,
    /// `values` over all. Only they can hold a null, which takes a default of the chart away.
    pub values_files: Vec<String>,
    /// Further values for the chart, over all that is computed.
    pub values: BTreeMap<String, Value>,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self {
            enabled: true,
            namespace: "monitoring".to_owned(),
            retention_days: 15,
            storage_gib: 20,
            grafana: Grafana::default(),
            alerts: Alerts::default(),
            values_files: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

/// The dashboards. The administrator's password is generated and kept in Secrets Manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grafana {
    /// Whether they are there.
    pub enabled: bool,
    /// Who can reach them.
    pub exposure: Exposure,
}

impl Default for Grafana {
    fn default() -> Self {
        Self { enabled: true, exposure: Exposure::Internet }
    }
}

/// Where alerts go. Without a receiver they are shown in Alertmanager and go nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// The addresses that get e-mail.
    #[schemars(transform = items("email-address"), extend("uniqueItems" = true))]
    pub email_to: Vec<String>,
    /// The sender's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "email-address"))]
    pub email_from: Option<String>,
    /// The mail server, as `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "host-port"))]
    pub smtp_server: Option<String>,
    /// The user there. Its password is the secret `ENVIRONMENT/alertmanager-smtp` in Secrets Manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub smtp_user: Option<String>,
}

/// Fluent Bit, which collects the logs of all pods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// Whether it is there.
    pub enabled: bool,
    /// Its namespace.
    #[schemars(extend("format" = "dns-label"))]
    pub namespace: String,
    /// Where logs go.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub outputs: Vec<LogOutput>,
    /// After how many days CloudWatch deletes them; one of its values.
    #[schemars(extend("enum" = super::super::format::RETENTION_DAYS))]
    pub retention_days: u32,
    /// YAML files with further values, by their paths from this file's folder: later ones over earlier ones,
    /// `values` over all. Only they can hold a null, which takes a default of the chart away.
    pub values_files: Vec<String>,
    /// Further values for the chart, over all that is computed.
    pub values: BTreeMap<String, Value>,
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            enabled: true,
            namespace: "logging".to_owned(),
            outputs: vec![LogOutput::Stdout, LogOutput::Cloudwatch],
            retention_days: 14,
            values_files: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

/// Where logs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogOutput {
    /// Fluent Bit's own output.
    Stdout,
    /// CloudWatch Logs, in the log group `ENVIRONMENT/pods`.
    Cloudwatch,
}

/// The external-secrets operator. It reads only secrets and parameters below the environment's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExternalSecrets {
    /// Whether it is there.
    pub enabled: bool,
    /// Its namespace.
    #[schemars(extend("format" = "dns-label"))]
    pub namespace: String,
    /// How often secrets are read again (`1h`, `15m`).
    #[schemars(extend("format" = "duration"))]
    pub refresh_interval: String,
    /// YAML files with further values, by their paths from this file's folder: later ones over earlier ones,
    /// `values` over all. Only they can hold a null, which takes a default of the chart away.
    pub values_files: Vec<String>,
    /// Further values for the chart, over all that is computed.
    pub values: BTreeMap<String, Value>,
}

impl Default for ExternalSecrets {
    fn default() -> Self {
        Self {
            enabled: true,
            namespace: "external-secrets".to_owned(),
            refresh_interval: "1h".to_owned(),
            values_files: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

/// The AWS load balancer controller, in `kube-system`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoadBalancerController {
    /// Whether it is there.
    pub enabled: bool,
    /// Its chart, a folder or an archive, by its path from this file's folder: for networks in which upstream's, which
    /// is fetched and pinned otherwise, cannot be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub chart: Option<String>,
    /// YAML files with further values, by their paths from this file's folder: later ones over earlier ones,
    /// `values` over all. Only they can hold a null, which takes a default of the chart away.
    pub values_files: Vec<String>,
    /// Further values for the chart, over all that is computed.
    pub values: BTreeMap<String, Value>,
}

impl Default for LoadBalancerController {
    fn default() -> Self {
        Self { enabled: true, chart: None, values_files: Vec::new(), values: BTreeMap::new() }
    }
}

/// The cluster autoscaler, in `kube-system`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterAutoscaler {
    /// Whether it is there.
    pub enabled: bool,
    /// YAML files with further values, by their paths from this file's folder: later ones over earlier ones,
    /// `values` over all. Only they can hold a null, which takes a default of the chart away.
    pub values_files: Vec<String>,
    /// Further values for the chart, over all that is computed.
    pub values: BTreeMap<String, Value>,
}

impl Default for ClusterAutoscaler {
    fn default() -> Self {
        Self { enabled: true, values_files: Vec::new(), values: BTreeMap::new() }
    }
}
