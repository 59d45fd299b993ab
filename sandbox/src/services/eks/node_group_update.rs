//! Changing node groups.

use serde_json::{Value, json};

use super::node_group::{self, NodeGroup, show_taint};
use super::node_group_create::{check_labels, scaling, taints, update_config};
use super::refuse::{TOKEN_MISMATCH, invalid_parameter, invalid_request};
use super::state::{Phase, member};
use super::update::{self, Effect, Plan};
use super::version::{check as check_version, minor};
use super::{cluster, cluster_version, node_group_create, node_release, node_template};
use crate::services::ec2::requester;
use crate::services::{Outcome, autoscaling};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

type Parameters = Vec<(&'static str, String)>;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupConfig.html>
pub(super) fn update_nodegroup_config(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("nodegroupName").to_owned());
    if let Some(id) = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)? {
        return update::replay(call, &cluster, &id);
    }
    let before = node_group::find(call, &cluster, &name)?.clone();
    let mut after = before.clone();
    let mut parameters = Parameters::new();
    if let Some(change) = input.get("labels") {
        let (set, removed) = (change.pairs("addOrUpdateLabels"), change.texts("removeLabels"));
        check_labels(set.keys())?;
        parameters.extend([
            ("LabelsToAdd", json!(set).to_string()),
            ("LabelsToRemove", json!(removed).to_string()),
        ]);
        after.labels.retain(|key, _| !removed.contains(key));
        after.labels.extend(set);
    }
    if let Some(change) = input.get("taints") {
        let (set, removed) =
            (taints(change.list("addOrUpdateTaints"))?, taints(change.list("removeTaints"))?);
        let shown = |all: &[super::Taint]| all.iter().map(show_taint).collect::<Value>().to_string();
        parameters.extend([("TaintsToAdd", shown(&set)), ("TaintsToRemove", shown(&removed))]);
        // A taint is told apart by key and effect; its value is what changes.
        let same = |a: &super::Taint, b: &super::Taint| a.key == b.key && a.effect == b.effect;
        after.taints.retain(|taint| !removed.iter().chain(&set).any(|other| same(other, taint)));
        after.taints.extend(set);
    }
    if input.has("scalingConfig") {
        after.scaling = scaling(input, live_scaling(call, &before))?;
        let sizes = after.scaling;
        parameters.push(("MinSize", sizes.min.to_string()));
        parameters.push(("MaxSize", sizes.max.to_string()));
        parameters.push(("DesiredSize", sizes.desired.to_string()));
    }
    if input.has("updateConfig") {
        after.update_config = update_config(input, before.update_config.clone())?;
        let count = after.update_config.get("maxUnavailable");
        let share = after.update_config.get("maxUnavailablePercentage");
        parameters.extend(count.map(|count| ("MaxUnavailable", count.to_string())));
        parameters.extend(share.map(|share| ("MaxUnavailablePercentage", share.to_string())));
    }
    if let Some(repair) = input.tree("nodeRepairConfig") {
        parameters.push(("NodeRepairConfig", repair.to_string()));
        after.repair = Some(repair);
    }
    if parameters.is_empty() {
        return Err(invalid_parameter("No changes needed for the nodegroup configuration provided"));
    }
    let (id, answer) = start(call, &cluster, after, ("ConfigUpdate", parameters, 60))?;
    call.remember(input, "clientRequestToken", &id);
    Ok(answer.into())
}

/// The sizes as they are, after what an autoscaler did.
fn live_scaling(call: &Call<'_>, group: &NodeGroup) -> super::Scaling {
    let desired =
        call.home().autoscaling.groups.get(&group.group).map_or(group.scaling.desired, |g| g.desired);
    super::Scaling { desired, ..group.scaling }
}

