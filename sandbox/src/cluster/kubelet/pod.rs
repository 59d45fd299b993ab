//! A pod from its start to its end.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::container::{self, Kept};
use super::status::{self, State};
use super::{Running, Stop};
use crate::cluster::controllers::{change, put_status};
use crate::cluster::instance::Cluster;
use crate::cluster::json::{list, member, name, namespace, number, text, uid};
use crate::cluster::kinds;
use crate::cluster::marks::{ADDRESS, REWRITES};
use crate::cluster::network;
use crate::cluster::store::Key;

/// What the containers of a pod share.
pub(super) struct Life {
    pub(super) cluster: Rc<Cluster>,
    pub(super) running: Rc<Running>,
    /// As it was when it was started; its specification does not change.
    pub(super) pod: Rc<Value>,
    pub(super) address: String,
    pub(super) inits: RefCell<Vec<State>>,
    pub(super) mains: RefCell<Vec<State>>,
    rewrites: RefCell<serde_json::Map<String, Value>>,
}

/// Runs a pod until it ends or is to end.
pub(super) async fn run(cluster: Rc<Cluster>, running: Rc<Running>, pod: Rc<Value>) {
    let address = match text(&pod, "/status/podIP") {
        "" => network::free_address(&cluster, text(&pod, "/spec/nodeName")),
        known => known.to_owned(),
    };
    // One that ran under a former sandbox is started again, which counts.
    let restarts = |one: &Value, kind: &str| {
        let before =
            list(&pod, &format!("/status/{kind}")).iter().find(|status| status["name"] == one["name"]);
        before.map_or(0, |status| {
            number(status, "/restartCount", 0) + i64::from(!text(status, "/imageID").is_empty())
        })
    };
    let states = |containers: &str, statuses: &str| -> Vec<State> {
        let all = list(&pod, containers).iter();
        all.map(|one| State::new(one, restarts(one, statuses))).collect()
    };
    let life = Rc::new(Life {
        inits: RefCell::new(states("/spec/initContainers", "initContainerStatuses")),
        mains: RefCell::new(states("/spec/containers", "containerStatuses")),
        cluster,
        running,
        address,
        rewrites: RefCell::default(),
        pod,
    });
    life.publish();
    if life.initialize().await {
        let mains = list(&life.pod, "/spec/containers");
        let kept = (0..mains.len()).map(|index| {
            container::keep(Rc::clone(&life), Kept { index, container: mains[index].clone(), init: false })
        });
        futures_util::future::join_all(kept).await;
    }
    life.finish();
}

impl Life {
    /// Runs what has to run before; whether the rest may.
    async fn initialize(self: &Rc<Self>) -> bool {
        for (index, one) in list(&self.pod, "/spec/initContainers").iter().enumerate() {
            let kept = Kept { index, container: one.clone(), init: true };
            if !container::keep(Rc::clone(self), kept).await {
                return false;
            }
        }
        true
    }

    /// How the pod is to end, if it is.
    pub(super) fn stop(&self) -> Option<Stop> {
        *self.running.stop.borrow()
    }

    pub(super) fn always(&self) -> bool {
        text(&self.pod, "/spec/restartPolicy") == "Always"
    }

    fn key(&self) -> Key {
        Key::new("pods", namespace(&self.pod), name(&self.pod))
    }

    /// Writes the status as it is now.
    pub(super) fn publish(&self) {
        let store = &mut self.cluster.store.borrow_mut();
        let Some(live) = store.get(&self.key()).cloned().filter(|live| uid(live) == uid(&self.pod)) else {
            return;
        };
        let states = (self.inits.borrow(), self.mains.borrow());
        let status = status::of_pod(&live, &self.address, (&states.0, &states.1), self.always());
        put_status(store, &kinds::known("", "Pod"), &live, status);
    }

    /// Changes what is told of a container.
    pub(super) fn tell(&self, kept: &Kept, change: impl FnOnce(&mut State)) {
        {
            let states = if kept.init { &self.inits } else { &self.mains };
            if let Some(state) = states.borrow_mut().get_mut(kept.index) {
                change(state);
            }
        }
        self.publish();
    }

    /// Notes what was rewritten, and where the process listens.
    pub(super) fn mark(
        &self,
        rewrites: &std::collections::BTreeMap<String, String>,
        address: Option<String>,
    ) {
        let mut all = self.rewrites.borrow_mut();
        all.extend(rewrites.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))));
        let mut marks = json!({});
        if !all.is_empty() {
            marks[REWRITES] = Value::Object(all.clone()).to_string().into();
        }
        if let Some(address) = address {
            marks[ADDRESS] = address.into();
        }
        let store = &mut self.cluster.store.borrow_mut();
        let Some(live) = store.get(&self.key()).cloned() else { return };
        let mut body = json!({});
        *member(member(&mut body, "metadata"), "annotations") = marks;
        change(store, &kinds::known("", "Pod"), &live, &body);
    }

    /// The last of a pod: its object goes when that was asked for.
    fn finish(&self) {
        if self.stop().is_some_and(|stop| stop.forget) {
            let key = self.key();
            let store = &mut self.cluster.store.borrow_mut();
            let live = store.get(&key).cloned().filter(|live| uid(live) == uid(&self.pod));
            if live.is_some_and(|live| list(&live, "/metadata/finalizers").is_empty()) {
                store.drop_now(&key);
            }
        }
        // What it wrote is kept for as long as its object is there.
        self.running.done.set(true);
    }
}
