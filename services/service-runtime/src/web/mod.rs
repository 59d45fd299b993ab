//! What surrounds the handlers of every service.
//!
//! Lives here: the routes that all services have, interactive documentation,
//! answers to requests that match nothing, and what gives each
//! request its id, its trace, its metrics and its line in the log. Laws: every
//! request that arrives is counted and logged exactly once; logs and metrics
//! name routes, never paths.

mod common;
mod documentation;
mod fallback;
mod observe;
mod page;
mod routes;

pub(crate) use common::{CommonDocument, common_routes};
pub(crate) use documentation::{DOCUMENTATION_FILES, documentation_routes};
pub(crate) use fallback::{method_not_allowed, not_found, still_starting};
pub(crate) use observe::observe;
pub use page::{asset, compressed, html_page};
pub(crate) use routes::Route;
pub use routes::{Endpoint, RouteTable};
