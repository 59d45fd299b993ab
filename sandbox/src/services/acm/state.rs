//! What ACM knows of one region.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Time;
use crate::world::{Table, Tags};

/// ACM's part of a region: certificates by ARN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The certificates.
    pub certificates: Table<Certificate>,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// The first domain, then the others.
    pub domains: Vec<String>,
    /// `DNS` or `EMAIL`.
    pub method: String,
    /// The algorithm of its key.
    pub algorithm: String,
    /// Its options, as they are shown.
    pub options: Value,
    /// Its tags.
    pub tags: Tags,
    /// When it was requested.
    pub created: Time,
    /// When it was issued.
    pub issued: Option<Time>,
}
