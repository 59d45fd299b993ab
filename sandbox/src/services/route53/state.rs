//! What Route 53 knows of one account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Time;
use crate::world::{Table, Tags};

/// Route 53's part of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Hosted zones by id, without `/hostedzone/`.
    pub zones: Table<Zone>,
    /// Changes by id, without `/change/`.
    pub changes: Table<Change>,
}

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// The domain, in lower case, with the last dot.
    pub name: String,
    /// The caller's reference, never usable again.
    pub reference: String,
    /// The comment.
    pub comment: Option<String>,
    /// Whether only the associated VPCs see it.
    pub private: bool,
    /// Region and id of the associated VPCs.
    pub vpcs: Vec<(String, String)>,
    /// The name servers.
    pub servers: Vec<String>,
    /// Its tags.
    pub tags: Tags,
    /// Records in the order in which they are listed.
    pub records: BTreeMap<String, Record>,
}

/// A record set, as it was sent, its names made canonical.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(pub Value);

/// A change on its way to the name servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// True once every name server has it.
    pub in_sync: bool,
    /// When it was submitted.
    pub submitted: Time,
    /// The comment.
    pub comment: Option<String>,
}

impl Record {
    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap_or_default()
    }

    /// The canonical name.
    pub fn name(&self) -> &str {
        self.text("Name")
    }

    /// The type.
    pub fn kind(&self) -> &str {
        self.text("Type")
    }

    /// What tells it from others of the same name and type.
    pub fn identifier(&self) -> &str {
        self.text("SetIdentifier")
    }
}
