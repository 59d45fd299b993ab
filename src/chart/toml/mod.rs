//! TOML as Helm's `toToml` and `fromToml` have it (BurntSushi/toml). Pure.

mod read;
mod write;

pub use read::NotRead;
pub(crate) use read::read;
pub use write::{NotToml, write};
