//! The compiler: which one it is, and what it can compile for.

use std::path::{Path, PathBuf};

use super::cargo::{command, output};
use super::error::Error;
use super::platform::Platform;

/// A Rust toolchain.
#[derive(Clone, Debug)]
pub(super) struct Toolchain {
    /// Everything that `rustc -vV` says.
    pub(super) version: String,
    /// Where its libraries are.
    pub(super) sysroot: PathBuf,
}

impl Toolchain {
    /// The one that is used in a folder (rustup's files there may choose).
    pub(super) async fn find(folder: &Path, variables: &[(String, String)]) -> Result<Self, Error> {
        let ask = |arguments: &'static [&'static str]| {
            let mut rustc = command("rustc", folder, variables);
            rustc.args(arguments);
            async move {
                let said = output(rustc, &format!("rustc {}", arguments.join(" "))).await?;
                Ok::<_, Error>(String::from_utf8_lossy(&said).trim().to_owned())
            }
        };
        let (version, sysroot) = tokio::try_join!(ask(&["-vV"]), ask(&["--print", "sysroot"]))?;
        Ok(Self { version, sysroot: PathBuf::from(sysroot) })
    }

    /// The best installed target for a platform.
    pub(super) fn target(&self, platform: Platform) -> Result<&'static str, Error> {
        let installed = |target: &&str| self.sysroot.join("lib/rustlib").join(target).join("lib").is_dir();
        platform.targets().into_iter().find(installed).ok_or(Error::NoTarget { platform })
    }

    /// Its commit, as it stands in the paths of the standard library.
    pub(super) fn commit(&self) -> &str {
        self.version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown")
    }
}

/// How a target's binaries are linked, for people.
pub(super) fn linkage(target: &str) -> &'static str {
    if target.ends_with("musl") { "musl" } else { "glibc, linked statically" }
}
