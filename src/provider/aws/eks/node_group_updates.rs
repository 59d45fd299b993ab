//! Changing a node group: EKS takes one update at a time, so each round makes one.
//!
//! Settings go in one call (UpdateNodegroupConfig), version, release and launch template in another
//! (UpdateNodegroupVersion), which replaces the nodes one after the other and comes last.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_eks::types;

use super::member::Member;
use super::version::Version;
use super::words;
use crate::model::Known;
use crate::model::eks::{NodeGroup, NodeTemplate, Taint};
use crate::provider::Error;
use crate::provider::aws::manage::{Revision, resolve};
use crate::provider::aws::{Aws, Service};

/// A version that lies behind is refused before anything is changed.
///
/// # Errors
/// For such a version.
pub(super) fn refuse_the_impossible(call: &Revision<NodeGroup>) -> Result<(), Error> {
    const NAME: &str = "UpdateNodegroupVersion";
    match (&call.live.version, &call.spec.version) {
        (Some(live), Some(want)) if call.touches("version") => {
            Version::parse(live, NAME)?.next(Version::parse(want, NAME)?, NAME).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Makes the next update that is left, if one is.
///
/// # Errors
/// The classified error.
pub(super) async fn next(aws: &Aws, member: &Member, call: &Revision<NodeGroup>) -> Result<(), Error> {
    const SETTINGS: [&str; 6] = ["min", "max", "desired", "labels", "taints", "unavailable"];
    if SETTINGS.iter().any(|field| call.touches(field)) {
        return configure(aws, member, call).await;
    }
    if ["version", "release", "template"].iter().any(|field| call.touches(field)) {
        return renew(aws, member, call).await;
    }
    Ok(())
}

async fn configure(aws: &Aws, member: &Member, call: &Revision<NodeGroup>) -> Result<(), Error> {
    let touches = |fields: &[&str]| fields.iter().any(|field| call.touches(field));
    let scaling = touches(&["min", "max", "desired"]).then(|| {
        let live = call.live.desired.unwrap_or(call.spec.min);
        scaling(&call.spec, call.spec.desired.unwrap_or(live))
    });
    let labels = touches(&["labels"]).then(|| labels(call));
    let taints = touches(&["taints"]).then(|| taints(call));
    let unavailable = touches(&["unavailable"]).then(|| words::unavailable(call.spec.unavailable));
    let changed = aws.converge(Service::Eks, "UpdateNodegroupConfig", || {
        aws.clients()
            .eks
            .update_nodegroup_config()
            .cluster_name(&member.cluster)
            .nodegroup_name(&member.name)
            .set_scaling_config(scaling.clone())
            .set_labels(labels.clone())
            .set_taints(taints.clone())
            .set_update_config(unavailable.clone())
            .send()
    });
    words::done_already(changed.await)
}

/// The bounds, and a wish between them: EKS refuses one outside.
pub(super) fn scaling(want: &NodeGroup, desired: u32) -> types::NodegroupScalingConfig {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    types::NodegroupScalingConfig::builder()
        .min_size(number(want.min))
        .max_size(number(want.max))
        .desired_size(number(desired.min(want.max).max(want.min)))
        .build()
}

fn labels(call: &Revision<NodeGroup>) -> types::UpdateLabelsPayload {
    let (want, live) = (&call.spec.labels, &call.live.labels);
    let set: HashMap<String, String> = want
        .iter()
        .filter(|(key, value)| live.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let unset: Vec<String> = live.keys().filter(|key| !want.contains_key(*key)).cloned().collect();
    types::UpdateLabelsPayload::builder()
        .set_add_or_update_labels((!set.is_empty()).then_some(set))
        .set_remove_labels((!unset.is_empty()).then_some(unset))
        .build()
}

/// A taint is known by key and effect: with another value it is updated, not taken away.
fn taints(call: &Revision<NodeGroup>) -> types::UpdateTaintsPayload {
    let (want, live) = (&call.spec.taints, &call.live.taints);
    let wanted: BTreeSet<_> = want.iter().map(|taint| (&taint.key, taint.effect)).collect();
    let set: Vec<&Taint> = want.iter().filter(|taint| !live.contains(taint)).collect();
    let unset: Vec<&Taint> =
        live.iter().filter(|taint| !wanted.contains(&(&taint.key, taint.effect))).collect();
    let payload = |taints: Vec<&Taint>| {
        (!taints.is_empty()).then(|| taints.into_iter().map(words::taint).collect::<Vec<_>>())
    };
    types::UpdateTaintsPayload::builder()
        .set_add_or_update_taints(payload(set))
        .set_remove_taints(payload(unset))
        .build()
}

/// New machines: by version, release or launch template. Of a launch template the version alone can change.
async fn renew(aws: &Aws, member: &Member, call: &Revision<NodeGroup>) -> Result<(), Error> {
    const NAME: &str = "UpdateNodegroupVersion";
    let of = |field: &str, value: &Option<String>| value.clone().filter(|_| call.touches(field));
    let (version, release) = (of("version", &call.spec.version), of("release", &call.spec.release));
    let template = match call.touches("template") {
        true => template(&call.known, call.spec.template.as_ref(), NAME)?,
        false => None,
    };
    let changed = aws.converge(Service::Eks, NAME, || {
        aws.clients()
            .eks
            .update_nodegroup_version()
            .cluster_name(&member.cluster)
            .nodegroup_name(&member.name)
            .set_version(version.clone())
            .set_release_version(release.clone())
            .set_launch_template(template.clone())
            .send()
    });
    words::done_already(changed.await)
}

/// The launch template as calls want it.
///
/// # Errors
/// When the template is not known.
pub(super) fn template(
    known: &Known,
    template: Option<&NodeTemplate>,
    operation: &'static str,
) -> Result<Option<types::LaunchTemplateSpecification>, Error> {
    let Some(NodeTemplate { template, version }) = template else { return Ok(None) };
    let id = resolve(known, template, operation)?;
    let builder = types::LaunchTemplateSpecification::builder().id(id).version(version.as_str());
    Ok(Some(builder.build()))
}
