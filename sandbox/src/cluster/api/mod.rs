//! What the API does with objects: reading, watching, writing. Controllers use the same ways as clients do.

mod delete;
mod list;
mod prepare;
mod scale;
mod service_address;
mod watch;
mod write;

pub(super) use delete::{DeleteOptions, delete};
pub(super) use list::{ListOptions, get, list};
pub(super) use scale::{read_scale, write_scale};
pub(super) use watch::{WatchOptions, watch};
pub(super) use write::{Ask, Patch, PatchKind, create, patch, replace};
