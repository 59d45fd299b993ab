//! How a sandbox is set up.

use std::path::PathBuf;

use crate::clock::Pace;

/// The settings of a sandbox. Those about the world (`seed`, `pace`, `account`, `enforce_iam`) hold for a fresh
/// one; a world found in `folder` keeps its own.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where the world is kept; `None` keeps it in memory only.
    pub folder: Option<PathBuf>,
    /// How progress passes.
    pub pace: Pace,
    /// What ids and spreads are made from.
    pub seed: u64,
    /// The account of unknown access keys.
    pub account: String,
    /// Whether the caller's IAM policies are enforced.
    pub enforce_iam: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            folder: None,
            pace: Pace::Instant,
            seed: 1,
            account: "123456789012".to_owned(),
            enforce_iam: false,
        }
    }
}
