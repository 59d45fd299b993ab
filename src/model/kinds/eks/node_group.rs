//! Machines that run pods.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Addon, Cluster};
use crate::model::kinds::ec2::{LaunchTemplate, Subnet};
use crate::model::kinds::iam::Role;
use crate::model::{
    Address, Attribute, Changes, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Tags, Text, Timing,
    Visitor,
};

/// A managed node group. Nobody gets remote access to its machines (Session Manager does that).
///
/// Its id is `CLUSTER/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeGroup {
    /// The cluster it is part of.
    pub cluster: Ref<Cluster>,
    /// Its name, unique in the cluster.
    pub name: String,
    /// The role that its machines act as.
    pub role: Ref<Role>,
    /// The subnets its machines are in.
    pub subnets: Vec<Ref<Subnet>>,
    /// The fewest machines.
    pub min: u32,
    /// The most machines.
    pub max: u32,
    /// How many machines; `None` leaves it to an autoscaler, after starting with the fewest.
    pub desired: Option<u32>,
    /// Instance types, the preferred first.
    pub instance_types: Vec<String>,
    /// How machines are paid for.
    pub capacity: Capacity,
    /// The image family, in EKS's words (`AL2023_x86_64_STANDARD`, `BOTTLEROCKET_ARM_64`).
    pub ami_type: String,
    /// The disk in GiB; `None` leaves it to EKS (20) or to the launch template.
    pub disk_gib: Option<u32>,
    /// Kubernetes labels of its nodes.
    pub labels: BTreeMap<String, String>,
    /// Kubernetes taints of its nodes, without order.
    pub taints: Vec<Taint>,
    /// How many nodes may be out at a time during an update.
    pub unavailable: Unavailable,
    /// The Kubernetes version (`1.33`); `None` takes the cluster's at birth and leaves it then.
    pub version: Option<String>,
    /// The release of the image (`1.33.0-20250519`); `None` takes the newest at birth and leaves it then.
    pub release: Option<String>,
    /// What its machines look like at their start; `None` for EKS's own.
    pub template: Option<NodeTemplate>,
    /// The add-ons that must stand first: without a network plugin no node gets ready. For the order only.
    pub after: Vec<Ref<Addon>>,
    /// Its tags.
    pub tags: Tags,
}

/// How machines are paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// By the hour.
    #[default]
    OnDemand,
    /// At what the market asks, and taken away when it asks more.
    Spot,
}

/// A taint: pods that do not tolerate it stay away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value; empty for none.
    pub value: String,
    /// What it does to such pods.
    pub effect: TaintEffect,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaintEffect {
    /// They are not put there.
    NoSchedule,
    /// They are not put there, nor stay.
    NoExecute,
    /// They are put there last.
    PreferNoSchedule,
}

/// How many nodes may be out at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// This many.
    Count(u32),
    /// This part of them, in percent.
    Percent(u32),
}

/// A launch template and which of its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTemplate {
    /// The template: another one means another node group.
    pub template: Ref<LaunchTemplate>,
    /// Its version, by number: mostly the template's version output.
    pub version: Text,
}

/// What is known of a node group once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeGroupOutputs {
    /// The ARN.
    pub arn: String,
    /// The autoscaling group behind it; empty until it is active.
    pub autoscaling_group: String,
}

impl OutputsOf for NodeGroupOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for NodeGroup {
    const KIND: Kind = Kind::NodeGroup;
    /// CreateNodegroup takes a client token; tags are set at birth.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(150, 300, 240);
    type Outputs = NodeGroupOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { cluster, role, subnets, template, after, .. } = self;
        visitor.reference(cluster);
        visitor.reference(role);
        visitor.references(subnets);
        if let Some(NodeTemplate { template, version }) = template {
            visitor.reference(template);
            visitor.text(version);
        }
        visitor.references(after);
    }

    fn sort_sets(&mut self) {
        self.subnets.sort();
        self.taints.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self {
            cluster,
            name,
            role,
            subnets,
            min,
            max,
            desired,
            instance_types,
            capacity,
            ami_type,
            disk_gib,
            labels,
            taints,
            unavailable,
            version,
            release,
            template,
            after: _,
            tags,
        } = self;
        changes.replace("cluster", cluster, &live.cluster);
        changes.replace("name", name, &live.name);
        changes.replace("role", role, &live.role);
        changes.replace_set("subnets", subnets, &live.subnets);
        changes.update("min", min, &live.min);
        changes.update("max", max, &live.max);
        changes.update_if_set("desired", desired, &live.desired);
        changes.replace("instance_types", instance_types, &live.instance_types);
        changes.replace("capacity", capacity, &live.capacity);
        changes.replace("ami_type", ami_type, &live.ami_type);
        changes.replace_if_set("disk_gib", disk_gib, &live.disk_gib);
        changes.entries("labels", labels, &live.labels);
        changes.update_set("taints", taints, &live.taints);
        changes.update("unavailable", unavailable, &live.unavailable);
        changes.update_if_set("version", version, &live.version);
        changes.update_if_set("release", release, &live.release);
        template_changes(template.as_ref(), live.template.as_ref(), changes);
        changes.tags(tags, &live.tags);
    }

    fn parent(&self) -> Option<Address> {
        self.cluster.address()
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

fn template_changes(want: Option<&NodeTemplate>, live: Option<&NodeTemplate>, changes: &mut Changes) {
    match (want, live) {
        (Some(want), Some(live)) if want.template == live.template => {
            changes.update("template.version", &want.version, &live.version);
        }
        (None, None) => {}
        (want, live) => changes.push("template", Shown::of(&live), Shown::of(&want), Effect::Replace),
    }
}
