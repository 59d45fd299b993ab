//! What a cluster has from its beginning.

use serde_json::json;

use super::make;
use crate::cluster::instance::Cluster;
use crate::cluster::kinds;
use crate::cluster::store::Key;

const SPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Makes what is missing of it.
pub(super) fn begin(cluster: &Cluster) {
    let store = &mut cluster.store.borrow_mut();
    if !store.is_empty() {
        return;
    }
    for space in SPACES {
        make(store, &kinds::known("", "Namespace"), "", json!({ "metadata": { "name": space } }));
    }
    let address = store.service_range.hosts().next().map(|address| address.to_string());
    let service = json!({
        "metadata": { "name": "kubernetes", "labels": { "component": "apiserver", "provider": "kubernetes" } },
        "spec": {
            "clusterIP": address,
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 443 }],
        },
    });
    if store.get(&Key::new("services", "default", "kubernetes")).is_none() {
        make(store, &kinds::known("", "Service"), "default", service);
    }
}
