//! The addresses and node ports of Services.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cluster::json::{list, member, remove, text};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::Store;

/// Node ports are given out from this range.
const PORTS: std::ops::Range<i64> = 30_000..32_768;

/// A replacement that names no address keeps the one that there is.
pub(super) fn carry(resource: &Resource, live: Option<&Value>, object: &mut Value) {
    let Some(live) = live.filter(|_| resource.is("", "Service")) else { return };
    if object["spec"]["type"] == "ExternalName" || live["spec"]["type"] == "ExternalName" {
        return;
    }
    for key in ["clusterIP", "clusterIPs"] {
        if let Some(value) = live["spec"].get(key)
            && object["spec"][key].as_str().is_none_or(str::is_empty)
            && object["spec"][key].as_array().is_none_or(Vec::is_empty)
        {
            *member(member(object, "spec"), key) = value.clone();
        }
    }
}

/// Gives out what is missing.
pub(super) fn give(store: &Store, live: Option<&Value>, object: &mut Value) -> Result<(), Refusal> {
    let services = store.list("services", None);
    let spec = member(object, "spec");
    if spec["type"] == "ExternalName" {
        return Ok(());
    }
    if text(spec, "/clusterIP").is_empty() {
        let taken: BTreeSet<&str> = services.iter().map(|one| text(one, "/spec/clusterIP")).collect();
        // The first is that of the API server, the tenth that of the cluster's DNS.
        let free = store.service_range.hosts().skip(10).map(|address| address.to_string());
        let address = free.into_iter().find(|address| !taken.contains(address.as_str()));
        let address = address.ok_or_else(|| {
            Refusal::new(
                500,
                "InternalError",
                "Internal error occurred: failed to allocate a serviceIP: range is full",
            )
        })?;
        spec["clusterIP"] = address.into();
    }
    if spec["clusterIPs"].is_null() {
        spec["clusterIPs"] = json!([spec["clusterIP"]]);
    }
    node_ports(&services, live, spec);
    Ok(())
}

fn node_ports(services: &[std::rc::Rc<Value>], live: Option<&Value>, spec: &mut Value) {
    let wanted = match text(spec, "/type") {
        "NodePort" => true,
        "LoadBalancer" => spec["allocateLoadBalancerNodePorts"] != false,
        _ => false,
    };
    let before = |port: &Value| {
        let ports = live.map(|live| list(live, "/spec/ports")).unwrap_or_default();
        let same =
            ports.iter().find(|one| one["port"] == port["port"] && one["protocol"] == port["protocol"]);
        same.and_then(|one| one.get("nodePort")).cloned()
    };
    let all = services.iter().flat_map(|one| list(one, "/spec/ports"));
    let mut taken: BTreeSet<i64> = all.filter_map(|port| port["nodePort"].as_i64()).collect();
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if spec_is_cluster_only(wanted, port) {
            remove(port, "nodePort");
        } else if wanted && port["nodePort"].as_i64().unwrap_or(0) == 0 {
            let free = PORTS.clone().find(|one| !taken.contains(one));
            let given = before(port).or_else(|| free.map(Value::from));
            if let Some(given) = given {
                taken.insert(given.as_i64().unwrap_or(0));
                *member(port, "nodePort") = given;
            }
        }
    }
}

/// Whether a port keeps a node port that it should not have (or has the null that asking for it left).
fn spec_is_cluster_only(wanted: bool, port: &Value) -> bool {
    !wanted && port.get("nodePort").is_some_and(|given| given.is_null() || given == 0)
}
