//! The cluster: versions, how it is reached, nodes, add-ons, access.

use std::collections::BTreeMap;

use super::Context;
use crate::config::format::{KUBERNETES_VERSIONS, is_label_key, is_label_value};
use crate::config::place::Path;
use crate::config::schema::{AuthenticationMode, Capacity, LogOutput, NodeGroup, is_arm};
use crate::config::suggest::{list, nearest};

/// Add-ons of AWS's own, for "did you mean".
const ADDONS: [&str; 14] = [
    "adot",
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "aws-fsx-csi-driver",
    "aws-guardduty-agent",
    "aws-mountpoint-s3-csi-driver",
    "cert-manager",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
];

pub(super) fn check(context: &mut Context<'_>) {
    if context.settings.cluster.existing.is_some() {
        return;
    }
    check_version(context, &Path::of("cluster.version"), &context.settings.cluster.version);
    check_endpoint(context);
    check_node_groups(context);
    check_addons(context);
    check_access(context);
    check_config_map(context);
    check_encryption(context);
}

fn check_version(context: &mut Context<'_>, path: &Path, version: &str) {
    if KUBERNETES_VERSIONS.contains(&version) {
        return;
    }
    let finding = context.at("unknown-version", path, format!("EKS has no Kubernetes version {version}"));
    let finding = finding.label("unknown version").hint(format!("there is {}", list(KUBERNETES_VERSIONS)));
    context.push(finding, []);
}

fn check_endpoint(context: &mut Context<'_>) {
    let endpoint = &context.settings.cluster.endpoint;
    let path = Path::of("cluster.endpoint");
    let cidrs = path.join("public_cidrs");
    if !endpoint.public && !endpoint.private {
        let message = "nobody can reach the cluster: its endpoint is neither public nor private";
        let finding = context.at("no-endpoint", &path.join("public"), message).label("off");
        context.push(context.beside(finding, &path.join("private"), "off too"), [&path.join("private")]);
    } else if endpoint.public && endpoint.public_cidrs.is_empty() {
        let message = "the public endpoint lets nobody in: `cluster.endpoint.public_cidrs` is empty";
        let finding = context.at("no-endpoint", &cidrs, message).label("nobody");
        context.push(finding.hint("name ranges, or set `cluster.endpoint.public = false`"), []);
    } else if !endpoint.public && context.is_written(&cidrs) && !endpoint.public_cidrs.is_empty() {
        let message = "`cluster.endpoint.public_cidrs` has no effect: the endpoint is not public";
        let finding = context.at("no-effect", &cidrs, message).warning().label("has no effect");
        context.push(finding, []);
    }
}

fn group_path(at: usize) -> Path {
    Path::of("cluster.node_groups").join(at)
}

fn check_node_groups(context: &mut Context<'_>) {
    let cluster = &context.settings.cluster;
    if !cluster.node_groups.iter().any(|group| group.enabled) {
        let path = Path::of("cluster.node_groups");
        let finding =
            context.at("no-nodes", &path, "the cluster has no nodes, so nothing runs in it").warning();
        let hint = "add a table [[cluster.node_groups]] with a name and instance_types";
        context.push(finding.label("no group of nodes").hint(hint), []);
    }
    for (at, group) in cluster.node_groups.iter().enumerate().filter(|(_, group)| group.enabled) {
        let path = group_path(at);
        check_sizes(context, &path, group);
        check_instances(context, &path, group);
        check_group_version(context, &path, group);
        check_labels(context, &path, group);
        check_zones(context, &path, group);
    }
}

fn check_sizes(context: &mut Context<'_>, path: &Path, group: &NodeGroup) {
    let NodeGroup { name, min, max, .. } = group;
    let (min_path, max_path, desired_path) = (path.join("min"), path.join("max"), path.join("desired"));
    if min > max {
        let message = format!("node group `{name}`: min {min} is greater than max {max}");
        let finding = context.at("size-order", &min_path, message).label("greater than max");
        context.push(context.beside(finding, &max_path, "max"), [&max_path]);
    } else if let Some(desired) = group.desired.filter(|desired| !(*min..=*max).contains(desired)) {
        let message =
            format!("node group `{name}`: desired {desired} is not between min {min} and max {max}");
        let finding = context.at("size-order", &desired_path, message).label("out of bounds");
        context.push(finding, [&min_path, &max_path]);
    }
    let autoscaler = Path::of("components.cluster_autoscaler");
    if group.desired.is_some() && context.settings.components.cluster_autoscaler.enabled {
        let message = format!("node group `{name}`: desired has no effect beside the cluster autoscaler");
        let finding = context.at("no-effect", &desired_path, message).warning().label("has no effect");
        let hint = "the group starts with `min`; set that, or switch components.cluster_autoscaler off";
        context.push(finding.hint(hint), [&autoscaler]);
    }
    if group.max_unavailable > *max {
        let unavailable = path.join("max_unavailable");
        let message = format!(
            "node group `{name}`: max_unavailable {} is greater than max {max}",
            group.max_unavailable
        );
        let finding = context.at("size-order", &unavailable, message).label("more than there are");
        context.push(finding, [&max_path]);
    }
}

