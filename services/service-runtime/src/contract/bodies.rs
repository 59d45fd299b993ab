//! What is answered.

use serde::Serialize;
use utoipa::ToSchema;

use crate::context::{Context, timestamp};
use crate::web::Endpoint;

/// Whether a process is alive or ready.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthBody {
    /// `healthy` or `ready`.
    pub status: &'static str,
    /// The service's name.
    pub service: &'static str,
    /// When this was answered.
    #[schema(format = DateTime)]
    pub timestamp: String,
}

/// The state of a service and where it runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub struct StatusBody {
    /// The service's name.
    pub service: &'static str,
    /// `running`.
    pub status: &'static str,
    /// The service's version.
    pub version: &'static str,
    /// When this was answered.
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// The pod that answered.
    pub pod: &'static str,
    /// The node that runs it.
    pub node: &'static str,
}

impl StatusBody {
    /// The state now.
    #[must_use]
    pub fn now(context: &Context) -> Self {
        let identity = context.identity();
        Self {
            service: identity.service,
            status: "running",
            version: identity.version,
            timestamp: timestamp(),
            pod: &identity.pod,
            node: &identity.node,
        }
    }
}

/// One thing that a backend knows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Item {
    /// Its number, from 1.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
}

/// What a backend knows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Data)]
pub struct DataBody {
    /// The service's name.
    pub service: &'static str,
    /// The things.
    #[schema(value_type = Vec<Item>)]
    pub items: &'static [Item],
    /// How many they are.
    pub count: usize,
    /// When this was answered.
    #[schema(format = DateTime)]
    pub timestamp: String,
}

impl DataBody {
    /// These things, now.
    #[must_use]
    pub fn of(items: &'static [Item], context: &Context) -> Self {
        let service = context.identity().service;
        Self { service, items, count: items.len(), timestamp: timestamp() }
    }
}

/// Where a service runs and what it offers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Info)]
pub struct InfoBody {
    /// The service's name.
    pub service: &'static str,
    /// The service's version.
    pub version: &'static str,
    /// The pod that answered.
    pub pod: &'static str,
    /// The node that runs it.
    pub node: &'static str,
    /// The namespace of the pod.
    pub namespace: &'static str,
    /// The cluster.
    pub cluster: &'static str,
    /// How long the process has run, in seconds.
    pub uptime_seconds: f64,
    /// What can be asked for.
    #[schema(value_type = Vec<Endpoint>)]
    pub endpoints: &'static [Endpoint],
}

impl InfoBody {
    /// The place and the offer of this process.
    #[must_use]
    pub fn now(context: &Context) -> Self {
        let identity = context.identity();
        Self {
            service: identity.service,
            version: identity.version,
            pod: &identity.pod,
            node: &identity.node,
            namespace: &identity.namespace,
            cluster: &identity.cluster,
            uptime_seconds: (context.uptime().as_secs_f64() * 1e3).round() / 1e3,
            endpoints: context.routes().endpoints(),
        }
    }
}
