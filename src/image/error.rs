//! What can go wrong on the way to an image.

use std::path::{Path, PathBuf};

use super::platform::Platform;

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service's folder is not there, or holds no Cargo package.
    #[error("service {service} is to be built from {}, which is no Cargo package (it has no Cargo.toml)", .folder.display())]
    NoPackage {
        /// The service.
        service: String,
        /// The folder that its settings name.
        folder: PathBuf,
    },
    /// The package has no binary, or several and none that stands out.
    #[error("package {package} has {}", match .binaries.as_slice() { [] => "no binary".to_owned(), some => format!("several binaries: {}", some.join(", ")) })]
    Binary {
        /// The package.
        package: String,
        /// Its binaries.
        binaries: Vec<String>,
    },
    /// Nothing that is installed compiles for the platform.
    #[error("no Rust target for {platform} is installed")]
    NoTarget {
        /// The platform.
        platform: Platform,
    },
    /// The compiler refuses the sources, or cargo their manifests.
    #[error("{service} does not compile for {platform}\n{}", .messages.trim_end())]
    Compile {
        /// The service.
        service: String,
        /// The platform.
        platform: Platform,
        /// What cargo and the compiler said.
        messages: String,
    },
    /// A program that is needed cannot be run, or says no.
    #[error("{program} failed: {}", .why.trim_end())]
    Program {
        /// The program and what it was to do.
        program: String,
        /// Why.
        why: String,
    },
    /// A file cannot be read or written.
    #[error("{}", .path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was kept is not what was written.
    #[error("{} is damaged: its bytes are not those that its name stands for", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A binary is not what the platform runs.
    #[error("{} is no binary for {platform}: {why}", .path.display())]
    NotForPlatform {
        /// The file.
        path: PathBuf,
        /// The platform.
        platform: Platform,
        /// What it is.
        why: String,
    },
    /// Something that another program wrote cannot be read.
    #[error("{what} cannot be read: {why}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// An archive for Docker holds one platform.
    #[error("{service} is built for {}, and an archive for Docker holds one platform", .platforms.join(" and "))]
    SeveralPlatforms {
        /// The service.
        service: String,
        /// The platforms.
        platforms: Vec<String>,
    },
}

impl Error {
    pub(super) fn disk(path: &Path, source: std::io::Error) -> Self {
        Self::Disk { path: path.to_owned(), source }
    }

    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoPackage { service, .. } => format!(
                "correct `path` of [services.{service}] (it is relative to the folder that holds environments/), or \
                 give an `image`"
            ),
            Self::Binary { binaries, .. } if binaries.len() > 1 => {
                "name one as `default-run` in the package's Cargo.toml".to_owned()
            }
            Self::NoTarget { platform } => {
                let [musl, glibc] = platform.targets();
                format!(
                    "install one with `rustup target add {musl}` (or {glibc}, with a linker for it), or give a binary \
                     built elsewhere: --binary {platform}=PATH"
                )
            }
            Self::Damaged { .. } => "delete the file and build again".to_owned(),
            Self::SeveralPlatforms { .. } => "choose one: --platform linux/amd64".to_owned(),
            Self::Disk { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                "free some space; nothing half-written is used by the next run".to_owned()
            }
            _ => return None,
        })
    }
}
