//! What KMS knows of one region.

use serde::{Deserialize, Serialize};

use super::grant::Grant;
use super::key::Key;
use crate::clock::Time;
use crate::world::Table;

/// KMS's part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Keys by id.
    pub keys: Table<Key>,
    /// Aliases by name, `alias/` included.
    pub aliases: Table<Alias>,
    /// Grants by id.
    pub grants: Table<Grant>,
}

/// Another name of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// The key's id.
    pub key: String,
    /// When it was made.
    pub created: Time,
    /// When it last got another key.
    pub updated: Time,
}

impl State {
    /// The key with this id, unless its deletion date has passed.
    pub fn key(&self, id: &str, now: Time) -> Option<&Key> {
        self.keys.get(id).filter(|key| !key.is_gone(now))
    }

    /// All keys that still exist.
    pub fn living(&self, now: Time) -> impl Iterator<Item = (&str, &Key)> {
        self.keys.iter().filter(move |(_, key)| !key.is_gone(now))
    }
}
