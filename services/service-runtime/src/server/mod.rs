//! Listening, serving and ending.
//!
//! Lives here: the socket, the connections and the life of a running service.
//! Laws: the process answers `/health` from the first moment and `/ready` with
//! 200 only between the end of its start and the beginning of its drain; after
//! the drain has begun, whatever request was begun is finished, within the
//! grace time.

mod app;
mod connections;
mod listener;
mod running;

pub(crate) use app::fault;
pub(crate) use running::{Configured, start_configured};
pub use running::{Running, StartError, start};
