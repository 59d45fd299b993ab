//! What a kubelet does, for all nodes: pods whose images lie in the world's own registry are processes of this machine.
//!
//! A container is the program that its image starts, taken out of the image's layers, with the manifest's environment
//! ([`environment`]), looked at by the manifest's probes ([`probe`]), started again when it ends ([`container`]). Law:
//! no process outlives the sandbox; those of one that was killed are ended by the next ([`orphans`]).

mod container;
mod environment;
mod event;
mod image;
mod orphans;
mod output;
mod pod;
mod probe;
mod process;
mod status;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

pub(super) use event::event;
pub(super) use image::simulated;
pub(super) use output::Output;
pub(super) use process::spawn;
pub(super) use status::exit_code;

use self::orphans::Orphans;
use super::instance::Cluster;
use super::json::{is_leaving, name, namespace, number, text, uid};
use super::marks::SIMULATED;
use super::store::Key;

/// The note of what runs.
const PROCESSES: &str = "processes";

/// How a pod is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stop {
    /// How long its processes may take.
    grace: Duration,
    /// Whether the pod is gone afterwards; it is started again by the next sandbox otherwise.
    forget: bool,
}

/// The pods that run.
pub(super) struct Kubelet {
    pods: RefCell<BTreeMap<String, Rc<Running>>>,
    /// Where programs and notes are kept.
    folder: RefCell<PathBuf>,
    orphans: Orphans,
    /// Keeps a folder of its own until the end, where the sandbox has none.
    owned: bool,
}

/// What a container wrote, in this life and the one before.
type Lives = (Rc<Output>, Option<Rc<Output>>);

type Variables = Vec<(String, String)>;

/// A pod that runs.
struct Running {
    stop: watch::Sender<Option<Stop>>,
    /// What its containers wrote.
    outputs: RefCell<BTreeMap<String, Lives>>,
    /// The variables of its containers.
    variables: RefCell<BTreeMap<String, Variables>>,
    /// Whether all its processes ended.
    done: Cell<bool>,
}

impl Kubelet {
    /// Ends what a former sandbox left running.
    pub(super) fn new(folder: Option<PathBuf>, id: &str) -> Self {
        let owned = folder.is_none();
        let folder = folder.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("platctl-sandbox-{}-{id}", std::process::id()))
        });
        let orphans = Orphans::new(folder.join(PROCESSES));
        orphans.end();
        Self { pods: RefCell::default(), folder: RefCell::new(folder), orphans, owned }
    }

    /// Ends what a former sandbox left running of a cluster that is no more.
    pub(super) fn sweep(folder: &Path) {
        Orphans::new(folder.join(PROCESSES)).end();
    }

    /// What it keeps is in another folder now.
    pub(super) fn moved(&self, folder: &Path) {
        self.orphans.moved(folder.join(PROCESSES));
        self.folder.replace(folder.to_owned());
    }

    fn images(&self) -> PathBuf {
        self.folder.borrow().join("images")
    }

    /// Starts pods that have a node, and ends those that leave.
    pub(super) fn pass(&self, cluster: &Rc<Cluster>) {
        let pods = cluster.store.borrow().list("pods", None);
        for pod in &pods {
            let runs = !text(pod, "/spec/nodeName").is_empty()
                && pod["metadata"]["annotations"].get(SIMULATED).is_none();
            let ended = ["Succeeded", "Failed"].contains(&text(pod, "/status/phase"));
            let known = self.pods.borrow().get(uid(pod)).cloned();
            match known {
                Some(running) if is_leaving(pod) && running.done.get() => self.forget(cluster, pod),
                Some(running) if is_leaving(pod) => {
                    let grace = number(pod, "/metadata/deletionGracePeriodSeconds", 30).max(0);
                    running.end(Stop { grace: Duration::from_secs(grace.unsigned_abs()), forget: true });
                }
                Some(_) => {}
                None if is_leaving(pod) => self.forget(cluster, pod),
                None if runs && !ended => self.start(cluster, pod),
                None => {}
            }
        }
        self.pods.borrow_mut().retain(|id, running| {
            let there = pods.iter().any(|pod| uid(pod) == id);
            if !there {
                running.end(Stop { grace: Duration::ZERO, forget: true });
            }
            there || !running.done.get()
        });
    }

    /// A pod that never ran, or no longer does, has nothing to wait for but its finalizers.
    fn forget(&self, cluster: &Cluster, pod: &Value) {
        if super::json::list(pod, "/metadata/finalizers").is_empty() {
            cluster.store.borrow_mut().drop_now(&Key::new("pods", namespace(pod), name(pod)));
        }
    }

    fn start(&self, cluster: &Rc<Cluster>, pod: &Rc<Value>) {
        let running = Rc::new(Running {
            stop: watch::Sender::new(None),
            outputs: RefCell::default(),
            variables: RefCell::default(),
            done: Cell::new(false),
        });
        let id = uid(pod).to_owned();
        self.pods.borrow_mut().insert(id, Rc::clone(&running));
        tokio::task::spawn_local(pod::run(Rc::clone(cluster), running, Rc::clone(pod)));
    }

    /// What a container wrote, in this life or the one before.
    pub(super) fn output(&self, pod: &str, container: &str, previous: bool) -> Option<Rc<Output>> {
        let pods = self.pods.borrow();
        let outputs = pods.get(pod)?.outputs.borrow();
        let (current, before) = outputs.get(container)?;
        if previous { before.clone() } else { Some(Rc::clone(current)) }
    }

    /// The variables of a container that was started.
    pub(super) fn variables(&self, pod: &str, container: &str) -> Option<Variables> {
        self.pods.borrow().get(pod)?.variables.borrow().get(container).cloned()
    }

    /// A program of an image.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn program(
        &self,
        cluster: &Cluster,
        image: &str,
        command: &[String],
    ) -> Result<PathBuf, String> {
        let found = image::unpack(cluster, image, command, &self.images()).await;
        found.map(|program| program.path).map_err(|error| error.to_string())
    }

    /// Ends all processes and waits until they are gone.
    pub(super) async fn stop(&self) {
        const GRACE: Duration = Duration::from_secs(3);
        for running in self.pods.borrow().values() {
            running.end(Stop { grace: GRACE, forget: false });
        }
        let until = tokio::time::Instant::now() + GRACE * 2;
        while self.pods.borrow().values().any(|running| !running.done.get())
            && tokio::time::Instant::now() < until
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if self.owned {
            // It is only there when something ran.
            let _ = std::fs::remove_dir_all(&*self.folder.borrow());
        }
    }
}

impl Running {
    /// Asks a pod to end; the first who asks for less time wins.
    fn end(&self, stop: Stop) {
        self.stop.send_if_modified(|asked| {
            let sooner = asked.is_none_or(|asked| stop.grace < asked.grace);
            if sooner {
                *asked = Some(stop);
            }
            sooner
        });
    }
}
