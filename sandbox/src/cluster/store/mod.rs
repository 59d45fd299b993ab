//! The objects of a cluster, their versions, and what changed lately.
//!
//! One number counts all changes; it is the `resourceVersion` of what changed. Watches read the list of the last
//! changes from a number on, so nothing is queued for anybody. Laws: every change has a number of its own, in order;
//! what is changed is on disk before anybody is told.

mod disk;
mod key;

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::path::Path;
use std::rc::Rc;

use ipnet::Ipv4Net;
use serde_json::Value;
use tokio::sync::watch;

pub(super) use key::Key;

use self::disk::Disk;
use super::json::{member, text};
use crate::dice::Dice;

/// How many of the last changes are kept for watches.
const KEPT: usize = 20_000;

/// An object that changed.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) revision: u64,
    pub(super) key: Key,
    /// As it was.
    pub(super) before: Option<Rc<Value>>,
    /// As it is; nothing when it is gone.
    pub(super) after: Option<Rc<Value>>,
    /// As it went, with the version of its going.
    pub(super) last: Rc<Value>,
}

/// The versions that a watch asks for are not kept any more.
#[derive(Debug, PartialEq)]
pub(super) struct TooOld;

/// The objects.
#[derive(Debug)]
pub(super) struct Store {
    objects: BTreeMap<Key, Rc<Value>>,
    revision: u64,
    changes: VecDeque<Change>,
    /// The oldest version from which on every change is kept.
    since: u64,
    told: watch::Sender<u64>,
    disk: Option<Disk>,
    pub(super) dice: Dice,
    /// Addresses of Services come from here.
    pub(super) service_range: Ipv4Net,
}

impl Store {
    /// The store of a folder, or one in memory.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub(super) fn open(folder: Option<&Path>, seed: u64) -> std::io::Result<Self> {
        let (disk, objects, revision) = match folder {
            None => (None, BTreeMap::new(), 0),
            Some(folder) => {
                let (disk, objects, revision) = Disk::open(folder)?;
                (Some(disk), objects, revision)
            }
        };
        // Watches of a former life would miss what was written since their last event.
        let revision = revision + 1;
        let told = watch::Sender::new(revision);
        let dice = Dice::new(seed ^ revision.rotate_left(32));
        let changes = VecDeque::new();
        let service_range = Ipv4Net::new_assert(Ipv4Addr::new(10, 100, 0, 0), 16);
        Ok(Self { objects, revision, changes, since: revision, told, disk, dice, service_range })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The version of the newest change.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Tells of every change from now on.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Rc<Value>> {
        self.objects.get(key)
    }

    /// All objects of a resource (`deployments.apps`), of one namespace or of all, in the order of their names.
    pub(super) fn list(&self, resource: &str, namespace: Option<&str>) -> Vec<Rc<Value>> {
        let from = Key::new(resource, namespace.unwrap_or_default(), "");
        let all = self.objects.range(from..);
        all.take_while(|(key, _)| {
            key.resource == resource && namespace.is_none_or(|namespace| key.namespace == namespace)
        })
        .map(|(_, object)| Rc::clone(object))
        .collect()
    }

