//! The world and what operations do with it.
//!
//! The world is a plain value ([`World`]) partitioned by account and region. Only the owner (`crate::owner`)
//! changes it, one call at a time, through a [`Call`]; a refused call leaves nothing behind. Everything here is
//! deterministic: time comes in with the call, ids come from the world's own dice, maps are ordered.

mod call;
mod filter;
mod page;
mod pending;
mod state;
mod table;
mod tags;
mod token;

pub use call::Call;
pub(crate) use call::{Place, caller};
pub use filter::{Filterable, Filters, matches};
pub use page::PageRules;
pub use pending::Pending;
pub(crate) use pending::due;
pub use state::{Account, Held, Principal, Region, World};
pub use table::{Shared, Table};
pub use tags::{TagStyle, Tags};
pub use token::Remembered;
