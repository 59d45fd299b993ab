//! Making node groups.

use serde_json::{Value, json};

use super::node_group::{self, NodeGroup, Scaling, Taint};
use super::node_template::{self, Template};
use super::refuse::{TOKEN_MISMATCH, in_use, invalid_parameter, invalid_request, over_limit};
use super::state::{Phase, member, members};
use super::version::{check as check_version, minor};
use super::{addon, cluster, cluster_version, node_release, role, tag};
use crate::services::iam::ensure_service_linked_role;
use crate::services::{Outcome, autoscaling};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Node groups of a cluster.
const GROUPS: usize = 30;

/// Seconds that EKS typically takes.
const TYPICAL: i64 = 120;

/// Seconds until EKS gives up on nodes that do not join.
const GIVES_UP: i64 = 1500;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html>
pub(super) fn create_nodegroup(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("nodegroupName").to_owned());
    let key = member(&cluster, &name);
    let replayed = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)?;
    if let Some(group) = replayed.and_then(|key| call.home().eks.node_groups.get(&key)) {
        return Ok(json!({ "nodegroup": node_group::show(call, &cluster, group) }).into());
    }
    cluster::require_active(call, &cluster)?;
    check_name(&name)?;
    if call.home().eks.node_groups.contains(&key) {
        let text = format!("NodeGroup already exists with name {name} and cluster name {cluster}");
        return Err(in_use(text).with("clusterName", cluster).with("nodegroupName", name));
    }
    if members(&call.home().eks.node_groups, &cluster).count() >= GROUPS {
        return Err(over_limit(format!("Nodegroup limit of {GROUPS} exceeded for cluster {cluster}.")));
    }
    role::check_node_role(call, input.str("nodeRole"))?;
    let subnets = subnets(call, &cluster, input.texts("subnets"))?;
    let template = node_template::read(call, input)?;
    let group = assemble(call, input, (&cluster, name.clone()), (subnets, template.as_ref()))?;
    let shown = node_group::show(call, &cluster, &group);
    let data = launch_data(call, &group);
    let own = format!("eks-{}", group.id);
    let own = node_template::make_own(call, &own, data, (&cluster, &name));
    call.home_mut().eks.node_groups.insert(&key, NodeGroup { own_template: own, ..group });
    ensure_service_linked_role(call, "eks-nodegroup.amazonaws.com");
    let seconds = if why_nodes_fail(call, &cluster, &name).is_some() { GIVES_UP } else { TYPICAL };
    call.begin(&node_group::subject(&cluster, &name), "create", seconds);
    call.remember(input, "clientRequestToken", &key);
    Ok(json!({ "nodegroup": shown }).into())
}

/// What the nodes of a group are really launched from: the user's template, completed by EKS.
pub(super) fn launch_data(call: &Call<'_>, group: &NodeGroup) -> Value {
    let image = match group.ami_type.as_str() {
        "CUSTOM" => group.release.clone(),
        ami_type => node_release::recommended_image(&call.region, &group.version, ami_type),
    };
    let kind = group.instance_types.first().map_or("t3.medium", String::as_str);
    let base = group.template.as_ref().and_then(|(id, _, version)| {
        let template = call.home().ec2.launch_templates.get(id)?;
        Some(template.version(version).ok()?.data.clone())
    });
    node_template::completed(base, &image, kind, group.disk)
}

fn check_name(name: &str) -> Result<(), Failure> {
    let sound = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.len() > 63 || !name.chars().all(sound) || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(invalid_parameter(
            "The nodegroup name parameter contains invalid characters. It should begin with letter or digit and can \
             only include hyphens and underscores for the remaining characters",
        ));
    }
    Ok(())
}

fn subnets(call: &Call<'_>, cluster: &str, subnets: Vec<String>) -> Result<Vec<String>, Failure> {
    let vpc = &cluster::find(call, cluster)?.network.vpc;
    for id in &subnets {
        match call.home().ec2.subnets.get(id) {
            None => {
                return Err(invalid_parameter(format!(
                    "The subnet ID '{id}' does not exist (InvalidSubnetID.NotFound)"
                )));
            }
            Some(subnet) if subnet.vpc != *vpc => {
                return Err(invalid_parameter(format!(
                    "Subnet {id} does not belong to the cluster's VPC {vpc}."
                )));
            }
            Some(_) => {}
        }
    }
    if subnets.is_empty() {
        return Err(invalid_parameter("Subnets are required."));
    }
    Ok(subnets)
}

