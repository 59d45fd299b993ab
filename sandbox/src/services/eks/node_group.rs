//! Node groups: what they are and how they look.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cluster;
use super::refuse::not_found;
use super::state::{Phase, member};
use crate::clock::Time;
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

/// A managed node group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeGroup {
    /// Its name.
    pub name: String,
    /// The unique part of its ARN.
    pub id: String,
    /// The Kubernetes version of its nodes.
    pub version: String,
    /// The release of its image; a custom image's id.
    pub release: String,
    /// Sizes.
    pub scaling: Scaling,
    /// Types of instances; empty when its launch template says.
    pub instance_types: Vec<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// `AL2023_x86_64_STANDARD`, …, or `CUSTOM`.
    pub ami_type: String,
    /// `ON_DEMAND` or `SPOT`.
    pub capacity: String,
    /// ARN of its role.
    pub role: String,
    /// Labels of its nodes.
    pub labels: BTreeMap<String, String>,
    /// Taints of its nodes.
    pub taints: Vec<Taint>,
    /// Size of the disks in GiB, unless its launch template says.
    pub disk: Option<i64>,
    /// `maxUnavailable` or `maxUnavailablePercentage`, and the strategy if one was given.
    pub update_config: Value,
    /// How broken nodes are repaired, as it was given.
    pub repair: Option<Value>,
    /// The launch template that it was given: id, name and version.
    pub template: Option<(String, String, String)>,
    /// Its own launch template in EC2.
    pub own_template: String,
    /// Its Auto Scaling group.
    pub group: String,
    /// Its tags.
    pub tags: Tags,
    /// Where it is in its life.
    pub phase: Phase,
    /// What is wrong: code, message, resources.
    pub issues: Vec<Value>,
    /// When it was made.
    pub created: Time,
    /// When it was last changed.
    pub modified: Time,
    /// The update under way.
    pub update: Option<String>,
}

/// Sizes of a node group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaling {
    /// Fewest nodes.
    pub min: i64,
    /// Most nodes.
    pub max: i64,
    /// Wanted nodes.
    pub desired: i64,
}

/// A taint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value, possibly empty.
    pub value: Option<String>,
    /// `NO_SCHEDULE`, `NO_EXECUTE` or `PREFER_NO_SCHEDULE`.
    pub effect: String,
}

/// The node group of a cluster.
pub(super) fn find<'c>(call: &'c Call<'_>, cluster: &str, name: &str) -> Result<&'c NodeGroup, Failure> {
    cluster::find(call, cluster)?;
    call.home().eks.node_groups.get(&member(cluster, name)).ok_or_else(|| missing(name))
}

/// The node group of a cluster, to change.
pub(super) fn find_mut<'c>(
    call: &'c mut Call<'_>,
    cluster: &str,
    name: &str,
) -> Result<&'c mut NodeGroup, Failure> {
    cluster::find(call, cluster)?;
    call.home_mut().eks.node_groups.get_mut(&member(cluster, name)).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Failure {
    not_found(format!("No node group found for name: {name}."))
}

/// What the pending changes of a node group go by.
pub(super) fn subject(cluster: &str, name: &str) -> String {
    format!("nodegroup/{cluster}/{name}")
}

/// A node group in an answer. The wanted size is that of its Auto Scaling group, which an autoscaler may change.
pub(super) fn show(call: &Call<'_>, cluster: &str, group: &NodeGroup) -> Value {
    let scaled = call.home().autoscaling.groups.get(&group.group);
    let desired =
        scaled.filter(|_| group.phase == Phase::Active).map_or(group.scaling.desired, |found| found.desired);
    let taints: Vec<Value> = group.taints.iter().map(show_taint).collect();
    let custom = group.ami_type == "CUSTOM";
    let template = group
        .template
        .as_ref()
        .map(|(id, name, version)| json!({ "id": id, "name": name, "version": version }));
    json!({
        "nodegroupName": group.name, "clusterName": cluster, "nodegroupArn": arn(call, cluster, group),
        "version": (!custom).then_some(&group.version), "releaseVersion": group.release,
        "createdAt": group.created.value(), "modifiedAt": group.modified.value(), "status": group.phase.name(),
        "capacityType": group.capacity,
        "scalingConfig": {
            "minSize": group.scaling.min, "maxSize": group.scaling.max, "desiredSize": desired,
        },
        "instanceTypes": (!group.instance_types.is_empty()).then_some(&group.instance_types),
        "subnets": group.subnets, "amiType": group.ami_type, "nodeRole": group.role, "labels": group.labels,
        "taints": (!taints.is_empty()).then_some(taints), "diskSize": group.disk,
        "resources": scaled.map(|_| json!({ "autoScalingGroups": [{ "name": group.group }] })),
        "health": { "issues": group.issues }, "updateConfig": group.update_config,
        "nodeRepairConfig": group.repair, "launchTemplate": template, "tags": group.tags,
    })
}

/// Its ARN.
pub(super) fn arn(call: &Call<'_>, cluster: &str, group: &NodeGroup) -> String {
    call.arn("eks", &format!("nodegroup/{cluster}/{}/{}", group.name, group.id))
}

/// A taint in an answer.
pub(super) fn show_taint(taint: &Taint) -> Value {
    json!({ "key": taint.key, "value": taint.value, "effect": taint.effect })
}
