//! The nodes: their role, their launch templates, their groups.

use super::cluster::Built;
use super::expansion::{Expansion, cluster_name, output};
use super::network::{Network, Tier};
use super::permissions;
use crate::config::schema::{self, AmiType, SubnetKind, is_arm};
use crate::model::ec2::{Disk, LaunchTemplate, MetadataOptions};
use crate::model::eks::{Addon, Capacity, NodeGroup, NodeTemplate, Taint, TaintEffect, Unavailable};
use crate::model::iam::Role;
use crate::model::{Attribute, Ref};

/// What nodes do: join the cluster, give pods addresses, pull images, let Session Manager in.
const POLICIES: [&str; 4] = [
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonSSMManagedInstanceCore",
];

/// Adds the role that all nodes act as.
pub(super) fn add_role(expansion: &mut Expansion<'_>) -> Ref<Role> {
    if let Some(arn) = &expansion.settings.cluster.node_role_arn {
        return Ref::external(arn.as_str());
    }
    let name = expansion.account_name("node");
    let trust = permissions::trust_service("ec2.amazonaws.com");
    let mut role = Role::new(name.as_str(), trust, expansion.named(name.as_str()));
    role.description = format!("The nodes of {}", cluster_name(expansion.environment));
    role.policies = POLICIES.map(|policy| expansion.aws_policy(policy)).to_vec();
    expansion.add("node", role)
}

/// Adds the groups of nodes. They wait for the add-ons without which no node gets ready.
pub(super) fn add_groups(
    expansion: &mut Expansion<'_>,
    network: &Network,
    built: &Built,
    before: &[Ref<Addon>],
) -> Vec<Ref<NodeGroup>> {
    let groups: Vec<&schema::NodeGroup> =
        expansion.settings.cluster.node_groups.iter().filter(|group| group.enabled).collect();
    groups.into_iter().map(|group| add_group(expansion, network, built, (group, before))).collect()
}

fn add_group(
    expansion: &mut Expansion<'_>,
    network: &Network,
    built: &Built,
    (group, before): (&schema::NodeGroup, &[Ref<Addon>]),
) -> Ref<NodeGroup> {
    let ami_type = ami_type(group);
    let template = add_template(expansion, group, ami_type);
    let tier = match group.subnets {
        SubnetKind::Public => Tier::Public,
        SubnetKind::Private => Tier::Private,
    };
    let version = group.version.as_ref().unwrap_or(&expansion.settings.cluster.version);
    let autoscaled = expansion.settings.components.cluster_autoscaler.enabled;
    let node_group = NodeGroup {
        cluster: built.cluster.clone(),
        name: group.name.clone(),
        role: built.node_role.clone(),
        subnets: network.subnets_in(&group.zones, tier),
        min: group.min,
        max: group.max,
        desired: (!autoscaled).then(|| group.fixed_size()),
        instance_types: group.instance_types.clone(),
        capacity: match group.capacity {
            schema::Capacity::OnDemand => Capacity::OnDemand,
            schema::Capacity::Spot => Capacity::Spot,
        },
        ami_type: ami_type.as_aws().to_owned(),
        // The launch template has it: EKS takes it from one of the two only.
        disk_gib: None,
        labels: group.labels.clone(),
        taints: group.taints.iter().map(taint).collect(),
        unavailable: Unavailable::Count(group.max_unavailable),
        version: Some(version.clone()),
        release: None,
        template: Some(NodeTemplate { version: output(&template, Attribute::Version), template }),
        after: before.to_vec(),
        tags: expansion.named(expansion.account_name(&group.name)),
    };
    expansion.add(&group.name, node_group)
}

/// The one asked for, or Amazon Linux for the architecture of the instance types.
fn ami_type(group: &schema::NodeGroup) -> AmiType {
    let arm = group.instance_types.first().is_some_and(|first| is_arm(first));
    group.ami_type.unwrap_or(if arm { AmiType::AmazonLinuxArm } else { AmiType::AmazonLinuxX86 })
}

/// What a node group cannot say itself: an encrypted gp3 disk, and instance metadata only by session token.
fn add_template(
    expansion: &mut Expansion<'_>,
    group: &schema::NodeGroup,
    ami_type: AmiType,
) -> Ref<crate::model::ec2::LaunchTemplate> {
    let name = expansion.account_name(&group.name);
    let template = LaunchTemplate {
        name: name.clone(),
        disk: Some(Disk {
            device: ami_type.data_device().to_owned(),
            size_gib: group.disk_gib,
            volume_type: "gp3".to_owned(),
            iops: None,
            throughput: None,
            encrypted: true,
            kms_key: None,
        }),
        security_groups: Vec::new(),
        metadata: MetadataOptions::default(),
        detailed_monitoring: false,
        user_data: String::new(),
        instance_tags: expansion.user_tags(name.as_str()),
        tags: expansion.named(name),
    };
    expansion.add(&group.name, template)
}

fn taint(taint: &schema::Taint) -> Taint {
    Taint {
        key: taint.key.clone(),
        value: taint.value.clone(),
        effect: match taint.effect {
            schema::TaintEffect::NoSchedule => TaintEffect::NoSchedule,
            schema::TaintEffect::NoExecute => TaintEffect::NoExecute,
            schema::TaintEffect::PreferNoSchedule => TaintEffect::PreferNoSchedule,
        },
    }
}
