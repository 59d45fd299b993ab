//! What other services do here: they write logs, and make the group if it is gone.

use super::group::Group;
use super::stream::{Event, Stream};
use crate::world::{Call, Tags};

/// Writes one event to a stream of a group. A group that is not there is made, as EKS does with its own: without
/// retention, without tags.
pub fn write(call: &mut Call<'_>, group: &str, stream: &str, message: &str) {
    let now = call.now;
    let state = &mut call.home_mut().logs;
    if !state.groups.contains(group) {
        let made =
            Group { created: now, retention: None, key: None, class: "STANDARD".into(), tags: Tags::new() };
        state.groups.insert(group, made);
    }
    let key = format!("{group}:{stream}");
    let mut written = state.streams.get(&key).cloned().unwrap_or_else(|| Stream::new(now));
    written.events.push(Event { time: now.0, ingested: now.0, message: message.to_owned() });
    state.streams.insert(key, written);
}
