//! Doors: listeners on loopback that pass connections on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::route::Route;
use crate::cluster::instance::Cluster;

/// The doors of a cluster, by what they lead to.
#[derive(Default)]
pub(in crate::cluster) struct Doors {
    open: RefCell<BTreeMap<Route, (u16, AbortHandle)>>,
}

impl Doors {
    /// The port of the door to something; it is opened if it is not, at a port of its own choice if that can be had.
    ///
    /// # Errors
    /// When no port can be had.
    pub(in crate::cluster) fn open(
        &self,
        cluster: &Rc<Cluster>,
        route: Route,
        wish: Option<u16>,
    ) -> io::Result<u16> {
        if let Some((port, _)) = self.open.borrow().get(&route) {
            return Ok(*port);
        }
        let bind = |port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = match wish {
            Some(port) => bind(port).or_else(|_| bind(0))?,
            None => bind(0)?,
        };
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = TcpListener::from_std(listener)?;
        let task = tokio::task::spawn_local(serve(listener, Rc::downgrade(cluster), route.clone()));
        self.open.borrow_mut().insert(route, (port, task.abort_handle()));
        Ok(port)
    }

    /// Closes a door, if it is open.
    pub(in crate::cluster) fn close(&self, route: &Route) {
        if let Some((_, task)) = self.open.borrow_mut().remove(route) {
            task.abort();
        }
    }

    /// Closes all doors.
    pub(in crate::cluster) fn close_all(&self) {
        for (_, (_, task)) in std::mem::take(&mut *self.open.borrow_mut()) {
            task.abort();
        }
    }
}

async fn serve(listener: TcpListener, cluster: Weak<Cluster>, route: Route) {
    let next = Rc::new(Cell::new(0_usize));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (cluster, route, next) = (Weak::clone(&cluster), route.clone(), Rc::clone(&next));
                tokio::task::spawn_local(async move {
                    if let Err(error) = pass(stream, &cluster, &route, &next).await {
                        tracing::debug!(%error, "a connection through a door ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection was accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Passes a connection on to the next pod in turn that takes it. Where none does, it ends, as a load balancer without
/// a healthy target ends it.
async fn pass(
    mut stream: TcpStream,
    cluster: &Weak<Cluster>,
    route: &Route,
    next: &Cell<usize>,
) -> io::Result<()> {
    let pods = cluster.upgrade().map(|cluster| route.pods(&cluster)).unwrap_or_default();
    let first = next.get();
    next.set(first.wrapping_add(1));
    for at in 0..pods.len() {
        let address = pods[(first.wrapping_add(at)) % pods.len()];
        if let Ok(mut pod) = TcpStream::connect(address).await {
            let _ = (stream.set_nodelay(true), pod.set_nodelay(true));
            tokio::io::copy_bidirectional(&mut stream, &mut pod).await?;
            return Ok(());
        }
    }
    Ok(())
}
