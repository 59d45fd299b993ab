//! References between resources: to one of ours by name, or to something that exists by its id.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, Kind, Name, Resource};

/// What a reference points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A resource of this environment.
    Managed(Name),
    /// Something that exists already, by its cloud id (or ARN, where the service identifies it so).
    External(String),
}

/// A typed reference: only to a resource of kind `K`.
///
/// Written as text (`vpc.main`, or `vpc-0123` for what is not ours). An edge of the graph is a managed
/// reference in a spec, never anything else.
pub struct Ref<K> {
    target: Target,
    kind: PhantomData<fn() -> K>,
}

impl<K: Resource> Ref<K> {
    /// A reference to one of ours.
    pub fn managed(name: Name) -> Self {
        Self { target: Target::Managed(name), kind: PhantomData }
    }

    /// A reference to something that exists, by id or ARN.
    pub fn external(id: impl Into<String>) -> Self {
        Self { target: Target::External(id.into()), kind: PhantomData }
    }

    /// The kind that it points at.
    pub fn kind(&self) -> Kind {
        K::KIND
    }

    /// What it points at.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The same, to be changed by a [`super::Visitor`].
    pub fn target_mut(&mut self) -> &mut Target {
        &mut self.target
    }

    /// The address of a managed target.
    pub fn address(&self) -> Option<Address> {
        match &self.target {
            Target::Managed(name) => Some(Address::new(K::KIND, name.clone())),
            Target::External(_) => None,
        }
    }
}

impl<K: Resource> fmt::Display for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Managed(name) => write!(f, "{}.{name}", K::KIND.as_str()),
            Target::External(id) => f.write_str(id),
        }
    }
}

// By hand: a derive would ask the same of K, which is never stored.
impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), kind: PhantomData }
    }
}
impl<K> PartialEq for Ref<K> {
    fn eq(&self, other: &Self) -> bool {
        self.target == other.target
    }
}
impl<K> Eq for Ref<K> {}
impl<K> PartialOrd for Ref<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Ref<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.target.cmp(&other.target)
    }
}
impl<K> fmt::Debug for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}

impl<K: Resource> Serialize for Ref<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Resource> Deserialize<'de> for Ref<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // No id of AWS starts with one of our kinds and a dot, so the two never meet.
        match text.strip_prefix(K::KIND.as_str()).and_then(|rest| rest.strip_prefix('.')) {
            Some(name) => Name::new(name).map(Self::managed).map_err(serde::de::Error::custom),
            None => Ok(Self::external(text)),
        }
    }
}
