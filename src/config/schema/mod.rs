//! The settings of an environment, as serde types: the one definition of what may stand in an environment file.
//!
//! The JSON Schema that every file is checked against, the reference for people and the types that the
//! blueprint works on are all made from these types, so their comments are written for the users of the files.

mod aws;
mod cluster;
mod component;
mod deploy;
mod images;
mod network;
mod node_group;
mod registry;
mod service;
mod settings;

pub use aws::{AssumedRole, Aws, StateStore};
pub use cluster::{
    AccessEntry, AccessPolicy, Addon, AddonConflicts, AuthenticationMode, Cluster, ClusterEndpoint,
    ClusterLogs, ControlPlaneLog, ExistingCluster, SecretsEncryption, SupportType,
};
pub use component::{
    Alerts, ClusterAutoscaler, Components, ExternalSecrets, Grafana, LoadBalancerController, LogOutput,
    Logging, Monitoring,
};
pub use deploy::Deploy;
pub use images::{AllowedFinding, Images, OnUnscannable, ScanGate, Severity};
pub use network::{ExistingNetwork, FlowLogs, FlowTraffic, Nat, Network, SubnetTier};
pub use node_group::{AmiType, Capacity, NodeGroup, SubnetKind, Taint, TaintEffect, is_arm};
pub use registry::{Dns, Registry, RegistryEncryption};
pub use service::{Autoscaling, Exposure, OnFailure, Resources, Service, Strategy};
pub use settings::Settings;

/// Gives the elements of an array a form, by its word in `format`.
fn items(format: &'static str) -> impl FnMut(&mut schemars::Schema) {
    move |schema| {
        if let Some(items) = schema.get_mut("items").and_then(serde_json::Value::as_object_mut) {
            items.insert("format".to_owned(), format.into());
        }
    }
}
