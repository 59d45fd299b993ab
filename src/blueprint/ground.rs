//! What releases stand on in a cluster that the same graph makes.

use crate::model::eks::Cluster;
use crate::model::kubernetes::Ground;
use crate::model::{Desired, Ref, Resource};

/// The cluster of ours, if there is one.
pub(super) fn cluster(desired: &Desired) -> Option<Ref<Cluster>> {
    all(desired).into_iter().next()
}

/// Everything around a cluster of ours without which a release does not come to stand, or does not go: without nodes,
/// routes and rights nobody would take its load balancers away.
pub(super) fn ground(desired: &Desired) -> Ground {
    Ground {
        nodes: all(desired),
        addons: all(desired),
        routes: all(desired),
        access: all(desired),
        identities: all(desired),
    }
}

fn all<K: Resource>(desired: &Desired) -> Vec<Ref<K>> {
    let addresses = desired.resources.keys().filter(|address| address.kind == K::KIND);
    addresses.map(|address| Ref::managed(address.name.clone())).collect()
}
