//! Services of type LoadBalancer: their load balancer in the world, and their door on loopback.
//!
//! What the AWS Load Balancer Controller (or the cloud controller manager) makes in AWS is made through the control
//! calls of [`crate::kubernetes`], so that it is in the world's log.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::deployment::annotate;
use super::{change, is_ready, put_status, target_port};
use crate::cluster::instance::Cluster;
use crate::cluster::json::{self, is_leaving, list, name, namespace, text};
use crate::cluster::kinds;
use crate::cluster::kubelet;
use crate::cluster::marks::URL;
use crate::cluster::selector::Labels;
use crate::cluster::store::Store;
use crate::wire::message::Request;

const ANNOTATION: &str = "service.beta.kubernetes.io/aws-load-balancer";

/// How the controllers hold a Service until what it has in AWS is gone.
const NETWORK: &str = "service.k8s.aws/resources";
const CLASSIC: &str = "service.kubernetes.io/load-balancer-cleanup";

/// Milliseconds until what was refused is tried again.
const AGAIN: i64 = 5_000;

/// What is known of the load balancers of Services.
#[derive(Debug, Default)]
pub(in crate::cluster) struct Balancers {
    /// When what was refused may be tried again, by uid.
    later: BTreeMap<String, i64>,
    /// The targets that were told to AWS, by uid.
    targets: BTreeMap<String, Vec<String>>,
}

pub(super) fn pass(cluster: &Rc<Cluster>) {
    let services = cluster.store.borrow().list("services", None);
    for service in &services {
        let wanted = text(service, "/spec/type") == "LoadBalancer" && !is_leaving(service);
        let held = [NETWORK, CLASSIC].into_iter().find(|one| has(service, one));
        match (wanted, held) {
            (true, None) => hold(cluster, service),
            (true, Some(_)) => keep(cluster, service),
            (false, Some(finalizer)) => release(cluster, service, finalizer),
            (false, None) => {}
        }
    }
}

fn has(service: &Value, finalizer: &str) -> bool {
    list(service, "/metadata/finalizers").iter().any(|one| one == finalizer)
}

/// Whose work a Service is: `external` and `nlb-ip` are for the AWS Load Balancer Controller.
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/>
fn is_network(service: &Value) -> bool {
    let kind = service["metadata"]["annotations"][format!("{ANNOTATION}-type")].as_str().unwrap_or_default();
    kind == "external"
        || kind == "nlb-ip"
        || text(service, "/spec/loadBalancerClass") == "service.k8s.aws/nlb"
}

fn hold(cluster: &Cluster, service: &Value) {
    let mut finalizers = list(service, "/metadata/finalizers").to_vec();
    finalizers.push(if is_network(service) { NETWORK } else { CLASSIC }.into());
    let body = json!({ "metadata": { "finalizers": finalizers } });
    change(&mut cluster.store.borrow_mut(), &kinds::known("", "Service"), service, &body);
}

/// Makes the load balancer, and keeps its targets.
fn keep(cluster: &Rc<Cluster>, service: &Rc<Value>) {
    if list(service, "/status/loadBalancer/ingress").is_empty() {
        make(cluster, service);
        return;
    }
    door(cluster, service);
    let targets = targets(&cluster.store.borrow(), service);
    let known = cluster.balancers.borrow().targets.get(json::uid(service)) == Some(&targets);
    if known || !is_network(service) {
        return;
    }
    let mut body = place(cluster, service);
    body["targets"] = json!(targets);
    if ask(cluster, "PUT", &body).is_ok() {
        cluster.balancers.borrow_mut().targets.insert(json::uid(service).to_owned(), targets);
    }
}

/// The addresses of the pods that are ready.
fn targets(store: &Store, service: &Value) -> Vec<String> {
    let pods = store.selected("pods", namespace(service), &Labels::equal(&service["spec"]["selector"]));
    let mut all: Vec<String> =
        pods.iter().filter(|pod| is_ready(pod)).map(|pod| text(pod, "/status/podIP").to_owned()).collect();
    all.sort();
    all
}

fn place(cluster: &Cluster, service: &Value) -> Value {
    json!({
        "account": cluster.place.account, "region": cluster.place.region, "cluster": cluster.place.name,
        "namespace": namespace(service), "name": name(service),
    })
}

