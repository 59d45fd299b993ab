//! What is to be built, and how.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::platform::Platform;

/// A service whose image is wanted.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The folder of its Cargo package.
    pub folder: PathBuf,
    /// What it runs on.
    pub platforms: Vec<Platform>,
    /// Binaries that were built elsewhere; what is not here is compiled.
    pub binaries: BTreeMap<Platform, PathBuf>,
    /// What the image is to be like.
    pub settings: Settings,
    /// The variables that cargo gets; no others, so that none gets into the binary.
    pub variables: Vec<(String, String)>,
    /// Names of what an earlier build, here or elsewhere, was made from: files among them are looked at too where
    /// no build is kept.
    pub earlier: BTreeSet<String>,
}

/// What an image is to be like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// The user (and group) it runs as, by number.
    pub user: u32,
    /// The port that the service listens on.
    pub port: u16,
    /// Labels besides those of the specification.
    pub labels: BTreeMap<String, String>,
    /// Where the sources are (`org.opencontainers.image.source`).
    pub source: Option<String>,
    /// A file of CA certificates (PEM) to put where TLS libraries look for it.
    pub certificates: Option<PathBuf>,
    /// The image to build on, by digest.
    pub base: Option<String>,
}

/// Told what is being done, a line at a time.
pub trait Progress: Send + Sync {
    /// A step of ours.
    fn step(&self, text: &str);
    /// What cargo is doing.
    fn cargo(&self, line: &str);
}
