//! Loading charts: from an archive's bytes, or from files that someone else has read.
//!
//! Nothing here opens a file. What is hostile in an archive (paths that leave it, links, more bytes than
//! any chart has, archives inside archives without end) is refused with an error that names it.

mod archive;
mod assemble;
mod error;
mod ignore;
mod metadata;
mod pack;

pub use archive::{Limits, unpack, without_mark};
pub use assemble::{from_archive, from_files, is_only_shown, read_values};
pub use error::LoadError;
pub use ignore::IgnoreRules;
pub use metadata::{Dependency, Import, Lock, Maintainer, Metadata};
pub use pack::pack;
