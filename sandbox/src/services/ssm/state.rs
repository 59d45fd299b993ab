//! What the Parameter Store knows.

use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::world::{Table, Tags};

/// SSM's part of a region: parameters by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The parameters.
    pub parameters: Table<Parameter>,
}

/// A parameter with its versions, oldest first; there is always one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its tags.
    pub tags: Tags,
    /// The versions, at most a hundred.
    pub versions: Vec<ParameterVersion>,
}

/// One version of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterVersion {
    /// Its number, from 1.
    pub number: i64,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// The value in the clear.
    pub value: String,
    /// What it is for.
    pub description: Option<String>,
    /// The key of a SecureString.
    pub key: Option<String>,
    /// What values must look like.
    pub pattern: Option<String>,
    /// `Standard` or `Advanced`.
    pub tier: String,
    /// `text` or `aws:ec2:image`.
    pub data_type: String,
    /// When it was made.
    pub modified: Time,
    /// Who made it.
    pub by: String,
}

impl Parameter {
    /// The newest version.
    pub fn newest(&self) -> Option<&ParameterVersion> {
        self.versions.last()
    }
}
