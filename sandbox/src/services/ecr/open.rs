//! A registry for the nodes of a real cluster on this machine.
//!
//! A kubelet neither resolves the names of ECR to loopback nor has a login for it. An open registry tells its
//! repositories' addresses as they are on loopback, and whoever only reads needs no login. ECR has nothing of the kind.

use serde::Deserialize;
use serde_json::Value;

use crate::world::{Region, World};

/// What the control call says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// The account; the default one when missing.
    #[serde(default)]
    account: Option<String>,
    region: String,
    open: bool,
}

/// Opens the registry of an account and region, or closes it.
///
/// # Errors
/// When the body cannot be read.
pub(crate) fn open_registry(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let change: Change =
        serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))?;
    let account = change.account.unwrap_or_else(|| world.default_account.clone());
    let is_open = world.region(&account, &change.region).is_some_and(|region| region.ecr.open);
    if is_open != change.open {
        let account = world.accounts.entry(account).or_default();
        account.regions.entry(change.region).or_default().ecr.open = change.open;
    }
    Ok(serde_json::json!({}))
}

/// The account and region of the open registry that has this repository.
pub(super) fn find(world: &World, repository: &str) -> Option<(String, String)> {
    world.accounts.iter().find_map(|(account, state)| {
        let has = |region: &Region| region.ecr.open && region.ecr.repositories.contains(repository);
        let (region, _) = state.regions.iter().find(|(_, region)| has(region))?;
        Some((account.clone(), region.clone()))
    })
}
