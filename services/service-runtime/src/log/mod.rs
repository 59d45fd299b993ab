//! JSON logs on standard output, one object a line.
//!
//! Lives here: the subscriber that turns `tracing` events into lines (with the
//! place of the process and the request they belong to) and the writer that
//! keeps a slow reader of standard output from slowing requests. Laws: one
//! event is one line of valid JSON; what an event does not name is not in it,
//! so headers, bodies, query strings and client addresses cannot leak.

mod json;
mod subscriber;
mod writer;

pub(crate) use json::push_json_string;
pub(crate) use subscriber::{Installed, install};
