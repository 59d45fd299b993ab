//! What the service knows.

use serde::{Deserialize, Serialize};

/// The service's part of the world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {}
