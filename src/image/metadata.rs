//! What `cargo metadata` says: packages, their targets, what depends on what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

/// The output of `cargo metadata --format-version 1`, as far as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    pub(super) resolve: Resolve,
    pub(super) workspace_root: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    /// `None` for packages of the workspace and other folders.
    pub(super) source: Option<String>,
    pub(super) license: Option<String>,
    pub(super) description: Option<String>,
    pub(super) manifest_path: PathBuf,
    pub(super) targets: Vec<Target>,
    pub(super) default_run: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Resolve {
    pub(super) nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) pkg: String,
    pub(super) dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DependencyKind {
    /// `None` is a normal one, else `build` or `dev`.
    pub(super) kind: Option<String>,
}

impl Metadata {
    /// The package whose manifest this is.
    pub(super) fn package_of(&self, manifest: &std::path::Path) -> Option<&Package> {
        self.packages.iter().find(|package| package.manifest_path == manifest)
    }

    /// The folders of `root` and of every package in a folder that it needs for its build.
    pub(super) fn folders(&self, root: &str) -> BTreeSet<PathBuf> {
        let nodes: BTreeMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let (mut seen, mut open) = (BTreeSet::from([root]), vec![root]);
        while let Some(id) = open.pop() {
            for dependency in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
                let only_dev = dependency.dep_kinds.iter().all(|kind| kind.kind.as_deref() == Some("dev"));
                if !only_dev && seen.insert(&dependency.pkg) {
                    open.push(&dependency.pkg);
                }
            }
        }
        let packages = self.packages.iter().filter(|package| package.source.is_none());
        let needed = packages.filter(|package| seen.contains(package.id.as_str()));
        needed.filter_map(|package| Some(package.manifest_path.parent()?.to_owned())).collect()
    }
}

impl Package {
    /// The name of the one binary that is meant; else all names.
    pub(super) fn binary(&self) -> Result<&str, Vec<String>> {
        let binaries: Vec<&str> = self
            .targets
            .iter()
            .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
            .map(|target| target.name.as_str())
            .collect();
        let chosen = match binaries.as_slice() {
            [only] => Some(*only),
            some => some.iter().copied().find(|name| Some(*name) == self.default_run.as_deref()),
        };
        chosen.ok_or_else(|| binaries.iter().map(ToString::to_string).collect())
    }
}
