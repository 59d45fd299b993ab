//! Add-ons: what they are, making and removing them, their health.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::addon_catalog::{self, CatalogEntry};
use super::refuse::{TOKEN_MISMATCH, in_use, invalid_parameter, not_found};
use super::state::{Phase, member, members};
use super::update;
use super::version::PAGES;
use super::{addon_schema, cluster, pod_identity, role, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Seconds that EKS typically takes.
const TYPICAL: i64 = 35;

/// An add-on of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Addon {
    /// Its name.
    pub name: String,
    /// The unique part of its ARN.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its settings as they were given.
    pub configuration: Option<String>,
    /// ARN of the role of its service account.
    pub role: Option<String>,
    /// Ids of its pod identity associations.
    pub identities: Vec<String>,
    /// Its tags.
    pub tags: Tags,
    /// Where it is in its life.
    pub phase: Phase,
    /// When it was made.
    pub created: Time,
    /// When it was last changed.
    pub modified: Time,
    /// The update under way.
    pub update: Option<String>,
}

/// The add-on of a cluster.
pub(super) fn find<'c>(call: &'c Call<'_>, cluster: &str, name: &str) -> Result<&'c Addon, Failure> {
    cluster::find(call, cluster)?;
    call.home().eks.addons.get(&member(cluster, name)).ok_or_else(|| missing(cluster, name))
}

/// The add-on of a cluster, to change.
pub(super) fn find_mut<'c>(
    call: &'c mut Call<'_>,
    cluster: &str,
    name: &str,
) -> Result<&'c mut Addon, Failure> {
    cluster::find(call, cluster)?;
    call.home_mut().eks.addons.get_mut(&member(cluster, name)).ok_or_else(|| missing(cluster, name))
}

fn missing(cluster: &str, name: &str) -> Failure {
    not_found(format!("No addon: {name} found in cluster: {cluster}"))
}

/// What the pending changes of an add-on go by.
pub(super) fn subject(cluster: &str, name: &str) -> String {
    format!("addon/{cluster}/{name}")
}

/// Its ARN.
pub(super) fn arn(call: &Call<'_>, cluster: &str, addon: &Addon) -> String {
    call.arn("eks", &format!("addon/{cluster}/{}/{}", addon.name, addon.id))
}

/// An add-on in an answer.
pub(super) fn show(call: &Call<'_>, cluster: &str, addon: &Addon) -> Value {
    let identities: Vec<String> =
        addon.identities.iter().map(|id| pod_identity::arn(call, cluster, id)).collect();
    let issues = match addon.phase {
        Phase::Degraded => json!([{
            "code": "InsufficientNumberOfReplicas", "resourceIds": [],
            "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
        }]),
        _ => json!([]),
    };
    json!({
        "addonName": addon.name, "clusterName": cluster, "status": addon.phase.name(), "addonVersion": addon.version,
        "health": { "issues": issues }, "addonArn": arn(call, cluster, addon), "createdAt": addon.created.value(),
        "modifiedAt": addon.modified.value(), "serviceAccountRoleArn": addon.role, "tags": addon.tags,
        "configurationValues": addon.configuration,
        "podIdentityAssociations": (!identities.is_empty()).then_some(identities),
        "namespaceConfig": { "namespace": addon_catalog::namespace(&addon.name) },
    })
}

/// The role of an add-on's service account, which must exist.
pub(super) fn service_account_role(call: &Call<'_>, input: &Input) -> Result<Option<String>, Failure> {
    let Some(arn) = input.text("serviceAccountRoleArn").filter(|arn| !arn.is_empty()) else {
        return Ok(None);
    };
    match role::find(call, arn) {
        Some(_) => Ok(Some(arn.to_owned())),
        None => Err(invalid_parameter(format!("The role {arn} does not exist."))),
    }
}

/// The settings of a request, checked against the add-on's schema.
pub(super) fn configuration(entry: &CatalogEntry, input: &Input) -> Result<Option<String>, Failure> {
    let Some(text) = input.text("configurationValues").filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let Ok(values) = serde_json::from_str::<Value>(text) else {
        return Err(Failure::unmodelled("configurationValues other than JSON"));
    };
    let broken = addon_schema::broken(&entry.schema, &values);
    if let Some(why) = broken {
        return Err(invalid_parameter(format!(
            "ConfigurationValue provided in request is not supported: Json schema validation failed with error: [{why}]"
        )));
    }
    Ok(Some(text.to_owned()))
}

/// The pod identities that a request asks for: role by service account.
pub(super) fn identities(input: &Input) -> Option<BTreeMap<String, String>> {
    let entries = input.get("podIdentityAssociations")?.entries();
    Some(entries.iter().map(|e| (e.str("serviceAccount").to_owned(), e.str("roleArn").to_owned())).collect())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html>
pub(super) fn create_addon(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("addonName").to_owned());
    let key = member(&cluster, &name);
    let replayed = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)?;
    if let Some(addon) = replayed.and_then(|key| call.home().eks.addons.get(&key)) {
        return Ok(json!({ "addon": show(call, &cluster, addon) }).into());
    }
    cluster::require_active(call, &cluster)?;
    let kubernetes = cluster::find(call, &cluster)?.version.clone();
    let entry = addon_catalog::find(&name, &kubernetes)?;
    if call.home().eks.addons.contains(&key) {
        return Err(in_use("Addon already exists.").with("clusterName", cluster).with("addonName", name));
    }
    // What a self-managed installation looks like is not modelled, so there is nothing to be in conflict with.
    let _ = input.text("resolveConflicts");
    if let Some(config) = input.get("namespaceConfig") {
        config.only("namespace", addon_catalog::namespace(&name))?;
    }
    let role = service_account_role(call, input)?;
    let addon = Addon {
        id: call.world_mut().dice.uuid(),
        version: addon_catalog::version(entry, input.text("addonVersion"), &kubernetes)?,
        configuration: configuration(entry, input)?,
        role,
        identities: Vec::new(),
        tags: tag::read(input)?,
        phase: Phase::Creating,
        created: call.now,
        modified: call.now,
        update: None,
        name: name.clone(),
    };
    call.home_mut().eks.addons.insert(&key, addon);
    set_identities(call, &cluster, &name, identities(input))?;
    call.begin(&subject(&cluster, &name), "create", TYPICAL);
    call.remember(input, "clientRequestToken", &key);
    Ok(json!({ "addon": show(call, &cluster, find(call, &cluster, &name)?) }).into())
}