/// The sizes of a request, on top of those that are.
pub(super) fn scaling(input: &Input, before: Scaling) -> Result<Scaling, Failure> {
    let Some(config) = input.get("scalingConfig") else { return Ok(before) };
    let after = Scaling {
        min: config.integer("minSize").unwrap_or(before.min),
        max: config.integer("maxSize").unwrap_or(before.max),
        desired: config.integer("desiredSize").unwrap_or(before.desired),
    };
    let Scaling { min, max, desired } = after;
    if min > max {
        return Err(invalid_parameter(format!(
            "Minimum capacity {min} can't be greater than maximum capacity {max}"
        )));
    }
    if desired > max {
        return Err(invalid_parameter(format!(
            "desired capacity {desired} can't be greater than max size {max}"
        )));
    }
    if desired < min {
        return Err(invalid_parameter(format!(
            "Minimum capacity {min} can't be greater than desired size {desired}"
        )));
    }
    Ok(after)
}

/// How many nodes may be out at a time.
pub(super) fn update_config(input: &Input, before: Value) -> Result<Value, Failure> {
    let Some(config) = input.get("updateConfig") else { return Ok(before) };
    let (count, share) = (config.integer("maxUnavailable"), config.integer("maxUnavailablePercentage"));
    let mut after = match (count, share) {
        (Some(_), Some(_)) => {
            return Err(invalid_parameter(
                "maxUnavailable and maxUnavailablePercentage cannot both be specified.",
            ));
        }
        (Some(count), None) => json!({ "maxUnavailable": count }),
        (None, Some(share)) => json!({ "maxUnavailablePercentage": share }),
        (None, None) => before,
    };
    if let Some(strategy) = config.text("updateStrategy") {
        after["updateStrategy"] = strategy.into();
    }
    Ok(after)
}

/// The taints of a list.
pub(super) fn taints(entries: &[Input]) -> Result<Vec<Taint>, Failure> {
    let one = |entry: &Input| {
        let key = entry.text("key").ok_or_else(|| invalid_parameter("A taint needs a key."))?;
        let effect = entry.text("effect").ok_or_else(|| invalid_parameter("A taint needs an effect."))?;
        let value = entry.text("value").map(str::to_owned);
        Ok(Taint { key: key.to_owned(), value, effect: effect.to_owned() })
    };
    let all: Vec<Taint> = entries.iter().map(one).collect::<Result<_, Failure>>()?;
    if all.len() > 50 {
        return Err(invalid_parameter("A nodegroup can have at most 50 taints."));
    }
    Ok(all)
}

/// Refuses labels that belong to Kubernetes or to EKS.
pub(super) fn check_labels<'l>(mut keys: impl Iterator<Item = &'l String>) -> Result<(), Failure> {
    let reserved = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/"];
    match keys.find(|key| reserved.iter().any(|prefix| key.contains(prefix))) {
        Some(key) => Err(invalid_parameter(format!(
            "Label {key} cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]"
        ))),
        None => Ok(()),
    }
}

/// The version and release of new nodes.
fn release(
    call: &Call<'_>,
    input: &Input,
    cluster: &str,
    template: Option<&Template>,
) -> Result<(String, String), Failure> {
    let of_cluster = cluster::find(call, cluster)?.version.clone();
    let (version, release) = (input.text("version"), input.text("releaseVersion"));
    if let Some(image) = template.and_then(Template::image) {
        if version.is_some() || release.is_some() {
            return Err(invalid_request(
                "You cannot specify the field kubernetesVersion when using custom AMIs.",
            ));
        }
        return Ok((of_cluster, image.to_owned()));
    }
    let version = version.unwrap_or(&of_cluster).to_owned();
    check_version(&version)?;
    let (nodes, control) = (minor(&version).unwrap_or(0), minor(&of_cluster).unwrap_or(0));
    if nodes > control || nodes + cluster_version::SKEW < control {
        return Err(invalid_parameter(format!(
            "Nodegroup Kubernetes version {version} is not compatible with cluster version {of_cluster}"
        )));
    }
    let release = release.map_or_else(|| node_release::release_version(&version), str::to_owned);
    if !node_release::belongs(&release, &version) {
        return Err(invalid_parameter(format!("Requested Nodegroup release version {release} is invalid.")));
    }
    Ok((version, release))
}

fn instance_types(input: &Input, template: Option<&Template>) -> Result<Vec<String>, Failure> {
    let types = input.texts("instanceTypes");
    let in_template = template.and_then(Template::instance_type);
    if !types.is_empty() && in_template.is_some() {
        return Err(invalid_request("You cannot specify instance types in launch template and API request."));
    }
    match (types.is_empty(), in_template) {
        (false, _) => Ok(types),
        (true, Some(_)) => Ok(Vec::new()),
        (true, None) => Ok(vec!["t3.medium".to_owned()]),
    }
}

