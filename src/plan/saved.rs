//! Plans as they are kept in a file, to be applied later, exactly.

use serde::{Deserialize, Serialize};

use super::step::Plan;
use crate::graph::Dag;

/// The version of the saved form that this program writes and reads.
pub const SAVED_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Saved {
    format: String,
    version: u32,
    plan: Plan,
}

const FORMAT: &str = "platctl plan";

/// Why a file is not a plan that can be applied.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// It is not a plan of this program.
    #[error("not a saved plan")]
    NotAPlan(#[source] serde_json::Error),
    /// Another version wrote it.
    #[error("a saved plan of version {0}; this program reads version {SAVED_VERSION}")]
    Version(u64),
    /// Its steps wait for each other in a circle.
    #[error("its steps wait for each other in a circle")]
    Cycle,
}

/// The bytes of a plan.
pub fn write(plan: &Plan) -> Vec<u8> {
    let saved = Saved { format: FORMAT.to_owned(), version: SAVED_VERSION, plan: plan.clone() };
    serde_json::to_vec_pretty(&saved).expect("a plan holds nothing that JSON cannot")
}

/// Reads a plan back.
///
/// # Errors
/// When the bytes are not a plan, of another version, or one that cannot be walked.
pub fn read(bytes: &[u8]) -> Result<Plan, SavedError> {
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(SavedError::NotAPlan)?;
    let version = value.get("version").and_then(serde_json::Value::as_u64);
    match version {
        Some(version) if version != u64::from(SAVED_VERSION) => return Err(SavedError::Version(version)),
        _ => {}
    }
    let Saved { plan, .. } = serde_json::from_value(value).map_err(SavedError::NotAPlan)?;
    let before: Vec<Vec<usize>> = plan.steps.iter().map(|step| step.after.clone()).collect();
    if before.iter().flatten().any(|&wait| wait >= plan.steps.len()) || Dag::new(before).is_err() {
        return Err(SavedError::Cycle);
    }
    Ok(plan)
}
