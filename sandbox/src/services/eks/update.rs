//! Updates: one at a time for each cluster, node group or add-on; the change takes effect when they end.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cluster::{self, Cluster};
use super::node_group::NodeGroup;
use super::refuse::{in_use, not_found};
use super::state::{Phase, member, members};
use super::version::PAGES;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// An update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// `VersionUpdate`, `LoggingUpdate`, …
    pub kind: String,
    /// What it changes, as EKS shows it.
    pub parameters: Vec<(String, String)>,
    /// When it began.
    pub created: Time,
    /// `InProgress`, `Successful` or `Failed`.
    pub status: String,
    /// Why it failed.
    pub errors: Vec<Value>,
    /// The node group that it is about, if it is about one.
    pub node_group: Option<String>,
    /// The add-on that it is about, if it is about one.
    pub addon: Option<String>,
    /// What it makes of its subject.
    pub effect: Effect,
}

/// What an update makes of its subject when it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// The cluster as it will be.
    Cluster(Box<Cluster>),
    /// The node group as it will be.
    NodeGroup(Box<NodeGroup>),
    /// An add-on shows its change at once and only works on it.
    Addon,
}

/// A new update: its kind, parameters and effect.
pub(super) struct Plan {
    pub(super) kind: &'static str,
    pub(super) parameters: Vec<(&'static str, String)>,
    pub(super) node_group: Option<String>,
    pub(super) addon: Option<String>,
    pub(super) effect: Effect,
    pub(super) seconds: i64,
}

/// Refuses while another update is under way.
pub(super) fn refuse_second(
    under_way: Option<&String>,
    kind: &str,
    (noun, name): (&str, &str),
) -> Result<(), Failure> {
    match under_way {
        Some(id) => {
            Err(in_use(format!("Cannot {kind} because {noun} {name} currently has update {id} in progress")))
        }
        None => Ok(()),
    }
}

/// Begins an update of a cluster or of what belongs to it, and answers it.
pub(super) fn begin(call: &mut Call<'_>, cluster: &str, plan: Plan) -> (String, Value) {
    let id = call.world_mut().dice.uuid();
    let parameters = plan.parameters.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect();
    let update = Update {
        kind: plan.kind.to_owned(),
        parameters,
        created: call.now,
        status: "InProgress".to_owned(),
        errors: Vec::new(),
        node_group: plan.node_group,
        addon: plan.addon,
        effect: plan.effect,
    };
    let shown = show(&id, &update);
    call.home_mut().eks.updates.insert(member(cluster, &id), update);
    call.begin(&subject(cluster, &id), "update", plan.seconds);
    (id, json!({ "update": shown }))
}

/// What the pending change of an update goes by.
pub(super) fn subject(cluster: &str, id: &str) -> String {
    format!("update/{cluster}/{id}")
}

/// The answer of an update that a client token made before.
pub(super) fn replay(call: &Call<'_>, cluster: &str, id: &str) -> Outcome {
    let update = call.home().eks.updates.get(&member(cluster, id));
    let update = update.ok_or_else(|| not_found(format!("No update found for ID: {id}")))?;
    Ok(json!({ "update": show(id, update) }).into())
}

fn show(id: &str, update: &Update) -> Value {
    let parameters: Vec<Value> =
        update.parameters.iter().map(|(kind, value)| json!({ "type": kind, "value": value })).collect();
    json!({
        "id": id, "status": update.status, "type": update.kind, "params": parameters,
        "createdAt": update.created.value(), "errors": update.errors,
    })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeUpdate.html>
pub(super) fn describe_update(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (name, id) = (input.str("name").to_owned(), input.str("updateId").to_owned());
    cluster::find(call, &name)?;
    let (group, addon) = (input.text("nodegroupName"), input.text("addonName"));
    let update = call
        .home()
        .eks
        .updates
        .get(&member(&name, &id))
        .filter(|update| update.node_group.as_deref() == group && update.addon.as_deref() == addon);
    let shown = match update {
        Some(update) => show(&id, update),
        None => return Err(not_found(format!("No update found for ID: {id}"))),
    };
    call.shown(&subject(&name, &id));
    Ok(json!({ "update": shown }).into())
}

/// The updates of the cluster itself, or of one node group or add-on.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListUpdates.html>
pub(super) fn list_updates(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("name");
    cluster::find(call, name)?;
    let (group, addon) = (input.text("nodegroupName"), input.text("addonName"));
    let updates = members(&call.home().eks.updates, name);
    let rows = updates
        .filter(|(_, update)| update.node_group.as_deref() == group && update.addon.as_deref() == addon)
        .map(|(id, _)| (id.to_owned(), id.into()))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// Ends an update.
pub(super) fn complete(call: &mut Call<'_>, cluster: &str, id: &str) {
    let Some(update) = call.home_mut().eks.updates.get_mut(&member(cluster, id)) else { return };
    update.status = "Successful".to_owned();
    let Update { effect, addon, .. } = update.clone();
    match effect {
        Effect::Cluster(after) => super::cluster_config::apply(call, *after),
        Effect::NodeGroup(after) => super::node_group_update::apply(call, cluster, *after),
        Effect::Addon => {
            let key = member(cluster, &addon.unwrap_or_default());
            if let Some(addon) = call.home_mut().eks.addons.get_mut(&key) {
                (addon.phase, addon.update) = (Phase::Active, None);
            }
            super::addon::review(call, cluster);
        }
    }
}
