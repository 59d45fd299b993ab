//! Tags: ours at birth, ours when looked for, and what of them changes.

use std::collections::{BTreeMap, HashMap};

use super::Aws;
use super::manage::Revision;
use crate::model::{ADDRESS_TAG, Address, ENVIRONMENT_TAG, Tags};

/// The tags that a resource is born with: those of its spec, and the two by which we know it.
pub(super) fn at_birth(aws: &Aws, address: &Address, tags: &Tags) -> Tags {
    let mut tags = tags.clone();
    tags.entry(ENVIRONMENT_TAG.to_owned()).or_insert_with(|| aws.environment().to_owned());
    tags.entry(ADDRESS_TAG.to_owned()).or_insert_with(|| address.to_string());
    tags
}

/// True when the tags say that the environment owns it: enough for what was found by a name of ours.
pub(super) fn is_ours(aws: &Aws, tags: &Tags) -> bool {
    tags.get(ENVIRONMENT_TAG).is_some_and(|environment| environment == aws.environment())
}

/// True when the tags say that it is the environment's resource of this address: for what has no name.
pub(super) fn is_at(aws: &Aws, address: &Address, tags: &Tags) -> bool {
    is_ours(aws, tags) && tags.get(ADDRESS_TAG).is_some_and(|tag| *tag == address.to_string())
}

/// Tags of a service that keeps them as a map.
pub(super) fn of_map(tags: Option<&HashMap<String, String>>) -> Tags {
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// What of the tags is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TagChanges {
    /// Set, or set anew.
    pub(super) set: BTreeMap<String, String>,
    /// Taken away.
    pub(super) unset: Vec<String>,
}

impl TagChanges {
    /// Those that a revision asks for, by the tags that it wants.
    pub(super) fn of<K>(revision: &Revision<K>, want: &Tags) -> Self {
        let mut changes = Self::default();
        for key in revision.changes.iter().filter_map(|change| change.field.strip_prefix("tags.")) {
            match want.get(key) {
                Some(value) => {
                    changes.set.insert(key.to_owned(), value.clone());
                }
                None => changes.unset.push(key.to_owned()),
            }
        }
        changes
    }

    /// True when nothing is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.unset.is_empty()
    }

    /// What is to be set, in the form of services that keep a map; `None` for nothing.
    pub(super) fn set_map(&self) -> Option<HashMap<String, String>> {
        (!self.set.is_empty()).then(|| self.set.clone().into_iter().collect())
    }

    /// What is to be taken away; `None` for nothing.
    pub(super) fn unset_keys(&self) -> Option<Vec<String>> {
        (!self.unset.is_empty()).then(|| self.unset.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Changes, Known};

    #[test]
    fn changes_of_tags_are_taken_from_what_differs() {
        let want: Tags = [("a.b".into(), "1".into()), ("same".into(), "x".into())].into();
        let live: Tags = [("same".into(), "x".into()), ("gone".into(), "y".into())].into();
        let mut changes = Changes::default();
        changes.tags(&want, &live);
        changes.update("name", &1, &2);
        let revision = Revision {
            address: "role.a".parse().unwrap(),
            id: "a".into(),
            spec: (),
            live: (),
            changes: changes.into_vec(),
            known: Arc::new(Known::default()),
        };
        let found = TagChanges::of(&revision, &want);
        assert_eq!(found.set, [("a.b".to_owned(), "1".to_owned())].into());
        assert_eq!(found.unset, ["gone"]);
        assert!(!found.is_empty());
    }
}
