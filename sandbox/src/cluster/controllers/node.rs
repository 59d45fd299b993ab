//! Nodes: the instances of the cluster's node groups.

use serde_json::{Value, json};

use super::{make, put_status};
use crate::cluster::instance::Cluster;
use crate::cluster::json::{self, member, name};
use crate::cluster::kinds;
use crate::cluster::store::{Key, Store};
use crate::services::autoscaling::Instance;

/// Makes the nodes that the cluster's groups have, and removes those that they have not.
pub(super) fn pass(cluster: &Cluster, store: &mut Store) {
    let wanted = instances(cluster);
    for node in store.list("nodes", None) {
        if !wanted.iter().any(|(_, instance)| instance.id == name(&node)) {
            store.drop_now(&Key::new("nodes", "", name(&node)));
            lose_pods(store, name(&node));
        }
    }
    for (group, instance) in &wanted {
        if store.get(&Key::new("nodes", "", &instance.id)).is_none() {
            begin(store, (group, instance), (&cluster.place.region, &cluster.version()));
        }
    }
}

/// Pods of a node that is gone are gone with it.
fn lose_pods(store: &mut Store, node: &str) {
    for pod in store.list("pods", None) {
        if json::text(&pod, "/spec/nodeName") == node {
            store.drop_now(&Key::new("pods", json::namespace(&pod), name(&pod)));
        }
    }
}

/// The instances of the cluster's node groups, each with the group's name.
fn instances(cluster: &Cluster) -> Vec<(String, Instance)> {
    let owner = cluster.owner.borrow();
    let place = &cluster.place;
    let Some(home) = owner.world().region(&place.account, &place.region) else { return Vec::new() };
    let prefix = format!("{}/", place.name);
    let groups = home.eks.node_groups.iter();
    let mine = groups.filter_map(|(key, group)| Some((key.strip_prefix(&prefix)?, group)));
    let mut all = Vec::new();
    for (name, group) in mine {
        if let Some(group) = home.autoscaling.groups.get(&group.group) {
            all.extend(group.instances.iter().map(|instance| (name.to_owned(), instance.clone())));
        }
    }
    all
}

fn begin(store: &mut Store, (group, instance): (&str, &Instance), (region, version): (&str, &str)) {
    let resource = kinds::known("", "Node");
    let labels = json!({
        "kubernetes.io/hostname": instance.id, "kubernetes.io/os": "linux", "kubernetes.io/arch": architecture(),
        "node.kubernetes.io/instance-type": instance.kind, "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": instance.zone, "eks.amazonaws.com/nodegroup": group,
    });
    let node = json!({
        "metadata": { "name": instance.id, "labels": labels },
        "spec": { "providerID": format!("aws:///{}/{}", instance.zone, instance.id) },
    });
    let Some(made) = make(store, &resource, "", node) else { return };
    let now = json::now();
    let capacity =
        json!({ "cpu": "2", "memory": "3943372Ki", "pods": "29", "ephemeral-storage": "20893676Ki" });
    let ready = json!({
        "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
        "lastHeartbeatTime": now, "lastTransitionTime": now,
    });
    let status = json!({
        "capacity": capacity, "allocatable": capacity, "conditions": [ready],
        "addresses": [{ "type": "InternalIP", "address": "127.0.0.1" }, { "type": "Hostname", "address": instance.id }],
        "nodeInfo": {
            "kubeletVersion": format!("v{version}.1-eks-sandbox"), "architecture": architecture(),
            "operatingSystem": std::env::consts::OS, "osImage": "sandbox: processes of this machine",
            "containerRuntimeVersion": "sandbox://1", "kernelVersion": "", "machineID": "", "systemUUID": "", "bootID": "",
            "kubeProxyVersion": "",
        },
    });
    put_status(store, &resource, &made, status);
}

/// This machine's, as images name it.
pub(in crate::cluster) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Gives every pod that is run a node that takes it, the one with the fewest pods.
pub(super) fn schedule(store: &mut Store) {
    let nodes = store.list("nodes", None);
    let pods = store.list("pods", None);
    for pod in
        pods.iter().filter(|pod| json::text(pod, "/spec/nodeName").is_empty() && !json::is_leaving(pod))
    {
        let resource = kinds::known("", "Pod");
        if let Some(why) = pod["metadata"]["annotations"][crate::cluster::marks::SIMULATED].as_str() {
            unscheduled(store, pod, ("Simulated", why));
            continue;
        }
        let wanted = pod["spec"]["nodeSelector"].as_object().cloned().unwrap_or_default();
        let fits = |node: &Value| {
            wanted.iter().all(|(key, value)| node["metadata"]["labels"].get(key) == Some(value))
        };
        let load = |node: &Value| {
            store
                .list("pods", None)
                .iter()
                .filter(|one| json::text(one, "/spec/nodeName") == name(node))
                .count()
        };
        match nodes.iter().filter(|node| fits(node)).min_by_key(|node| load(node)) {
            Some(node) => {
                let body = json!({ "spec": { "nodeName": name(node) } });
                super::change(store, &resource, pod, &body);
            }
            None if nodes.is_empty() => {
                unscheduled(store, pod, ("Unschedulable", "no nodes available to schedule pods"));
            }
            None => {
                let why = format!(
                    "0/{} nodes are available: {} node(s) didn't match Pod's node affinity/selector.",
                    nodes.len(),
                    nodes.len()
                );
                unscheduled(store, pod, ("Unschedulable", &why));
            }
        }
    }
}

fn unscheduled(store: &mut Store, pod: &Value, told: (&str, &str)) {
    let mut status = pod["status"].clone();
    *member(&mut status, "conditions") = json!([super::condition(pod, "PodScheduled", "False", told)]);
    put_status(store, &kinds::known("", "Pod"), pod, status);
}
