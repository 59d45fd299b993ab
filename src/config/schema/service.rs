//! Services.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::items;
use super::network::yes;

/// A service: a program that answers HTTP, built from a folder or taken as an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// False leaves an inherited service out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The folder that it is built from (a Cargo package), relative to the one that holds `environments/`.
    /// Either this or `image`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "relative-path"))]
    pub path: Option<String>,
    /// The image that it runs, with a tag or a digest. Either this or `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "image-reference"))]
    pub image: Option<String>,
    /// The port that it listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// The port under which others reach it.
    #[serde(default = "eighty")]
    #[schemars(range(min = 1, max = 65535))]
    pub service_port: u16,
    /// Who can reach it.
    #[serde(default)]
    pub exposure: Exposure,
    /// Its name in the private zone, without the zone's own: `api` for `api.backend.internal`. Only with
    /// `exposure = "internal"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "dns-label"))]
    pub dns_name: Option<String>,
    /// The ACM certificate for HTTPS. Only with `exposure = "internet"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "acm-certificate-arn"))]
    pub certificate_arn: Option<String>,
    /// The services that it calls. The network lets nothing else through.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    pub calls: Vec<String>,
    /// How many copies run; with autoscaling, how many it starts with.
    #[serde(default = "two")]
    #[schemars(range(max = 1000))]
    pub replicas: u32,
    /// Copies by load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscaling: Option<Autoscaling>,
    /// Processor and memory of each copy.
    #[serde(default)]
    pub resources: Resources,
    /// Where it tells that it is alive.
    #[serde(default = "health")]
    #[schemars(extend("format" = "http-path"))]
    pub health_path: String,
    /// Where it tells that it can take requests.
    #[serde(default = "ready")]
    #[schemars(extend("format" = "http-path"))]
    pub readiness_path: String,
    /// Environment variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Environment variables whose values come from Secrets Manager: variable to secret, where the secret is
    /// named below the environment's (`database` is `dev/database`).
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// The ARNs of IAM policies: what the service may do in AWS. Without any it has no role at all.
    #[serde(default)]
    #[schemars(transform = items("iam-policy-arn"), extend("uniqueItems" = true))]
    pub policy_arns: Vec<String>,
    /// How its pods are replaced by new ones.
    #[serde(default)]
    pub strategy: Strategy,
    /// What happens when a deploy of it fails.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// YAML files with further values, by their paths from this file's folder: later ones over earlier ones,
    /// `values` over all. Only they can hold a null, which takes a default of the chart away.
    #[serde(default)]
    pub values_files: Vec<String>,
    /// Further values for the service's chart, over all that is computed.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
}

fn eighty() -> u16 {
    80
}
fn two() -> u32 {
    2
}
fn health() -> String {
    "/health".to_owned()
}
fn ready() -> String {
    "/ready".to_owned()
}

/// Who can reach a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Other services in the cluster.
    #[default]
    Cluster,
    /// The VPC, through an internal network load balancer.
    Internal,
    /// Everybody, through a public network load balancer.
    Internet,
}

/// How pods are replaced by new ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// One by one: for a while both answer.
    #[default]
    Rolling,
    /// All of them beside the old ones, which go once the new ones have proved themselves and get all requests.
    BlueGreen,
}

/// What happens when a deploy fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It stays as it is, to be looked at.
    #[default]
    Keep,
    /// What stood before is brought back.
    Rollback,
}

/// Copies by load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscaling {
    /// The least number of copies.
    #[schemars(range(min = 1, max = 1000))]
    pub min: u32,
    /// The greatest number of copies.
    #[schemars(range(min = 1, max = 1000))]
    pub max: u32,
    /// The share of the requested processor time, in percent, that copies are added or removed to keep.
    #[serde(default = "seventy")]
    #[schemars(range(min = 1, max = 1000))]
    pub cpu_percent: u32,
    /// The same for memory; not looked at when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub memory_percent: Option<u32>,
}

fn seventy() -> u32 {
    70
}

/// Processor and memory of each copy, as Kubernetes writes quantities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// Processor time set aside (`100m` is a tenth of one).
    #[schemars(extend("format" = "cpu-quantity"))]
    pub cpu_request: String,
    /// Processor time it may use at most; unlimited when it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "cpu-quantity"))]
    pub cpu_limit: Option<String>,
    /// Memory set aside.
    #[schemars(extend("format" = "memory-quantity"))]
    pub memory_request: String,
    /// Memory it may use at most, before it is killed.
    #[schemars(extend("format" = "memory-quantity"))]
    pub memory_limit: String,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            cpu_request: "50m".to_owned(),
            cpu_limit: Some("500m".to_owned()),
            memory_request: "64Mi".to_owned(),
            memory_limit: "128Mi".to_owned(),
        }
    }
}
