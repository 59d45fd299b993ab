//! Which cluster of the world it is.

use crate::services::eks::{Cluster, Phase};
use crate::world::World;

/// A cluster of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
    /// What tells it from another of the same name.
    pub(super) id: String,
}

impl Place {
    /// The clusters that can be reached, and the ones that are going away with what they had.
    pub(super) fn all(world: &World) -> Vec<Self> {
        let mut all = Vec::new();
        for (account, state) in &world.accounts {
            for (region, state) in &state.regions {
                for (name, cluster) in state.eks.clusters.iter() {
                    if matches!(cluster.phase, Phase::Active | Phase::Updating | Phase::Deleting) {
                        all.push(Self {
                            account: account.clone(),
                            region: region.clone(),
                            name: name.to_owned(),
                            id: cluster.id.clone(),
                        });
                    }
                }
            }
        }
        all
    }

    /// The cluster as EKS has it.
    pub(super) fn cluster<'w>(&self, world: &'w World) -> Option<&'w Cluster> {
        let found = world.region(&self.account, &self.region)?.eks.clusters.get(&self.name)?;
        (found.id == self.id).then_some(found)
    }

    /// The endpoint's name on AWS, which stands in answers of EKS until the listener's takes its place.
    pub(super) fn endpoint(&self) -> String {
        format!("https://{}.gr7.{}.eks.amazonaws.com", self.id, self.region)
    }
}
