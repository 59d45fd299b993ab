//! One cluster.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::controllers::Balancers;
use super::kubelet::Kubelet;
use super::network::Doors;
use super::place::Place;
use super::store::Store;
use crate::owner::Owner;

/// A cluster that runs.
pub(super) struct Cluster {
    pub(super) place: Place,
    pub(super) store: Rc<RefCell<Store>>,
    /// The AWS that it is in.
    pub(super) owner: Rc<RefCell<Owner>>,
    /// Where that AWS is reached (`127.0.0.1:4566`).
    pub(super) aws: String,
    pub(super) kubelet: Kubelet,
    pub(super) doors: Doors,
    pub(super) balancers: RefCell<Balancers>,
}

impl Cluster {
    /// Opens the cluster of a place, with the objects of its folder.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub(super) fn open(
        place: Place,
        (owner, aws): (Rc<RefCell<Owner>>, String),
        folder: Option<&PathBuf>,
    ) -> std::io::Result<Self> {
        let seed = u64::from_str_radix(place.id.get(..16).unwrap_or("1"), 16).unwrap_or(1);
        let mut store = Store::open(folder.map(PathBuf::as_path), seed)?;
        let range =
            place.cluster(owner.borrow().world()).and_then(|cluster| cluster.service_cidr.parse().ok());
        store.service_range = range.unwrap_or(store.service_range);
        let kubelet = Kubelet::new(folder.cloned(), &place.id);
        let store = Rc::new(RefCell::new(store));
        Ok(Self { place, store, owner, aws, kubelet, doors: Doors::default(), balancers: RefCell::default() })
    }

    /// Ends all that runs in it.
    pub(super) async fn stop(&self) {
        self.doors.close_all();
        self.kubelet.stop().await;
    }

    /// Its Kubernetes version, `1.33`.
    pub(super) fn version(&self) -> String {
        let owner = self.owner.borrow();
        self.place.cluster(owner.world()).map(|cluster| cluster.version.clone()).unwrap_or_default()
    }
}
