//! Getting charts: from folders and archives on disk, HTTP repositories and OCI registries.
//!
//! What lives here: references, credentials from Docker's configuration, the cache, the lock file. Who may
//! use it: `cli`, `release`. Laws: bytes whose digest is promised are only used if they have it; what is in
//! the cache is found without the network; credentials go to the host they are for and nowhere else.

mod cache;
mod credentials;
mod dependencies;
mod error;
mod fetch;
mod folder;
pub(in crate::provider) mod http;
mod index;
mod lock;
mod oci;
mod reference;
mod repositories;

pub use cache::Cache;
pub use credentials::{Credential, DockerConfig};
pub use dependencies::{Updated, update};
pub use error::FetchError;
pub use fetch::{Charts, Fetched, Settings};
pub use folder::{load_path, read_folder};
pub use index::{Entry, Index};
pub use lock::{digest_of_requirements, lock_text};
pub use reference::Reference;
