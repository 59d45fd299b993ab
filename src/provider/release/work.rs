//! What is being worked on, and how: what hooks, objects and records of one run share.

use std::time::Duration;

use super::Told;
use crate::provider::kube::{Cluster, How};
use crate::release::Revision;

/// One revision on its way into a cluster.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    /// The cluster.
    pub(super) cluster: &'a Cluster,
    /// The revision.
    pub(super) revision: &'a Revision,
    /// Takes what others own.
    pub(super) force: bool,
    /// How long the objects of a stage may take to be ready.
    pub(super) patience: Duration,
    /// Who is told what happens.
    pub(super) tell: &'a (dyn Fn(Told) + Send + Sync),
}

impl<'a> Work<'a> {
    pub(super) fn how(&self) -> How<'a> {
        How {
            release: self.revision.name(),
            namespace: self.revision.namespace(),
            force: self.force,
            dry_run: false,
        }
    }
}
