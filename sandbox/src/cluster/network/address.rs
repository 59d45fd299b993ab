//! Addresses of pods, and ports of this machine.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use crate::cluster::instance::Cluster;
use crate::cluster::json::text;

/// A port that nothing listens on at this moment.
pub(in crate::cluster) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// An address for a pod, of a subnet of its node's zone, as the VPC CNI plugin would give it. Nobody listens there.
pub(in crate::cluster) fn free_address(cluster: &Cluster, node: &str) -> String {
    let store = cluster.store.borrow();
    let pods = store.list("pods", None);
    let taken: BTreeSet<&str> = pods.iter().map(|pod| text(pod, "/status/podIP")).collect();
    let nodes = store.list("nodes", None);
    let node = nodes.iter().find(|one| text(one, "/metadata/name") == node);
    let zone = node.and_then(|node| node["metadata"]["labels"].get("topology.kubernetes.io/zone"));
    let zone = zone.and_then(serde_json::Value::as_str);
    let owner = cluster.owner.borrow();
    let place = &cluster.place;
    let home = owner.world().region(&place.account, &place.region);
    let subnets =
        place.cluster(owner.world()).map(|cluster| cluster.network.subnets.as_slice()).unwrap_or_default();
    let mut found: Vec<_> = subnets.iter().filter_map(|id| home?.ec2.subnets.get(id)).collect();
    found.sort_by_key(|subnet| Some(subnet.zone.as_str()) != zone);
    // The first ones of a subnet are those of AWS, of the cluster's interfaces and of the nodes.
    let mut free =
        found.iter().flat_map(|subnet| subnet.cidr.hosts().skip(100)).map(|address| address.to_string());
    free.find(|address| !taken.contains(address.as_str())).unwrap_or_else(|| "127.0.0.1".to_owned())
}
