//! Where names of a cluster lead: Services, and records of private zones that lead to their load balancers.

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use serde_json::Value;

use crate::cluster::controllers::{is_ready, target_port};
use crate::cluster::instance::Cluster;
use crate::cluster::json::{list, name, namespace, text};
use crate::cluster::marks::ADDRESS;
use crate::cluster::selector::Labels;
use crate::cluster::store::Key;
use crate::services::route53::Zone;

/// How something in a cluster is addressed: by whom (a namespace), by which name, at which port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cluster) struct Route {
    pub(in crate::cluster) namespace: String,
    pub(in crate::cluster) host: String,
    pub(in crate::cluster) port: u16,
}

/// A URL as it is on loopback, if its name is one that only the cluster (or its VPC) knows.
pub(in crate::cluster) fn on_loopback(cluster: &Rc<Cluster>, namespace: &str, url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (place, path) = rest.split_at(end);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (place, 80),
    };
    let route = Route { namespace: namespace.to_owned(), host: host.to_owned(), port };
    if route.service(cluster).is_none() && !is_private(cluster, host) {
        return None;
    }
    let door = cluster.doors.open(cluster, route, None).ok()?;
    Some(format!("http://127.0.0.1:{door}{path}"))
}

/// What a URL or a name that only the cluster (or its VPC) knows is on loopback; nothing for anything else. A private
/// name is known when its record leads to a Service.
pub(in crate::cluster) fn named_on_loopback(
    cluster: &Rc<Cluster>,
    namespace: &str,
    text: &str,
) -> Option<String> {
    if text.contains("://") {
        return on_loopback(cluster, namespace, text);
    }
    let route = Route { namespace: namespace.to_owned(), host: text.to_owned(), port: 80 };
    let service = match route.service(cluster) {
        Some((space, name)) => cluster.store.borrow().get(&Key::new("services", &space, &name)).cloned(),
        None => leads_to(cluster, text).and_then(|balancer| behind(cluster, &balancer)),
    };
    service.map(|_| Ipv4Addr::LOCALHOST.to_string())
}

/// Whether a name is one of a private zone that the cluster's VPC sees; the record may come later.
fn is_private(cluster: &Cluster, host: &str) -> bool {
    let host = format!("{}.", host.to_lowercase());
    zones(cluster).iter().any(|zone| host == zone.name || host.ends_with(&format!(".{}", zone.name)))
}

/// The private zones that the cluster's VPC sees.
fn zones(cluster: &Cluster) -> Vec<Zone> {
    let owner = cluster.owner.borrow();
    let (world, place) = (owner.world(), &cluster.place);
    let Some(vpc) = place.cluster(world).map(|found| found.network.vpc.clone()) else { return Vec::new() };
    let Some(account) = world.accounts.get(&place.account) else { return Vec::new() };
    let seen = |zone: &&Zone| zone.private && zone.vpcs.iter().any(|(_, id)| *id == vpc);
    account.route53.zones.values().filter(seen).cloned().collect()
}

/// What a name's record leads to: the name of its alias, or of its CNAME.
fn leads_to(cluster: &Cluster, host: &str) -> Option<String> {
    let host = format!("{}.", host.to_lowercase());
    let zones = zones(cluster);
    let mut records =
        zones.iter().flat_map(|zone| zone.records.values()).filter(|record| record.name() == host);
    records.find_map(|record| {
        let alias = text(&record.0, "/AliasTarget/DNSName");
        let name = if alias.is_empty() && record.kind() == "CNAME" {
            text(&record.0, "/ResourceRecords/0/Value")
        } else {
            alias
        };
        (!name.is_empty()).then(|| name.trim_end_matches('.').to_lowercase())
    })
}

impl Route {
    /// Namespace and name of the Service that the name means in the cluster: `web`, `web.shop`, `web.shop.svc`, …
    fn service(&self, cluster: &Cluster) -> Option<(String, String)> {
        let host = self.host.trim_end_matches(".cluster.local").trim_end_matches(".svc");
        let (name, space) = match host.split_once('.') {
            Some((name, space)) if !space.contains('.') => (name, space),
            Some(_) => return None,
            None => (host, self.namespace.as_str()),
        };
        // A name without dots is one of the cluster, also before its Service is there.
        let known = cluster.store.borrow().get(&Key::new("services", space, name)).is_some();
        (known || !self.host.contains('.') || self.host.contains(".svc"))
            .then(|| (space.to_owned(), name.to_owned()))
    }

    /// Where connections go now: the ready pods behind the name.
    pub(super) fn pods(&self, cluster: &Cluster) -> Vec<SocketAddr> {
        let service = match self.service(cluster) {
            Some((space, name)) => cluster.store.borrow().get(&Key::new("services", &space, &name)).cloned(),
            None => leads_to(cluster, &self.host).and_then(|balancer| behind(cluster, &balancer)),
        };
        service.map(|service| ready(cluster, &service, self.port)).unwrap_or_default()
    }
}

/// The Service whose load balancer has a name.
fn behind(cluster: &Cluster, balancer: &str) -> Option<Rc<Value>> {
    // An alias may say `dualstack.` before it.
    let balancer = balancer.trim_start_matches("dualstack.");
    let services = cluster.store.borrow().list("services", None);
    services.into_iter().find(|service| {
        let ingress = list(service, "/status/loadBalancer/ingress");
        ingress.iter().any(|one| text(one, "/hostname").to_lowercase() == balancer)
    })
}

/// The ready pods of a Service that listen behind one of its ports.
fn ready(cluster: &Cluster, service: &Value, port: u16) -> Vec<SocketAddr> {
    let Some(port) = list(service, "/spec/ports").iter().find(|one| one["port"] == port) else {
        return Vec::new();
    };
    let selector = Labels::equal(&service["spec"]["selector"]);
    if selector.is_empty() {
        return Vec::new();
    }
    let pods = cluster.store.borrow().selected("pods", namespace(service), &selector);
    let address = |pod: &Rc<Value>| -> Option<SocketAddr> {
        let mark = pod["metadata"]["annotations"][ADDRESS].as_str()?;
        let listens: u16 = mark.rsplit(':').next()?.parse().ok()?;
        // A port that the process does not listen on leads nowhere, as on a node.
        let wanted = target_port(port, pod)?;
        let declared = list(pod, "/spec/containers").iter().flat_map(|one| list(one, "/ports"));
        let declared =
            declared.filter_map(|one| one["containerPort"].as_u64()).any(|one| one == u64::from(wanted));
        declared.then(|| (Ipv4Addr::LOCALHOST, listens).into())
    };
    pods.iter().filter(|pod| is_ready(pod)).filter_map(address).collect()
}

impl Cluster {
    /// The route to a port of a Service.
    pub(in crate::cluster) fn route_to(service: &Value, port: u16) -> Route {
        let host = format!("{}.{}.svc", name(service), namespace(service));
        Route { namespace: namespace(service).to_owned(), host, port }
    }
}
