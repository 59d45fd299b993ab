//! What every service of the platform needs, so that a service is its routes
//! and little else.
//!
//! | room | what lives there |
//! |---|---|
//! | [`Service`], [`main`], [`start`] | what a service states of itself, and running it |
//! | `config` | environment variables, all findings at once |
//! | `server` | listening, connections, start and drain |
//! | `web` | the routes all services have, ids, access log, metrics per request |
//! | `fastapi` | errors and bodies as FastAPI answers and reads them |
//! | `contract` | the bodies that the services exchange |
//! | `client` | calling other services: names, connections, limits |
//! | `trace`, `metrics`, `log` | what is told about requests |
//! | `probe` | questions asked from inside a cluster, in an image without a shell |
//!
//! Law: rooms below `server` and `web` know nothing of a certain service.

pub mod client;
pub mod config;
pub mod contract;
pub mod fastapi;
pub mod trace;

mod context;
mod health;
mod identity;
mod log;
mod metrics;
mod probe;
mod run;
mod server;
mod service;
mod web;

pub use context::{Context, timestamp};
pub use health::{Health, Phase};
pub use identity::Identity;
pub use run::main;
pub use server::{Running, StartError, start};
pub use service::Service;
pub use web::{Endpoint, RouteTable, asset, compressed, html_page};
