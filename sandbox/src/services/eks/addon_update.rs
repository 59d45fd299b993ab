//! Changing add-ons. The add-on shows what it shall be at once, and is `UPDATING` until it is.

use super::refuse::{TOKEN_MISMATCH, invalid_request};
use super::state::Phase;
use super::update::{self, Effect, Plan};
use super::{addon, addon_catalog, cluster};
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// What is left out stays as it is.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html>
pub(super) fn update_addon(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("addonName").to_owned());
    if let Some(id) = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)? {
        return update::replay(call, &cluster, &id);
    }
    let before = addon::find(call, &cluster, &name)?.clone();
    let _ = input.text("resolveConflicts");
    update::refuse_second(before.update.as_ref(), "AddonUpdate", ("addon", &name))?;
    if !matches!(before.phase, Phase::Active | Phase::Degraded) {
        let phase = before.phase.name();
        return Err(invalid_request(format!("Addon {name} is not in ACTIVE status (it is {phase}).")));
    }
    let kubernetes = cluster::find(call, &cluster)?.version.clone();
    let entry = addon_catalog::find(&name, &kubernetes)?;
    let mut parameters = Vec::new();
    let mut after = before.clone();
    // The version that runs may be named again although the catalogue has gone on.
    if let Some(asked) = input.text("addonVersion").filter(|asked| *asked != before.version) {
        after.version = addon_catalog::version(entry, Some(asked), &kubernetes)?;
        parameters.push(("AddonVersion", after.version.clone()));
    }
    if input.has("configurationValues") {
        after.configuration = addon::configuration(entry, input)?;
        parameters.push(("ConfigurationValues", after.configuration.clone().unwrap_or_default()));
    }
    if input.has("serviceAccountRoleArn") {
        after.role = addon::service_account_role(call, input)?;
        parameters.push(("ServiceAccountRoleArn", after.role.clone().unwrap_or_default()));
    }
    let identities = addon::identities(input);
    if let Some(identities) = &identities {
        parameters.push(("PodIdentityAssociations", serde_json::json!(identities).to_string()));
    }
    after.modified = call.now;
    let plan = Plan {
        kind: "AddonUpdate",
        parameters,
        node_group: None,
        addon: Some(name.clone()),
        effect: Effect::Addon,
        seconds: 40,
    };
    let (id, answer) = update::begin(call, &cluster, plan);
    (after.phase, after.update) = (Phase::Updating, Some(id.clone()));
    *addon::find_mut(call, &cluster, &name)? = after;
    addon::set_identities(call, &cluster, &name, identities)?;
    call.remember(input, "clientRequestToken", &id);
    Ok(answer.into())
}
