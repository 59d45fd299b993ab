//! Rows that are cheap to copy: a table shares its rows with its copies until one of them is changed.
//!
//! A call works on the world itself while the server keeps a copy from before it; a refused call puts that copy
//! back. So copying must cost next to nothing, and only what a call changes is really duplicated.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A value shared between copies of the world until one of them writes to it.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

/// Rows by id, in the order of their ids.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Table<T>(Arc<BTreeMap<Arc<str>, Arc<T>>>);

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Table<T> {
    /// The row with this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.0.get(id).map(Arc::as_ref)
    }

    /// The row with this id, to change it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        if !self.0.contains_key(id) {
            return None;
        }
        Arc::make_mut(&mut self.0).get_mut(id).map(Arc::make_mut)
    }

    /// True when there is a row with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// Puts a row in, over an older one of the same id.
    pub fn insert(&mut self, id: impl AsRef<str>, row: T) {
        Arc::make_mut(&mut self.0).insert(Arc::from(id.as_ref()), Arc::new(row));
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: &str) -> Option<T> {
        if !self.0.contains_key(id) {
            return None;
        }
        Arc::make_mut(&mut self.0).remove(id).map(Arc::unwrap_or_clone)
    }

    /// Keeps only the rows for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &T) -> bool) {
        if self.iter().any(|(id, row)| !keep(id, row)) {
            Arc::make_mut(&mut self.0).retain(|id, row| keep(id, row));
        }
    }

    /// All rows with their ids, in the order of the ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> {
        self.0.iter().map(|(id, row)| (id.as_ref(), row.as_ref()))
    }

    /// All rows.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.values().map(Arc::as_ref)
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(AsRef::as_ref)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_the_original_changes() {
        let mut table = Table::default();
        table.insert("a", 1);
        table.insert("b", 2);
        let before = table.clone();
        *table.get_mut("a").unwrap() = 3;
        table.remove("b");
        assert_eq!((before.get("a"), before.get("b")), (Some(&1), Some(&2)));
        assert_eq!((table.get("a"), table.get("b")), (Some(&3), None));
        assert_eq!(table.get_mut("c"), None);
    }
}
