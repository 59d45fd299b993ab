//! What CloudWatch Logs knows of one region.

use serde::{Deserialize, Serialize};

use super::group::Group;
use super::stream::Stream;
use crate::world::Table;

/// CloudWatch Logs' part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Log groups by name.
    pub groups: Table<Group>,
    /// Streams by `group:stream`; a colon is in no name of either.
    pub streams: Table<Stream>,
}

impl State {
    /// The streams of a group with their names.
    pub fn streams_of<'s>(&'s self, group: &'s str) -> impl Iterator<Item = (&'s str, &'s Stream)> {
        self.streams.iter().filter_map(move |(key, stream)| {
            let (owner, name) = key.split_once(':')?;
            (owner == group).then_some((name, stream))
        })
    }
}