    /// All objects.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Rc<Value>)> {
        self.objects.iter()
    }

    /// Puts an object in, under a new version.
    ///
    /// # Errors
    /// When it cannot be written down; nothing has changed then.
    pub(super) fn put(&mut self, key: &Key, mut object: Value) -> std::io::Result<Rc<Value>> {
        let revision = self.revision + 1;
        *member(member(&mut object, "metadata"), "resourceVersion") = revision.to_string().into();
        if let Some(disk) = &mut self.disk {
            disk.append(revision, key, Some(&object))?;
        }
        let object = Rc::new(object);
        let before = self.objects.insert(key.clone(), Rc::clone(&object));
        let last = Rc::clone(&object);
        self.note(Change { revision, key: key.clone(), before, after: Some(Rc::clone(&object)), last });
        Ok(object)
    }

    /// Takes an object out, and gives it as it went.
    ///
    /// # Errors
    /// When that cannot be written down; it stays then.
    pub(super) fn remove(&mut self, key: &Key) -> std::io::Result<Option<Rc<Value>>> {
        let Some(before) = self.objects.get(key).cloned() else { return Ok(None) };
        let revision = self.revision + 1;
        if let Some(disk) = &mut self.disk {
            disk.append(revision, key, None)?;
        }
        self.objects.remove(key);
        let mut last = Value::clone(&before);
        *member(member(&mut last, "metadata"), "resourceVersion") = revision.to_string().into();
        let last = Rc::new(last);
        let gone = Rc::clone(&last);
        self.note(Change { revision, key: key.clone(), before: Some(before), after: None, last });
        Ok(Some(gone))
    }

    fn note(&mut self, change: Change) {
        self.revision = change.revision;
        self.changes.push_back(change);
        while self.changes.len() > KEPT {
            if let Some(forgotten) = self.changes.pop_front() {
                self.since = forgotten.revision;
            }
        }
        if let Some(disk) = &mut self.disk
            && let Err(error) = disk.tidy(&self.objects, self.revision)
        {
            // The log has everything still.
            tracing::warn!(%error, "the cluster's log was not made shorter");
        }
        // Nobody may be listening.
        self.told.send_replace(self.revision);
    }

    /// Everything that changed after a version.
    ///
    /// # Errors
    /// When that is too long ago, or not yet.
    pub(super) fn changes_after(&self, version: u64) -> Result<impl Iterator<Item = &Change>, TooOld> {
        if version < self.since || version > self.revision {
            return Err(TooOld);
        }
        let first = self.changes.partition_point(|change| change.revision <= version);
        Ok(self.changes.range(first..))
    }

    /// Whether an object is there with this uid.
    pub(super) fn has_uid(&self, key: &Key, uid: &str) -> bool {
        self.get(key).is_some_and(|object| text(object, "/metadata/uid") == uid)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(name: &str, value: i64) -> Value {
        json!({ "metadata": { "name": name, "uid": name }, "value": value })
    }

    #[test]
    fn what_was_written_is_there_again_and_versions_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(Some(folder.path()), 1).unwrap();
        let key = |name: &str| Key::new("configmaps", "n", name);
        for round in 0..3 {
            store.put(&key("a"), object("a", round)).unwrap();
        }
        store.put(&key("b"), object("b", 1)).unwrap();
        store.remove(&key("b")).unwrap();
        let before = store.revision();
        drop(store);
        let mut again = Store::open(Some(folder.path()), 1).unwrap();
        assert_eq!(again.list("configmaps", None).len(), 1);
        assert_eq!(again.get(&key("a")).unwrap()["value"], 2);
        assert!(again.changes_after(before).err() == Some(TooOld), "watches start anew");
        let put = again.put(&key("c"), object("c", 1)).unwrap();
        assert!(text(&put, "/metadata/resourceVersion").parse::<u64>().unwrap() > before);
    }

    #[test]
    fn a_list_holds_its_own_namespace_only() {
        let mut store = Store::open(None, 1).unwrap();
        for (resource, namespace) in [("pods", "a"), ("pods", "b"), ("podsx", "a"), ("configmaps", "a")] {
            store.put(&Key::new(resource, namespace, "x"), object("x", 1)).unwrap();
        }
        assert_eq!(store.list("pods", Some("a")).len(), 1);
        assert_eq!(store.list("pods", None).len(), 2);
        let since = store.revision();
        store.remove(&Key::new("pods", "a", "x")).unwrap();
        let changes: Vec<_> = store.changes_after(since).unwrap().collect();
        assert_eq!(changes.len(), 1);
        assert!(changes[0].after.is_none() && changes[0].before.is_some());
    }
}
