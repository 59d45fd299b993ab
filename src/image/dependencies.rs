//! The packages that a binary was linked from, and the section that tells scanners of them.
//!
//! The section is that of cargo-auditable: `.dep-v0`, zlib-compressed JSON.
//! (<https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>)

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;

/// The section's name.
pub(super) const SECTION: &str = ".dep-v0";

/// What a binary was linked from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dependencies {
    /// By name and version; the first number in `dependencies` is the first of these.
    pub(super) packages: Vec<Linked>,
}

/// One package of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Linked {
    pub(super) name: String,
    pub(super) version: String,
    /// `crates.io`, `registry`, `git` or `local`.
    pub(super) source: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) dependencies: Vec<usize>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) root: bool,
    /// SPDX, as the package says; not in the section.
    #[serde(skip)]
    pub(super) license: Option<String>,
    #[serde(skip)]
    pub(super) description: Option<String>,
}

impl Dependencies {
    /// Those of the package `root`, where `linked` are the ids of all packages that were compiled for the
    /// binary's own target: what build scripts and macros need runs elsewhere and is not in the binary.
    pub(super) fn new(metadata: &Metadata, root: &str, linked: &BTreeSet<String>) -> Self {
        let mut packages: Vec<_> = metadata
            .packages
            .iter()
            .filter(|package| package.id == root || linked.contains(&package.id))
            .collect();
        packages.sort_by(|a, b| (&a.name, &a.version, &a.source).cmp(&(&b.name, &b.version, &b.source)));
        let numbers: BTreeMap<&str, usize> =
            packages.iter().enumerate().map(|(at, package)| (package.id.as_str(), at)).collect();
        let edges: BTreeMap<&str, BTreeSet<usize>> = metadata
            .resolve
            .nodes
            .iter()
            .map(|node| {
                let normal =
                    node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind.is_none()));
                (node.id.as_str(), normal.filter_map(|dep| numbers.get(dep.pkg.as_str()).copied()).collect())
            })
            .collect();
        let describe = |package: &&super::metadata::Package| Linked {
            name: package.name.clone(),
            version: package.version.clone(),
            source: source_word(package.source.as_deref()).to_owned(),
            dependencies: edges.get(package.id.as_str()).into_iter().flatten().copied().collect(),
            root: package.id == root,
            license: package.license.clone(),
            description: package.description.clone(),
        };
        Self { packages: packages.iter().map(describe).collect() }
    }

    /// The content of the section.
    pub(super) fn to_section(&self) -> io::Result<Vec<u8>> {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(9));
        packed.write_all(&serde_json::to_vec(self)?)?;
        packed.finish()
    }
}

fn source_word(source: Option<&str>) -> &'static str {
    match source {
        None => "local",
        Some("registry+https://github.com/rust-lang/crates.io-index") => "crates.io",
        Some(other) if other.starts_with("git+") => "git",
        Some(_) => "registry",
    }
}
