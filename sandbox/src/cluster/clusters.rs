//! The clusters that run: one for every cluster of the world that is active.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use tokio::task::AbortHandle;

use super::instance::Cluster;
use super::kubelet::Kubelet;
use super::place::Place;
use super::{controllers, listener};
use crate::owner::Owner;
use crate::watch::Watched;
use crate::wire::message::{Reply, Request};
use crate::world::Held;

/// All clusters that run.
pub(crate) struct Clusters {
    owner: Rc<RefCell<Owner>>,
    /// Where the AWS of the sandbox is reached.
    aws: String,
    /// Where clusters keep their objects, a folder each.
    folder: Option<PathBuf>,
    /// Who is told of the calls that change something.
    watch: Option<Rc<Watched>>,
    running: RefCell<BTreeMap<String, Running>>,
    /// The world that was looked at last.
    seen: RefCell<Option<Held>>,
}

struct Running {
    place: Place,
    cluster: Rc<Cluster>,
    address: String,
    tasks: Vec<AbortHandle>,
    folder: Option<PathBuf>,
}

impl Clusters {
    pub(crate) fn new(owner: Rc<RefCell<Owner>>, aws: String, watch: Option<Rc<Watched>>) -> Self {
        let folder = owner.borrow().settings.folder.as_ref().map(|folder| folder.join("clusters"));
        if let Some(folder) = &folder {
            sweep(folder, &Place::all(owner.borrow().world()));
        }
        Self { owner, aws, folder, watch, running: RefCell::default(), seen: RefCell::default() }
    }

    /// Starts what became active since the last time, and stops what is gone. Costs nothing where the world is as it
    /// was.
    pub(crate) fn follow(&self) {
        let world = Arc::clone(&self.owner.borrow().world);
        let same = self.seen.borrow().as_ref().is_some_and(|seen| Arc::ptr_eq(seen, &world));
        if same {
            return;
        }
        let places = Place::all(&world);
        self.seen.replace(Some(world));
        let gone: Vec<String> = {
            let running = self.running.borrow();
            let stays = |id: &String| places.iter().any(|place| place.id == *id);
            running.keys().filter(|id| !stays(id)).cloned().collect()
        };
        for id in gone {
            if let Some(running) = self.running.borrow_mut().remove(&id) {
                running.end();
            }
        }
        for place in places {
            if !self.running.borrow().contains_key(&place.id) {
                self.start(place);
            }
        }
    }

    fn start(&self, place: Place) {
        let folder = self.folder.as_ref().map(|folder| folder.join(&place.id));
        match self.try_start(&place, folder) {
            Ok(running) => drop(self.running.borrow_mut().insert(place.id, running)),
            Err(error) => tracing::error!(%error, cluster = place.name, "a cluster does not start"),
        }
    }

    fn try_start(&self, place: &Place, folder: Option<PathBuf>) -> std::io::Result<Running> {
        let source = (Rc::clone(&self.owner), self.aws.clone());
        let cluster = Rc::new(Cluster::open(place.clone(), source, folder.as_ref())?);
        let listener = listen(folder.as_deref())?;
        let address = format!("https://{}", listener.local_addr()?);
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let serving =
            tokio::task::spawn_local(listener::serve(listener, Rc::clone(&cluster), self.watch.clone()));
        let working = tokio::task::spawn_local(controllers::run(Rc::clone(&cluster)));
        let tasks = vec![serving.abort_handle(), working.abort_handle()];
        Ok(Running { place: place.clone(), cluster, address, tasks, folder })
    }

    /// Stops all clusters. Their objects stay.
    pub(crate) async fn stop(&self) {
        let running = std::mem::take(&mut *self.running.borrow_mut());
        running.values().flat_map(|one| &one.tasks).for_each(AbortHandle::abort);
        futures_util::future::join_all(running.values().map(|one| one.cluster.stop())).await;
    }

    /// An answer of EKS with the addresses where its clusters are really reached.
    pub(crate) fn addressed(&self, request: &Request, mut reply: Reply) -> Reply {
        if !request.path.starts_with("/clusters") || self.running.borrow().is_empty() {
            return reply;
        }
        let Ok(text) = std::str::from_utf8(&reply.body) else { return reply };
        let mut text = text.to_owned();
        for running in self.running.borrow().values() {
            text = text.replace(&running.place.endpoint(), &running.address);
        }
        reply.body = text.into();
        reply
    }
}

impl Running {
    /// Stops a cluster that is no more, with all that it had. Its folder gets another name at once: after a reset a
    /// new cluster may have the same id.
    fn end(self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        let gone = self.folder.as_ref().map(|folder| folder.with_extension(GONE));
        if let (Some(folder), Some(gone)) = (&self.folder, &gone) {
            // One that is still ending has nothing to lose but its note.
            let _ = fs::remove_dir_all(gone);
            match fs::rename(folder, gone) {
                Ok(()) => self.cluster.kubelet.moved(gone),
                Err(error) => {
                    tracing::warn!(%error, folder = %folder.display(), "a cluster's folder is left");
                }
            }
        }
        tokio::task::spawn_local(async move {
            self.cluster.stop().await;
            if let Some(gone) = gone {
                // What is left is swept at the next start.
                let _ = fs::remove_dir_all(gone);
            }
        });
    }
}

/// How the folder of a cluster ends that is no more.
const GONE: &str = "gone";

/// Removes what is left of clusters that are no more, with what still runs of them.
fn sweep(folder: &Path, places: &[Place]) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let stays =
            entry.file_name().to_str().is_some_and(|name| places.iter().any(|place| place.id == name));
        if !stays {
            Kubelet::sweep(&entry.path());
            // It is tried again at the next start.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Listens where the cluster listened before, if that can be had.
fn listen(folder: Option<&Path>) -> std::io::Result<TcpListener> {
    let file = folder.map(|folder| folder.join("port"));
    let before = file.as_ref().and_then(|file| fs::read_to_string(file).ok()?.trim().parse::<u16>().ok());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, before.unwrap_or(0)))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    if let Some(file) = file {
        fs::write(file, listener.local_addr()?.port().to_string())?;
    }
    Ok(listener)
}