fn check_instances(context: &mut Context<'_>, path: &Path, group: &NodeGroup) {
    let types = path.join("instance_types");
    let name = &group.name;
    let arm = group.instance_types.first().is_some_and(|first| is_arm(first));
    if let Some(at) = group.instance_types.iter().position(|kind| is_arm(kind) != arm) {
        let message = format!("node group `{name}` mixes architectures: one image cannot start on both");
        let words = |arm: bool| if arm { "Graviton" } else { "x86-64" };
        let finding = context.at("mixed-architectures", &types.join(at), message).label(words(!arm));
        context.push(context.beside(finding, &types.join(0), words(arm)), [&types]);
    } else if let Some(ami) = group.ami_type.filter(|ami| ami.is_arm() != arm) {
        let message =
            format!("node group `{name}`: {} does not start on `{}`", ami.as_aws(), group.instance_types[0]);
        let finding =
            context.at("mixed-architectures", &path.join("ami_type"), message).label("another architecture");
        context.push(context.beside(finding, &types, "the types"), [&types]);
    }
    if group.capacity == Capacity::Spot && group.instance_types.len() == 1 {
        let message = format!("spot node group `{name}` has only one instance type");
        let hint =
            "name several of one size: when one runs short, the others stay (m6i.large, m5.large, m6a.large)";
        let finding =
            context.at("one-spot-type", &types, message).warning().label("one shortage empties the group");
        context.push(finding.hint(hint), [&path.join("capacity")]);
    }
}

fn minor(version: &str) -> Option<u32> {
    version.split_once('.').and_then(|(_, minor)| minor.parse().ok())
}

/// ("Version Skew Policy", Kubernetes documentation: kubelet up to three minor versions behind.)
fn check_group_version(context: &mut Context<'_>, path: &Path, group: &NodeGroup) {
    let Some(version) = &group.version else { return };
    let path = path.join("version");
    check_version(context, &path, version);
    let cluster = &context.settings.cluster.version;
    let (Some(nodes), Some(control_plane)) = (minor(version), minor(cluster)) else { return };
    if nodes <= control_plane && control_plane - nodes <= 3 {
        return;
    }
    let message = format!("nodes of version {version} cannot join a cluster of version {cluster}");
    let finding = context.at("version-skew", &path, message).label("too far apart");
    let cluster_path = Path::of("cluster.version");
    let finding = context.beside(finding, &cluster_path, "the cluster");
    context.push(
        finding.hint("nodes may be up to three minor versions behind, and never ahead"),
        [&cluster_path],
    );
}

fn check_labels(context: &mut Context<'_>, path: &Path, group: &NodeGroup) {
    for (key, value) in &group.labels {
        let path = path.join("labels").join(key.as_str());
        let message = if !is_label_key(key) {
            format!("`{key}` is not a label's key")
        } else if !is_label_value(value) {
            format!("`{value}` is not a label's value")
        } else if reserved(key) {
            format!("the label `{key}` belongs to Kubernetes, and kubelet refuses to set it")
        } else {
            continue;
        };
        let hint =
            "letters, digits, `-`, `_` and `.`, 63 characters at most; a key may start with a domain and `/`";
        let finding = context.at_key("label", &path, message).label("cannot be used").hint(hint);
        context.push(finding, []);
    }
}

/// ("NodeRestriction", Kubernetes documentation: what kubelet may set below these domains.)
fn reserved(key: &str) -> bool {
    let Some((domain, _)) = key.split_once('/') else { return false };
    let below = |parent: &str| domain == parent || domain.ends_with(&format!(".{parent}"));
    let allowed = ["kubelet.kubernetes.io", "node.kubernetes.io"].iter().any(|parent| below(parent));
    (below("kubernetes.io") || below("k8s.io")) && !allowed
}

fn check_zones(context: &mut Context<'_>, path: &Path, group: &NodeGroup) {
    let network = &context.settings.network;
    for (at, zone) in group.zones.iter().enumerate() {
        let path = path.join("zones").join(at);
        let zones = Path::of("network.zones");
        if network.existing.is_some() {
            let message = format!(
                "node group `{}`: zones cannot be chosen in a network that exists already",
                group.name
            );
            let finding = context.at("no-effect", &path, message).label("cannot be chosen");
            context.push(finding, []);
        } else if !network.zones.contains(zone) {
            let message =
                format!("node group `{}` names zone `{zone}`, which the network does not have", group.name);
            let finding = context.at("unknown-zone", &path, message).label("no such zone");
            context.push(context.beside(finding, &zones, "the zones"), [&zones]);
        }
    }
}

