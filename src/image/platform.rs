//! What an image runs on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an image runs on: Linux, on one of two processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Platform {
    /// `linux/amd64`: x86-64.
    #[serde(rename = "linux/amd64")]
    Amd64,
    /// `linux/arm64`: Graviton and its like.
    #[serde(rename = "linux/arm64")]
    Arm64,
}

impl Platform {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// Reads `linux/amd64` and such.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str() == text)
    }

    /// As registries and Docker write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amd64 => "linux/amd64",
            Self::Arm64 => "linux/arm64",
        }
    }

    /// The processor in image configurations.
    pub fn architecture(self) -> &'static str {
        &self.as_str()["linux/".len()..]
    }

    /// Rust's targets for it, best first: musl needs nothing of the system, glibc is linked statically.
    pub(super) fn targets(self) -> [&'static str; 2] {
        match self {
            Self::Amd64 => ["x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu"],
            Self::Arm64 => ["aarch64-unknown-linux-musl", "aarch64-unknown-linux-gnu"],
        }
    }

    /// The machine in ELF files. (`e_machine`: EM_X86_64, EM_AARCH64.)
    pub(super) fn elf_machine(self) -> u16 {
        match self {
            Self::Amd64 => 62,
            Self::Arm64 => 183,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