fn start(
    call: &mut Call<'_>,
    cluster: &str,
    after: NodeGroup,
    (kind, parameters, seconds): (&'static str, Parameters, i64),
) -> Result<(String, Value), Failure> {
    let name = after.name.clone();
    update::refuse_second(after.update.as_ref(), kind, ("nodegroup", &name))?;
    if !matches!(after.phase, Phase::Active | Phase::Degraded) {
        return Err(invalid_request(format!(
            "Nodegroup {name} is not in ACTIVE status (it is {}).",
            after.phase.name()
        )));
    }
    let effect = Effect::NodeGroup(Box::new(after));
    let plan = Plan { kind, parameters, node_group: Some(name.clone()), addon: None, effect, seconds };
    let (id, answer) = update::begin(call, cluster, plan);
    let group = node_group::find_mut(call, cluster, &name)?;
    (group.phase, group.update) = (Phase::Updating, Some(id.clone()));
    Ok((id, answer))
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html>
pub(super) fn update_nodegroup_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("nodegroupName").to_owned());
    if let Some(id) = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)? {
        return update::replay(call, &cluster, &id);
    }
    let before = node_group::find(call, &cluster, &name)?.clone();
    // Pods that cannot be moved are not modelled, so nothing needs force.
    let _ = input.flag("force");
    let mut after = before.clone();
    let mut parameters = Parameters::new();
    if let Some(template) = node_template::read(call, input)? {
        let Some((id, ..)) = &before.template else {
            return Err(invalid_request("A nodegroup without a launch template cannot get one."));
        };
        if *id != template.id {
            return Err(invalid_request(
                "The launch template of a nodegroup cannot be changed to another one.",
            ));
        }
        parameters.push(("LaunchTemplateName", template.name.clone()));
        parameters.push(("LaunchTemplateVersion", template.version.clone()));
        if let Some(image) = template.image() {
            after.release = image.to_owned();
        }
        after.template = Some((template.id, template.name, template.version));
    }
    let (version, release) = (input.text("version"), input.text("releaseVersion"));
    // Without any of the three the nodes go to the newest release of their version.
    if before.ami_type != "CUSTOM" && (version.is_some() || release.is_some() || parameters.is_empty()) {
        let version = version.unwrap_or(&before.version);
        check_step(call, &cluster, &before, version)?;
        after.version = version.to_owned();
        after.release = release.map_or_else(|| node_release::release_version(version), str::to_owned);
        if !node_release::belongs(&after.release, version) {
            let text = format!("Requested Nodegroup release version {} is invalid.", after.release);
            return Err(invalid_parameter(text));
        }
        parameters.push(("Version", after.version.clone()));
        parameters.push(("ReleaseVersion", after.release.clone()));
    }
    let (id, answer) = start(call, &cluster, after, ("VersionUpdate", parameters, 600))?;
    call.remember(input, "clientRequestToken", &id);
    Ok(answer.into())
}

/// Nodes never run ahead of their control plane, never go back, and never stay far behind.
fn check_step(call: &Call<'_>, cluster: &str, before: &NodeGroup, version: &str) -> Result<(), Failure> {
    check_version(version)?;
    let control = &cluster::find(call, cluster)?.version;
    let number = |text: &str| minor(text).unwrap_or(0);
    let (old, new, top) = (number(&before.version), number(version), number(control));
    if new < old || new > top || new + cluster_version::SKEW < top {
        return Err(invalid_parameter(format!(
            "Nodegroup Kubernetes version {version} is not compatible with cluster version {control}"
        )));
    }
    Ok(())
}

/// Makes a finished update true. Tags may have changed meanwhile, and stay.
pub(super) fn apply(call: &mut Call<'_>, cluster: &str, after: NodeGroup) {
    let Ok(before) = node_group::find(call, cluster, &after.name).cloned() else { return };
    let now = call.now;
    let after =
        NodeGroup { tags: before.tags.clone(), phase: Phase::Active, update: None, modified: now, ..after };
    let sizes = (after.scaling.min, after.scaling.max, after.scaling.desired);
    if after.scaling != before.scaling {
        call.within("autoscaling", |call| autoscaling::requester::resize(call, &after.group, sizes));
    }
    let renewed = (&after.version, &after.release, &after.template)
        != (&before.version, &before.release, &before.template);
    if renewed {
        let data = node_group_create::launch_data(call, &after);
        let version = call.within("ec2", |call| requester::renew_template(call, &after.own_template, data));
        call.within("autoscaling", |call| autoscaling::requester::renew(call, &after.group, &version));
    }
    let key = member(cluster, &after.name);
    call.home_mut().eks.node_groups.insert(key, after);
}
