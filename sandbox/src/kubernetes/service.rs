//! Services of type LoadBalancer.

use serde::Deserialize;
use serde_json::Value;

use super::{classic_balancer, network_balancer};
use crate::wire::failure::Failure;
use crate::world::Call;

/// A Service that appears.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// The cluster's name in EKS.
    pub(super) cluster: String,
    /// Its namespace.
    #[serde(default = "usual_namespace")]
    pub(super) namespace: String,
    /// Its name.
    pub(super) name: String,
    /// Which load balancer it gets.
    #[serde(default)]
    pub(super) load_balancer: Kind,
    /// Whether only the VPC reaches it.
    #[serde(default)]
    pub(super) internal: bool,
    /// Its ports.
    #[serde(default = "usual_ports")]
    pub(super) ports: Vec<u16>,
    /// The port of its pods (or their node port, behind a classic load balancer); the same as each port when
    /// missing.
    #[serde(default)]
    pub(super) target_port: Option<u16>,
    /// Subnets; found by their tags when there are none.
    #[serde(default)]
    pub(super) subnets: Vec<String>,
    /// Addresses of its pods.
    #[serde(default)]
    pub(super) targets: Vec<String>,
}

/// Which load balancer a Service gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// A network load balancer, by the AWS Load Balancer Controller.
    #[default]
    Network,
    /// A classic load balancer, by the cloud controller manager that EKS runs.
    Classic,
}

/// A Service that goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gone {
    /// The cluster's name in EKS; it may be gone already.
    pub(super) cluster: String,
    /// Its namespace.
    #[serde(default = "usual_namespace")]
    pub(super) namespace: String,
    /// Its name.
    pub(super) name: String,
}

/// A Service whose pods are other ones.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retarget {
    /// The cluster's name in EKS.
    cluster: String,
    /// Its namespace.
    #[serde(default = "usual_namespace")]
    namespace: String,
    /// Its name.
    name: String,
    /// Addresses of its pods.
    #[serde(default)]
    targets: Vec<String>,
}

fn usual_namespace() -> String {
    "default".to_owned()
}

fn usual_ports() -> Vec<u16> {
    vec![80]
}

impl Service {
    /// `namespace/name`.
    pub(super) fn stack(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// The port of the pods behind a port.
    pub(super) fn target_of(&self, port: u16) -> u16 {
        self.target_port.unwrap_or(port)
    }
}

impl Gone {
    /// `namespace/name`.
    pub(super) fn stack(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Makes what the Service needs and says what that is.
pub(super) fn appear(call: &mut Call<'_>, service: Service) -> Result<Value, Failure> {
    let gone = Gone {
        cluster: service.cluster.clone(),
        namespace: service.namespace.clone(),
        name: service.name.clone(),
    };
    if network_balancer::exists(call, &gone) || classic_balancer::name_of(call, &gone).is_some() {
        let text = format!("the Service {} has a load balancer already", service.stack());
        return Err(Failure::new("AlreadyExists", text));
    }
    match service.load_balancer {
        Kind::Network => network_balancer::make(call, &service),
        Kind::Classic => classic_balancer::make(call, &service),
    }
}

/// Registers the pods that the Service has now, and takes the others out. Says what its load balancer is.
pub(super) fn retarget(call: &mut Call<'_>, service: Retarget) -> Result<Value, Failure> {
    let Retarget { cluster, namespace, name, targets } = service;
    network_balancer::retarget(call, &Gone { cluster, namespace, name }, &targets)
}

/// Removes what the Service had, as its controller does when the Service is deleted.
pub(super) fn go(call: &mut Call<'_>, gone: &Gone) -> Result<Value, Failure> {
    network_balancer::remove(call, gone)?;
    classic_balancer::remove(call, gone)?;
    Ok(serde_json::json!({}))
}
