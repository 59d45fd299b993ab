//! What is part of a cluster: its id is the cluster's name, a slash and its own.

use crate::model::eks::Cluster;
use crate::model::{CloudId, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::manage::resolve;

/// The two halves of an id. A cluster's name holds no slash; what follows may (an ARN does).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The cluster's name.
    pub(super) cluster: String,
    /// Its own name, id or ARN.
    pub(super) name: String,
}

impl Member {
    pub(super) fn new(cluster: impl Into<String>, name: impl Into<String>) -> Self {
        Self { cluster: cluster.into(), name: name.into() }
    }

    /// Reads an id.
    ///
    /// # Errors
    /// When it is not one.
    pub(super) fn of(id: &CloudId) -> Result<Self, Error> {
        match id.as_str().split_once('/') {
            Some((cluster, name)) if !cluster.is_empty() && !name.is_empty() => Ok(Self::new(cluster, name)),
            _ => {
                Err(Error::local("eks", "Describe", format!("`{id}` is not an id of the form CLUSTER/NAME")))
            }
        }
    }

    /// The member to look for: the one that is recorded, or the named one of a cluster that stands. `None`
    /// when the cluster does not.
    ///
    /// # Errors
    /// As [`Member::of`].
    pub(super) fn sought(
        id: Option<&CloudId>,
        known: &Known,
        cluster: &Ref<Cluster>,
        name: Option<&str>,
    ) -> Result<Option<Self>, Error> {
        match id {
            Some(id) => Self::of(id).map(Some),
            None => Ok(known.resolve(cluster).zip(name).map(|(cluster, name)| Self::new(cluster, name))),
        }
    }

    /// The member to be made.
    ///
    /// # Errors
    /// When the cluster is not known.
    pub(super) fn wanted(
        known: &Known,
        cluster: &Ref<Cluster>,
        name: &str,
        operation: &'static str,
    ) -> Result<Self, Error> {
        Ok(Self::new(resolve(known, cluster, operation)?, name))
    }

    pub(super) fn id(&self) -> CloudId {
        CloudId::new(format!("{}/{}", self.cluster, self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_others_are_refused() {
        for name in ["system", "arn:aws:iam::123456789012:role/dev/x"] {
            let member = Member::new("dev", name);
            assert_eq!(Member::of(&member.id()).unwrap(), member);
        }
        for bad in ["dev", "/x", "dev/"] {
            assert!(Member::of(&bad.into()).is_err());
        }
    }
}
