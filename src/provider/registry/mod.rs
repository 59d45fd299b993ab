//! Image registries: pushing, attaching, pulling what is built on.
//!
//! What lives here: logins (Docker's configuration, Amazon ECR), uploads, referrers, base images. Who may use it:
//! `cli`. Laws: bytes are what their digest says, on the way in and on the way out; a tag that stands for
//! something else is never moved; what the registry has is not sent again; a push that broke off is completed by
//! the next one.

mod client;
mod error;
mod login;
mod pull;
mod push;
mod referrers;

pub use client::Registry;
pub use error::RegistryError;
pub use login::{Ecr, Login};
pub use pull::{PulledImage, PulledLayer, by_digest};
pub use push::{Homes, Open, Part, Push, Pushed, Sent};
pub use referrers::Attachment;
