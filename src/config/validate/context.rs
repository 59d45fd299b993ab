//! What every check needs: the settings, where they were written, and a list for what is found.

use crate::config::finding::Finding;
use crate::config::load::Platform;
use crate::config::place::{Path, Place};
use crate::config::schema::Settings;
use crate::config::tree::Node;

/// A check's view of one environment.
pub(super) struct Context<'a> {
    pub(super) environment: &'a str,
    pub(super) settings: &'a Settings,
    tree: &'a Node,
    whole: &'a Node,
    found: Vec<(Finding, Vec<Path>)>,
}

impl<'a> Context<'a> {
    pub(super) fn new(platform: &'a Platform, tree: &'a Node, whole: &'a Node) -> Self {
        let Platform { environment, settings, buildable: _ } = platform;
        Self { environment, settings, tree, whole, found: Vec::new() }
    }

    /// Where a value was written, or the table that it would stand in.
    pub(super) fn place(&self, path: &Path) -> Place {
        self.tree.nearest(path).place.clone()
    }

    /// Where a key was written.
    pub(super) fn key_place(&self, path: &Path) -> Place {
        self.tree.key_place(path).unwrap_or_else(|| self.place(path))
    }

    /// True when a value was written in some file.
    pub(super) fn is_written(&self, path: &Path) -> bool {
        self.tree.at(path).is_some()
    }

    /// The keys of a table as it was written, with what had to be left out.
    pub(super) fn written_keys(&self, path: &Path) -> Vec<&'a str> {
        let table = self.whole.at(path).and_then(Node::as_table);
        table.map(|table| table.entries.iter().map(|entry| entry.key.as_str()).collect()).unwrap_or_default()
    }

    /// A finding at a value.
    pub(super) fn at(&self, code: &'static str, path: &Path, message: impl Into<String>) -> Finding {
        Finding::new(code, path.clone(), self.place(path), message)
    }

    /// A finding at a key.
    pub(super) fn at_key(&self, code: &'static str, path: &Path, message: impl Into<String>) -> Finding {
        Finding::new(code, path.clone(), self.key_place(path), message)
    }

    /// A finding with another place, if something was written there.
    pub(super) fn beside(&self, finding: Finding, path: &Path, label: &str) -> Finding {
        if self.is_written(path) { finding.related(self.place(path), label) } else { finding }
    }

    /// Adds a finding; `about` are the paths of the values that it follows from, besides its own.
    pub(super) fn push<const N: usize>(&mut self, finding: Finding, about: [&Path; N]) {
        let mut paths: Vec<Path> = about.into_iter().cloned().collect();
        paths.push(finding.path.clone());
        self.found.push((finding, paths));
    }

    /// What was found, without what follows from something that could not be used.
    pub(super) fn into_findings(self, unusable: &[Path]) -> Vec<Finding> {
        let spoils =
            |unusable: &Path, path: &Path| unusable.is_prefix_of(path) || path.is_prefix_of(unusable);
        let sound = |paths: &[Path]| !paths.iter().any(|path| unusable.iter().any(|bad| spoils(bad, path)));
        self.found.into_iter().filter(|(_, paths)| sound(paths)).map(|(finding, _)| finding).collect()
    }
}