fn assemble(
    call: &mut Call<'_>,
    input: &Input,
    (cluster, name): (&str, String),
    (subnets, template): (Vec<String>, Option<&Template>),
) -> Result<NodeGroup, Failure> {
    let custom = template.and_then(Template::image).is_some();
    let (version, release) = release(call, input, cluster, template)?;
    let ami_type = match (input.text("amiType"), custom) {
        (Some(asked), true) if asked != "CUSTOM" => {
            return Err(invalid_request("You cannot specify amiType when using custom AMIs."));
        }
        (_, true) => "CUSTOM",
        (Some("CUSTOM"), false) => {
            return Err(invalid_request("amiType CUSTOM needs a launch template with an image."));
        }
        (asked, false) => asked.unwrap_or("AL2023_x86_64_STANDARD"),
    };
    let disk = input.integer("diskSize");
    if disk.is_some() && template.is_some() {
        return Err(invalid_request("Disk size must be specified within the launch template."));
    }
    let capacity = input.text("capacityType").unwrap_or("ON_DEMAND").to_owned();
    if capacity == "CAPACITY_BLOCK" {
        return Err(Failure::unmodelled("capacityType = CAPACITY_BLOCK"));
    }
    let labels = input.pairs("labels");
    check_labels(labels.keys())?;
    let id = call.world_mut().dice.uuid();
    Ok(NodeGroup {
        group: format!("eks-{name}-{id}"),
        name,
        id,
        version,
        release,
        scaling: scaling(input, usual_scaling(input))?,
        instance_types: instance_types(input, template)?,
        subnets,
        ami_type: ami_type.to_owned(),
        capacity,
        role: input.str("nodeRole").to_owned(),
        labels,
        taints: taints(input.list("taints"))?,
        disk: if template.is_some() { None } else { Some(disk.unwrap_or(20)) },
        update_config: update_config(input, json!({ "maxUnavailable": 1 }))?,
        repair: input.tree("nodeRepairConfig"),
        template: template.map(|t| (t.id.clone(), t.name.clone(), t.version.clone())),
        own_template: String::new(),
        tags: tag::read(input)?,
        phase: Phase::Creating,
        issues: Vec::new(),
        created: call.now,
        modified: call.now,
        update: None,
    })
}

/// One to two nodes, or what of it fits to the sizes that were given.
fn usual_scaling(input: &Input) -> Scaling {
    let given = |name: &str| input.get("scalingConfig").and_then(|config| config.integer(name));
    let min = given("minSize").unwrap_or(1);
    let max = given("maxSize").unwrap_or_else(|| min.max(2));
    Scaling { min, max, desired: 2.min(max).max(min) }
}

/// Why the nodes of a group would never join.
fn why_nodes_fail(call: &Call<'_>, cluster: &str, name: &str) -> Option<String> {
    let group = node_group::find(call, cluster, name).ok()?;
    role::why_nodes_fail(call, &group.role, addon::cni_has_its_own_role(call, cluster))
}

/// Ends the making: the Auto Scaling group launches its instances, and they join or do not.
pub(super) fn complete(call: &mut Call<'_>, cluster: &str, name: &str) {
    let Ok(group) = node_group::find(call, cluster, name).cloned() else { return };
    let failure = why_nodes_fail(call, cluster, name);
    let zones = &call.home().ec2.subnets;
    let zone =
        |id: &String| (id.clone(), zones.get(id).map(|subnet| subnet.zone.clone()).unwrap_or_default());
    let scaled = autoscaling::Group {
        id: group.id.clone(),
        template: (group.own_template.clone(), format!("eks-{}", group.id), "1".to_owned()),
        instance_types: group.instance_types.clone(),
        spot: group.capacity == "SPOT",
        min: group.scaling.min,
        max: group.scaling.max,
        desired: group.scaling.desired,
        subnets: group.subnets.iter().map(zone).collect(),
        instances: Vec::new(),
        created: call.now,
        tags: group_tags(cluster, name),
    };
    call.within("autoscaling", |call| autoscaling::requester::make_group(call, &group.group, scaled));
    let instances: Vec<String> = call
        .home()
        .autoscaling
        .groups
        .get(&group.group)
        .map(|scaled| scaled.instances.iter().map(|instance| instance.id.clone()).collect())
        .unwrap_or_default();
    let Ok(found) = node_group::find_mut(call, cluster, name) else { return };
    match failure {
        None => found.phase = Phase::Active,
        Some(why) => {
            found.phase = Phase::CreateFailed;
            found.issues = vec![json!({
                "code": "NodeCreationFailure", "resourceIds": instances,
                "message": format!("Instances failed to join the kubernetes cluster: {why}"),
            })];
        }
    }
    addon::review(call, cluster);
}

fn group_tags(cluster: &str, name: &str) -> Tags {
    let pairs = [
        ("eks:cluster-name".to_owned(), cluster),
        ("eks:nodegroup-name".to_owned(), name),
        (format!("kubernetes.io/cluster/{cluster}"), "owned"),
        ("k8s.io/cluster-autoscaler/enabled".to_owned(), "true"),
        (format!("k8s.io/cluster-autoscaler/{cluster}"), "owned"),
    ];
    pairs.into_iter().map(|(key, value)| (key, value.to_owned())).collect()
}
