//! What Secrets Manager knows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::world::{Table, Tags};

/// Secrets Manager's part of a region: secrets by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The secrets, those in their recovery window too.
    pub secrets: Table<Secret>,
}

/// A secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    /// Its ARN, which ends in six characters that the name does not have.
    pub arn: String,
    /// What it is for.
    pub description: Option<String>,
    /// The key, as it was given.
    pub key: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The versions by id.
    pub versions: BTreeMap<String, Version>,
    /// The resource policy.
    pub policy: Option<String>,
    /// When it was made.
    pub created: Time,
    /// When it was last changed.
    pub changed: Time,
    /// When it was deleted and when it will be gone.
    pub deletion: Option<(Time, Time)>,
}

/// A version of a secret's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The value as text.
    pub text: Option<String>,
    /// The value as bytes, in base64.
    pub binary: Option<String>,
    /// `AWSCURRENT` and its like.
    pub stages: Vec<String>,
    /// When it was made.
    pub created: Time,
}

/// The stage of the version that a read gets.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The stage of the version before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

impl Secret {
    /// The id of the version that has a stage.
    pub fn staged(&self, stage: &str) -> Option<&str> {
        self.versions
            .iter()
            .find(|(_, version)| version.stages.iter().any(|one| one == stage))
            .map(|(id, _)| id.as_str())
    }

    /// Moves a stage to a version. What `AWSCURRENT` leaves becomes `AWSPREVIOUS`.
    pub fn stage(&mut self, stage: &str, onto: &str) {
        let left = self.staged(stage).map(str::to_owned);
        if left.as_deref() == Some(onto) {
            return;
        }
        for version in self.versions.values_mut() {
            version.stages.retain(|one| one != stage);
        }
        if let Some(version) = self.versions.get_mut(onto) {
            version.stages.push(stage.to_owned());
        }
        if let (CURRENT, Some(left)) = (stage, left) {
            self.stage(PREVIOUS, &left);
        }
        // A version without a stage is deprecated; AWS may drop it at any time, and the model does so at once.
        self.versions.retain(|_, version| !version.stages.is_empty());
    }
}
