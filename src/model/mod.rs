//! The words everything else is written in: addresses, kinds, specs, references, changes.
//!
//! Pure data and pure functions over it (std and serde only); every other room may import this one and it
//! imports none. Its laws: the set of kinds is closed (`kinds.rs` is the one list); edges between resources
//! come from their specs (`Resource::visit`); `spec.changes(&spec)` is empty for every spec.

mod action;
mod address;
mod change;
mod desired;
mod document;
mod kinds;
mod known;
mod observed;
mod reference;
mod resource;
mod tags;
mod text;

pub use action::Action;
pub use address::{Address, AddressError, Name};
pub use change::{Change, Changes, Effect, Origin, Shown};
pub use desired::Desired;
pub use document::Document;
pub use kinds::*;
pub use known::Known;
pub use observed::{Live, Observed, Readiness};
pub use reference::{Ref, Target};
pub use resource::Outputs as OutputsOf;
pub use resource::{Attribute, CloudId, NoOutputs, Recovery, Resource, Timing, Visitor};
pub use tags::{ADDRESS_TAG, ENVIRONMENT_TAG, Tags, is_reserved_tag};
pub use text::{Placeholder, Text};