fn make(cluster: &Rc<Cluster>, service: &Value) {
    let id = json::uid(service).to_owned();
    let now = json::wall().0;
    if cluster.balancers.borrow().later.get(&id).is_some_and(|later| now < *later) {
        return;
    }
    let annotation = |key: &str| service["metadata"]["annotations"][format!("{ANNOTATION}-{key}")].as_str();
    let internal = match annotation("scheme") {
        Some(scheme) => scheme != "internet-facing",
        None => is_network(service) || annotation("internal").is_some_and(|value| value == "true"),
    };
    let ports: Vec<&Value> = list(service, "/spec/ports").iter().map(|port| &port["port"]).collect();
    let mut body = place(cluster, service);
    body["load_balancer"] = if is_network(service) { "network" } else { "classic" }.into();
    body["internal"] = internal.into();
    body["ports"] = json!(ports);
    if let Some(subnets) = annotation("subnets") {
        body["subnets"] = subnets.split(',').map(str::trim).collect::<Vec<_>>().into();
    }
    if let Some(port) = pod_port(&cluster.store.borrow(), service) {
        body["target_port"] = port.into();
    }
    let asked = ask(cluster, "POST", &body).or_else(|why| match why.starts_with("AlreadyExists") {
        // Made by a sandbox that was killed before it wrote that down.
        true => ask(cluster, "PUT", &place(cluster, service)),
        false => Err(why),
    });
    match asked {
        Ok(made) => {
            let status = json!({ "loadBalancer": { "ingress": [{ "hostname": made["dns_name"] }] } });
            put_status(&mut cluster.store.borrow_mut(), &kinds::known("", "Service"), service, status);
        }
        Err(why) => {
            kubelet::event(cluster, service, "Warning", ("FailedDeployModel", &why));
            cluster.balancers.borrow_mut().later.insert(id, now + AGAIN);
        }
    }
}

/// The port of the pods behind the first port: as a pod has it that is selected, or one that is to come.
fn pod_port(store: &Store, service: &Value) -> Option<u16> {
    let port = list(service, "/spec/ports").first()?;
    let selector = Labels::equal(&service["spec"]["selector"]);
    let pods = store.selected("pods", namespace(service), &selector);
    let coming = store.list("deployments.apps", Some(namespace(service)));
    let mut templates = coming.iter().map(|one| &one["spec"]["template"]).filter(|one| selector.matches(one));
    pods.iter()
        .find_map(|pod| target_port(port, pod))
        .or_else(|| templates.find_map(|one| target_port(port, one)))
}

/// The door to the first port, written down where people look for it.
fn door(cluster: &Rc<Cluster>, service: &Value) {
    let port = list(service, "/spec/ports").first().and_then(|port| port["port"].as_u64());
    let Some(port) = port.and_then(|port| u16::try_from(port).ok()) else { return };
    let before = service["metadata"]["annotations"][URL].as_str();
    let wish = before.and_then(|url| url.rsplit(':').next()?.parse().ok());
    let Ok(open) = cluster.doors.open(cluster, Cluster::route_to(service, port), wish) else { return };
    let url = format!("http://127.0.0.1:{open}");
    let resource = kinds::known("", "Service");
    annotate(&mut cluster.store.borrow_mut(), &resource, service, &[(URL, Some(url))]);
}

/// Removes what a Service has, and lets it go.
fn release(cluster: &Rc<Cluster>, service: &Value, finalizer: &str) {
    let id = json::uid(service).to_owned();
    let now = json::wall().0;
    if cluster.balancers.borrow().later.get(&id).is_some_and(|later| now < *later) {
        return;
    }
    if let Err(why) = ask(cluster, "DELETE", &place(cluster, service)) {
        kubelet::event(cluster, service, "Warning", ("FailedCleanup", &why));
        cluster.balancers.borrow_mut().later.insert(id, now + AGAIN);
        return;
    }
    for port in list(service, "/spec/ports").iter().filter_map(|port| port["port"].as_u64()) {
        cluster.doors.close(&Cluster::route_to(service, u16::try_from(port).unwrap_or(0)));
    }
    let mut balancers = cluster.balancers.borrow_mut();
    balancers.targets.remove(&id);
    balancers.later.remove(&id);
    let left: Vec<&Value> =
        list(service, "/metadata/finalizers").iter().filter(|one| *one != finalizer).collect();
    let store = &mut cluster.store.borrow_mut();
    let resource = kinds::known("", "Service");
    if !is_leaving(service) {
        annotate(store, &resource, service, &[(URL, None)]);
        put_status(store, &resource, service, json!({ "loadBalancer": {} }));
    }
    change(store, &resource, service, &json!({ "metadata": { "finalizers": left } }));
}

/// A control call of the sandbox.
fn ask(cluster: &Cluster, method: &str, body: &Value) -> Result<Value, String> {
    let request = Request {
        method: method.to_owned(),
        path: "/_sandbox/kubernetes/services".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: body.to_string().into(),
    };
    let reply = cluster.owner.borrow_mut().handle(&request, json::wall()).reply;
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.status < 300 { Ok(answer) } else { Err(text(&answer, "/error").to_owned()) }
}
