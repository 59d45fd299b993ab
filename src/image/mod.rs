//! Images with no daemon, no Dockerfile and no root: `cargo build`, layers, manifests, and the digest of it all.
//!
//! What lives here: what a build depends on (`inputs`), the compiler (`cargo`), what the binary says of its
//! dependencies (`dependencies`, `elf`), layers and manifests (`layer`, `assemble`), and the folder that keeps
//! what was built (`store`). Pushing is `provider::registry`. May use `model`.
//!
//! Laws: the same inputs give the same digest, on any machine and in any folder; the digest is known before
//! anything is pushed; what was built is used again only while every input is as it was, and only if its bytes
//! are those that were written.

mod assemble;
mod blob;
mod build;
mod cargo;
mod commit;
mod compile;
mod dependencies;
mod digest;
mod elf;
mod error;
mod gate;
mod inputs;
mod layer;
mod metadata;
mod output;
mod platform;
mod referrer;
mod sbom;
mod service;
mod store;
mod survey;
mod toolchain;

pub use assemble::{Base, BaseImage, Image, PlatformImage};
pub use blob::{Blob, Descriptor};
pub use build::{Built, build};
pub use commit::Commit;
pub use digest::Digest;
pub use error::Error;
pub use gate::{Allowed, Finding, Gate, Judgement, Scanned, Severity};
pub use output::{write_docker_archive, write_oci_layout};
pub use platform::Platform;
pub use referrer::{Referrer, signature_payload};
pub use service::{Progress, Service, Settings};
pub use store::Store;
pub use survey::{Survey, Verdict, survey};
