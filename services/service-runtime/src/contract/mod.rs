//! The bodies that the services exchange.
//!
//! Lives here: what `GET …/status`, `…/data`, `…/info`, `/health` and
//! `POST …/process` answer and take, shared by the services that serve them and
//! the one that passes them on and documents them.

mod bodies;
mod process;

pub use bodies::{DataBody, HealthBody, InfoBody, Item, StatusBody};
pub use process::{Operation, ProcessBody, ProcessRequest, ProcessResult};
