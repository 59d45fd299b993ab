//! Watching: a stream of changes, a JSON object a line.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::Instant;

use super::list::{ListOptions, shown};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::{Change, Store};

/// How often a watch that hears nothing says so, where it may.
const BOOKMARKS: Duration = Duration::from_secs(60);

/// What is watched.
#[derive(Clone, Debug)]
pub(in crate::cluster) struct WatchOptions {
    pub(in crate::cluster) which: ListOptions,
    pub(in crate::cluster) namespace: Option<String>,
    /// From which version on; everything that is there comes first where there is none.
    pub(in crate::cluster) version: String,
    pub(in crate::cluster) bookmarks: bool,
    /// Everything that is there comes first, and then a mark.
    pub(in crate::cluster) initial: bool,
    pub(in crate::cluster) seconds: u64,
}

/// A watch under way.
struct Watch {
    store: Rc<RefCell<Store>>,
    resource: Resource,
    options: WatchOptions,
    /// All changes up to this version were looked at.
    seen: u64,
    ready: VecDeque<Value>,
    told: Receiver<u64>,
    until: Instant,
    ended: bool,
}

/// The events from a version on. The stream ends after the time that was asked for.
pub(in crate::cluster) fn watch(
    store: &Rc<RefCell<Store>>,
    resource: Resource,
    options: WatchOptions,
) -> impl Stream<Item = Bytes> + use<> {
    let mut watch = Watch {
        told: store.borrow().subscribe(),
        seen: store.borrow().revision(),
        store: Rc::clone(store),
        resource,
        until: Instant::now() + Duration::from_secs(options.seconds),
        options,
        ready: VecDeque::new(),
        ended: false,
    };
    watch.begin();
    futures_util::stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((event, watch))
    })
}

impl Watch {
    fn begin(&mut self) {
        let WatchOptions { version, initial, .. } = &self.options;
        match version.parse::<u64>() {
            Ok(version) if version > 0 && !initial => self.seen = version,
            _ => {
                let all =
                    self.store.borrow().list(&self.resource.qualified(), self.options.namespace.as_deref());
                for object in all.iter().filter(|object| self.options.which.matches(object)) {
                    self.ready.push_back(event("ADDED", &shown(&self.resource, object)));
                }
                if self.options.initial {
                    let mut mark = self.bookmark();
                    mark["object"]["metadata"]["annotations"] =
                        json!({ "k8s.io/initial-events-end": "true" });
                    self.ready.push_back(mark);
                }
            }
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                let mut line = event.to_string();
                line.push('\n');
                return Some(Bytes::from(line));
            }
            if self.ended {
                return None;
            }
            self.told.mark_unchanged();
            self.collect();
            if !self.ready.is_empty() {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep_until(self.until) => return None,
                () = tokio::time::sleep(BOOKMARKS), if self.options.bookmarks => {
                    let mark = self.bookmark();
                    self.ready.push_back(mark);
                }
                changed = self.told.changed() => changed.ok()?,
            }
        }
    }

    fn collect(&mut self) {
        let store = Rc::clone(&self.store);
        let store = store.borrow();
        let Ok(changes) = store.changes_after(self.seen) else {
            let old = Refusal::new(410, "Expired", format!("too old resource version: {}", self.seen));
            self.ready.push_back(json!({ "type": "ERROR", "object": old.status() }));
            self.ended = true;
            return;
        };
        let resource = self.resource.qualified();
        for change in changes {
            let here = self.options.namespace.as_ref().is_none_or(|space| *space == change.key.namespace);
            if change.key.resource == resource && here {
                self.ready.extend(self.told_of(change));
            }
        }
        self.seen = store.revision();
    }

    /// An object that comes to be selected is added to those who select it, one that is no longer is deleted.
    fn told_of(&self, change: &Change) -> Option<Value> {
        let selects = |object: &Option<Rc<Value>>| {
            object.as_ref().filter(|one| self.options.which.matches(one)).cloned()
        };
        let show = |object: &Rc<Value>| shown(&self.resource, object);
        match (selects(&change.before), selects(&change.after)) {
            (None, None) => None,
            (None, Some(after)) => Some(event("ADDED", &show(&after))),
            (Some(_), Some(after)) => Some(event("MODIFIED", &show(&after))),
            (Some(_), None) => Some(event("DELETED", &show(&change.last))),
        }
    }

    fn bookmark(&self) -> Value {
        json!({ "type": "BOOKMARK", "object": {
            "kind": self.resource.kind, "apiVersion": self.resource.api_version(),
            "metadata": { "resourceVersion": self.store.borrow().revision().to_string(), "creationTimestamp": null },
        } })
    }
}

fn event(kind: &str, object: &Value) -> Value {
    json!({ "type": kind, "object": object })
}
