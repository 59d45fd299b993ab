//! Findings that a test wants scans to have.

use serde::Deserialize;
use serde_json::Value;

use crate::world::{Account, World};

/// What the control call says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    /// The account; the default one when missing.
    #[serde(default)]
    account: Option<String>,
    region: String,
    repository: String,
    /// Findings as `DescribeImageScanFindings` shows them; enhanced ones if the registry scans so.
    findings: Vec<Value>,
}

/// Gives a repository the findings that later scans of its images end with.
///
/// # Errors
/// When the body cannot be read or there is no such repository.
pub(crate) fn seed_findings(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let seed: Seed =
        serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))?;
    let account = seed.account.unwrap_or_else(|| world.default_account.clone());
    let state = world.accounts.get_mut(&account).map(|account| &mut **account);
    let region = state.and_then(|account: &mut Account| account.regions.get_mut(&seed.region));
    let repository = region.and_then(|region| region.ecr.repositories.get_mut(&seed.repository));
    let repository = repository.ok_or_else(|| format!("there is no repository {}", seed.repository))?;
    repository.seeded = Some(seed.findings.into());
    Ok(serde_json::json!({}))
}