/// Gives an add-on exactly these pod identities.
pub(super) fn set_identities(
    call: &mut Call<'_>,
    cluster: &str,
    name: &str,
    wanted: Option<BTreeMap<String, String>>,
) -> Result<(), Failure> {
    let Some(wanted) = wanted else { return Ok(()) };
    let addon = find(call, cluster, name)?;
    let owner = arn(call, cluster, addon);
    for id in addon.identities.clone() {
        call.home_mut().eks.pod_identities.remove(&member(cluster, &id));
    }
    let namespace = addon_catalog::namespace(name);
    let mut ids = Vec::new();
    for (account, role) in wanted {
        ids.push(pod_identity::make(call, cluster, (namespace, &account), (&role, Some(owner.clone())))?);
    }
    find_mut(call, cluster, name)?.identities = ids;
    Ok(())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddon.html>
pub(super) fn describe_addon(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("addonName").to_owned());
    let addon = find(call, &cluster, &name)?;
    let (phase, under_way) = (addon.phase, addon.update.clone());
    let shown = show(call, &cluster, addon);
    match (phase, under_way) {
        (Phase::Updating, Some(id)) => call.shown(&update::subject(&cluster, &id)),
        (Phase::Creating | Phase::Deleting, _) => call.shown(&subject(&cluster, &name)),
        _ => {}
    }
    Ok(json!({ "addon": shown }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAddons.html>
pub(super) fn list_addons(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName");
    cluster::find(call, cluster)?;
    let rows =
        members(&call.home().eks.addons, cluster).map(|(name, _)| (name.to_owned(), name.into())).collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteAddon.html>
pub(super) fn delete_addon(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("addonName").to_owned());
    // Whether its software stays in the cluster makes no difference here.
    let _ = input.flag("preserve");
    let addon = find_mut(call, &cluster, &name)?;
    if addon.phase == Phase::Deleting || addon.update.is_some() {
        let text = format!("Addon {name} is being changed or deleted already.");
        return Err(in_use(text).with("clusterName", cluster).with("addonName", name));
    }
    addon.phase = Phase::Deleting;
    let deleted = addon.clone();
    call.abandon(&subject(&cluster, &name));
    call.begin_removal(&subject(&cluster, &name), "delete", TYPICAL);
    Ok(json!({ "addon": show(call, &cluster, &deleted) }).into())
}

/// Ends the making.
pub(super) fn created(call: &mut Call<'_>, cluster: &str, name: &str) {
    if let Ok(addon) = find_mut(call, cluster, name) {
        addon.phase = Phase::Active;
    }
    review(call, cluster);
}

/// Ends the removal; its pod identities go with it.
pub(super) fn deleted(call: &mut Call<'_>, cluster: &str, name: &str) {
    let state = &mut call.home_mut().eks;
    let Some(gone) = state.addons.remove(&member(cluster, name)) else { return };
    for id in gone.identities {
        state.pod_identities.remove(&member(cluster, &id));
    }
    state.updates.retain(|key, update| {
        !key.starts_with(&format!("{cluster}/")) || update.addon.as_deref() != Some(name)
    });
}

/// Add-ons that run as deployments are degraded while the cluster has no nodes.
pub(super) fn review(call: &mut Call<'_>, cluster: &str) {
    let nodes = members(&call.home().eks.node_groups, cluster).any(|(_, group)| {
        matches!(group.phase, Phase::Active | Phase::Updating) && group.scaling.desired > 0
    });
    let touched: Vec<String> = members(&call.home().eks.addons, cluster)
        .filter(|(name, addon)| {
            let wanted = if nodes { Phase::Active } else { Phase::Degraded };
            let settled = matches!(addon.phase, Phase::Active | Phase::Degraded);
            settled && addon.phase != wanted && addon_catalog::needs_nodes(name)
        })
        .map(|(name, _)| member(cluster, name))
        .collect();
    for key in touched {
        if let Some(addon) = call.home_mut().eks.addons.get_mut(&key) {
            addon.phase = if nodes { Phase::Active } else { Phase::Degraded };
        }
    }
}

/// True when the network plugin does not use the role of the nodes.
pub(super) fn cni_has_its_own_role(call: &Call<'_>, cluster: &str) -> bool {
    let state = &call.home().eks;
    let by_addon = state.addons.get(&member(cluster, "vpc-cni")).is_some_and(|addon| addon.role.is_some());
    let mut identities = members(&state.pod_identities, cluster);
    by_addon || identities.any(|(_, row)| row.namespace == "kube-system" && row.service_account == "aws-node")
}
