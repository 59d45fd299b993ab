//! Into a pod: `exec` and `portforward`, over WebSockets with a byte before every message that tells its channel.
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets>

mod exec;
mod forward;
mod socket;

use std::rc::Rc;

use serde_json::Value;

pub(super) use socket::{Upgrade, accept};

use super::api;
use super::instance::Cluster;
use super::kinds;
use super::refusal::Refusal;
use super::request::Request;

/// What is wanted of a pod.
pub(super) enum Wanted {
    Exec(exec::Exec),
    Forward(forward::Forward),
}

/// Reads what is wanted of a pod.
///
/// # Errors
/// 404 without the pod, 400 for what cannot be done with it.
pub(super) fn wanted(
    cluster: &Rc<Cluster>,
    request: &Request,
    (subresource, place): (&str, (&str, &str)),
) -> Result<Wanted, Refusal> {
    let pod: Rc<Value> = api::get(&cluster.store.borrow(), &kinds::known("", "Pod"), place)?;
    match subresource {
        "exec" => Ok(Wanted::Exec(exec::Exec::read(pod, request)?)),
        _ => Ok(Wanted::Forward(forward::Forward::read(pod, request)?)),
    }
}

impl Wanted {
    /// Does it, over a connection that was upgraded.
    pub(super) async fn serve(self, cluster: Rc<Cluster>, upgrade: Upgrade) {
        let Some(socket) = upgrade.open().await else { return };
        match self {
            Self::Exec(exec) => exec.serve(&cluster, socket).await,
            Self::Forward(forward) => forward.serve(socket).await,
        }
    }
}
