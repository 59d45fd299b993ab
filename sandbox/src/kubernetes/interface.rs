//! Interfaces for the addresses of pods, as the VPC CNI plugin makes them.
//!
//! The plugin detaches and deletes them when a node goes; a node that ends in the wrong moment leaves one behind,
//! detached: that is the one made here. Names and tags:
//! <https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/awsutils/awsutils.go>.

use serde::Deserialize;
use serde_json::{Value, json};

use super::aws::{ask, specification, text};
use super::place;
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

/// An interface that is left behind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Left {
    /// The cluster's name in EKS.
    cluster: String,
    /// Its subnet; the cluster's first when missing.
    #[serde(default)]
    subnet: Option<String>,
}

/// Makes a detached interface with the plugin's description and tags.
pub(super) fn appear(call: &mut Call<'_>, left: &Left) -> Result<Value, Failure> {
    let cluster = place::cluster(call, &left.cluster)?;
    let node = place::nodes(call, &left.cluster).into_iter().next().map(|node| node.id);
    let node = node.unwrap_or_else(|| call.id("i"));
    let subnet = left.subnet.clone().or_else(|| cluster.network.subnets.first().cloned()).unwrap_or_default();
    let tags = Tags::from([
        ("cluster.k8s.amazonaws.com/name".to_owned(), left.cluster.clone()),
        ("node.k8s.amazonaws.com/instance_id".to_owned(), node.clone()),
        ("node.k8s.amazonaws.com/createdAt".to_owned(), call.now.format("%Y-%m-%dT%H:%M:%SZ")),
        ("eks:eni:owner".to_owned(), "amazon-vpc-cni".to_owned()),
    ]);
    let input = json!({
        "SubnetId": subnet, "Description": format!("aws-K8S-{node}"),
        "Groups": [cluster.network.cluster_security_group],
        "TagSpecifications": specification("network-interface", &tags),
    });
    let made = ask(call, "ec2", "CreateNetworkInterface", input)?;
    Ok(json!({ "network_interface_id": text(&made, "/NetworkInterface/NetworkInterfaceId")? }))
}