fn check_addons(context: &mut Context<'_>) {
    let settings = context.settings;
    let has = |name: &str| settings.cluster.addons.iter().any(|addon| addon.enabled && addon.name == name);
    for (at, addon) in settings.cluster.addons.iter().enumerate() {
        let path = Path::of("cluster.addons").join(at).join("name");
        if let Some(near) = nearest(&addon.name, ADDONS).filter(|near| *near != addon.name) {
            let finding = context.at(
                "unknown-addon",
                &path,
                format!("`{}` is no add-on that platctl knows", addon.name),
            );
            context
                .push(finding.warning().label("perhaps a slip").hint(format!("did you mean `{near}`?")), []);
        }
    }
    let components = &settings.components;
    let with_rights = settings.enabled_services().any(|(_, service)| !service.policy_arns.is_empty());
    let pod_roles = [
        (components.external_secrets.enabled, "components.external_secrets"),
        (components.load_balancer_controller.enabled, "components.load_balancer_controller"),
        (components.cluster_autoscaler.enabled, "components.cluster_autoscaler"),
        (
            components.logging.enabled && components.logging.outputs.contains(&LogOutput::Cloudwatch),
            "components.logging",
        ),
        (with_rights, "services"),
    ];
    let needs = [
        ("eks-pod-identity-agent", pod_roles.to_vec()),
        ("aws-ebs-csi-driver", vec![(components.monitoring.enabled, "components.monitoring")]),
    ];
    for (addon, users) in needs {
        let user = users.iter().find(|(on, _)| *on);
        let at = settings.cluster.addons.iter().position(|known| known.name == addon);
        let (Some((_, user)), Some(at), false) = (user, at, has(addon)) else { continue };
        let path = Path::of("cluster.addons").join(at).join("enabled");
        let message = format!("`{user}` needs the add-on `{addon}`, which is switched off");
        let finding = context.at("missing-addon", &path, message).label("switched off");
        let instead = match *user {
            "services" => "take `policy_arns` from the services".to_owned(),
            component => format!("set `enabled = false` in [{component}]"),
        };
        context.push(finding.hint(format!("leave the add-on on, or {instead}")), [&Path::of(user)]);
    }
}

fn check_access(context: &mut Context<'_>) {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let entries = &context.settings.cluster.access_entries;
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.enabled) {
        let path = Path::of("cluster.access_entries").join(at);
        if let Some(first) = known.insert(&entry.principal_arn, at) {
            let principal = path.join("principal_arn");
            let other = Path::of("cluster.access_entries").join(first).join("principal_arn");
            let message = format!(
                "access entries `{}` and `{}` are for the same principal",
                entries[first].name, entry.name
            );
            let finding = context.at("duplicate-principal", &principal, message).label("again here");
            context.push(context.beside(finding, &other, "first here"), [&other]);
        }
        if entry.policy.is_none() && entry.kubernetes_groups.is_empty() {
            let message =
                format!("access entry `{}` gives nothing: it has neither a policy nor groups", entry.name);
            let finding = context.at("no-effect", &path, message).warning().label("gives nothing");
            context.push(finding, []);
        }
        if entry.policy.is_none() && !entry.namespaces.is_empty() {
            let message =
                format!("access entry `{}` names namespaces without a policy to limit to them", entry.name);
            let finding =
                context.at("no-effect", &path.join("namespaces"), message).warning().label("has no effect");
            context.push(finding, []);
        }
    }
}

/// What EKS refuses of a cluster that knows nobody but by its config map. ("Change authentication mode to use access
/// entries"; `bootstrapClusterCreatorAdminPermissions` must be true with `CONFIG_MAP`.)
fn check_config_map(context: &mut Context<'_>) {
    let cluster = &context.settings.cluster;
    if cluster.authentication_mode != AuthenticationMode::ConfigMap {
        return;
    }
    let mode = Path::of("cluster.authentication_mode");
    let label = "by the config map alone";
    for (at, entry) in cluster.access_entries.iter().enumerate().filter(|(_, entry)| entry.enabled) {
        let path = Path::of("cluster.access_entries").join(at);
        let message = format!("access entry `{}` is for a cluster that takes none", entry.name);
        let finding = context.at("no-access-entries", &path, message).label("cannot be made");
        let finding =
            finding.hint("set `authentication_mode` to `api-and-config-map`, which cannot be taken back");
        context.push(context.beside(finding, &mode, label), [&mode]);
    }
    if !cluster.creator_is_administrator {
        let path = Path::of("cluster.creator_is_administrator");
        let message =
            "nobody could get into the cluster: EKS makes none of this mode without an administrator";
        let finding = context.at("nobody-gets-in", &path, message).label("nobody");
        context.push(context.beside(finding, &mode, label), [&mode]);
    }
}

fn check_encryption(context: &mut Context<'_>) {
    let encryption = &context.settings.cluster.secrets_encryption;
    if encryption.key_arn.is_some() && !encryption.enabled {
        let path = Path::of("cluster.secrets_encryption.key_arn");
        let message = "a key is named, and encryption is switched off";
        let finding = context.at("no-effect", &path, message).label("has no effect");
        let enabled = Path::of("cluster.secrets_encryption.enabled");
        context.push(context.beside(finding, &enabled, "switched off"), [&enabled]);
    }
}
