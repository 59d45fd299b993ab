//! What no schema can find: how settings go together.

mod cluster;
mod context;
mod names;
mod network;
mod registry;
mod services;

use context::Context;

use super::finding::Finding;
use super::load::{Loaded, Platform};
use super::place::Path;
use super::subnets::overlap;
use super::tree::Node;

pub(super) use names::name;

/// Everything that does not go together. `tree` is what the platform was made from; `whole` is the tree as it
/// was written, and `unusable` what of it was left out: nothing is said about what that touches.
pub(super) fn validate(platform: &Platform, tree: &Node, whole: &Node, unusable: &[Path]) -> Vec<Finding> {
    let mut context = Context::new(platform, tree, whole);
    names::check(&mut context);
    network::check(&mut context);
    cluster::check(&mut context);
    registry::check(&mut context);
    services::check(&mut context);
    context.into_findings(unusable)
}

/// What only shows when environments are looked at side by side: ranges of two networks that overlap.
pub(super) fn across(all: &mut [Loaded]) {
    let path = Path::of("network.cidr");
    let ours = |loaded: &Loaded| loaded.platform.settings.network.existing.is_none();
    for at in 1..all.len() {
        let (before, rest) = all.split_at_mut(at);
        let loaded = &mut rest[0];
        if !ours(loaded) {
            continue;
        }
        let cidr = loaded.platform.settings.network.cidr;
        for other in before.iter().filter(|other| ours(other)) {
            let theirs = other.platform.settings.network.cidr;
            if !overlap(&cidr, &theirs) {
                continue;
            }
            let name = &other.platform.environment;
            let message = format!("`network.cidr` {cidr} overlaps {theirs} of `{name}`");
            let place = loaded.tree.nearest(&path).place.clone();
            let finding = Finding::new("overlapping-environments", path.clone(), place, message).warning();
            let finding =
                finding.label("used twice").hint("two networks that overlap can never be connected");
            loaded.warnings.list.push(finding);
        }
    }
}
